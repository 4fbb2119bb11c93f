/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * udp - what datagrams carry between this machine and the peer.
 *
 * mode stream: numbered datagrams at a rate or as fast as they go; the figures are what the receiver got, and
 * what became of the rest. mode request-response: one datagram each way at a time, as Netperf's UDP_RR has
 * it; the figures are transactions and the bits they carry.
 */
#include "udp.h"

#include "datagram.h"

static const char *const modes[] = {"stream", "request-response", NULL};
static const char *const directions[] = {"send", "receive", "both", NULL};

static const struct vms_param params[UDP_N_PARAMS] = {
    [UDP_MODE] = {.name = "mode",
                  .kind = VMS_CHOICE,
                  .fallback = "stream",
                  .choices = modes,
                  .help = "What is measured: a stream one way, or request and response in turn."},
    [UDP_SECONDS] = {.name = "seconds",
                     .kind = VMS_SECONDS,
                     .fallback = "10",
                     .min = "1ms",
                     .max = "24h",
                     .help = "How long a trial measures, where bytes or count do not end it."},
    [UDP_WARMUP] = {.name = "warmup",
                    .kind = VMS_SECONDS,
                    .fallback = "0",
                    .max = "1h",
                    .help = "Time before that, which is left out of the figures."},
    [UDP_BYTES] = {.name = "bytes",
                   .kind = VMS_BYTES,
                   .fallback = "0",
                   .max = "1000TB",
                   .help = "Mode stream: bytes to send in each direction; 0: seconds decide."},
    [UDP_COUNT] = {.name = "count",
                   .kind = VMS_COUNT,
                   .fallback = "0",
                   .help = "Mode request-response: transactions to try; 0: seconds decide."},
    [UDP_MESSAGE_SIZE] = {.name = "message_size",
                          .kind = VMS_BYTES,
                          .fallback = "1",
                          .min = "1",
                          .max = "65507",
                          .help =
                              "Mode request-response: bytes of a request's datagram, and of a response's."},
    [UDP_REQUEST_SIZE] = {.name = "request_size",
                          .kind = VMS_BYTES,
                          .fallback = "0",
                          .max = "65507",
                          .help = "Bytes of a request, where it differs; 0: message_size."},
    [UDP_RESPONSE_SIZE] = {.name = "response_size",
                           .kind = VMS_BYTES,
                           .fallback = "0",
                           .max = "65507",
                           .help = "Bytes of a response, where it differs; 0: message_size."},
    [UDP_TIMEOUT] = {.name = "timeout",
                     .kind = VMS_SECONDS,
                     .fallback = "1",
                     .min = "1ms",
                     .max = "60",
                     .help = "Mode request-response: after this time without response, one is lost."},
    [UDP_BURST] = {.name = "burst",
                   .kind = VMS_COUNT,
                   .fallback = "1",
                   .min = "1",
                   .max = "64",
                   .help = "Mode request-response: transactions under way at the same time."},
    [UDP_TRANSACTION_RATE] = {.name = "transaction_rate",
                              .kind = VMS_COUNT,
                              .fallback = "0",
                              .max = "10000000",
                              .help = "Transactions to begin per second; latency counts from when one was "
                                      "due. 0: as soon as there is room."},
    [UDP_BUSY_POLL] = {.name = "busy_poll",
                       .kind = VMS_BOOLEAN,
                       .fallback = "false",
                       .help = "Mode request-response: both sides ask the socket over and over, without "
                               "sleeping."},
    [UDP_DATAGRAM_SIZE] = {.name = "datagram_size",
                           .kind = VMS_BYTES,
                           .fallback = "1448",
                           .min = "32",
                           .max = "65507",
                           .help = "Mode stream: bytes of a datagram's payload; 32 of them are its number, "
                                   "cookie and time."},
    [UDP_RATE] = {.name = "rate",
                  .kind = VMS_RATE,
                  .fallback = "0",
                  .min = "0",
                  .help =
                      "Mode stream: payload to send per second in each direction; 0: as fast as possible."},
    [UDP_DIRECTION] = {.name = "direction",
                       .kind = VMS_CHOICE,
                       .fallback = "send",
                       .choices = directions,
                       .help = "Mode stream: whether this side sends, receives, or both at the same time."},
    [UDP_BATCH] = {.name = "batch",
                   .kind = VMS_COUNT,
                   .fallback = "64",
                   .min = "1",
                   .max = "1024",
                   .help = "Mode stream: datagrams given to the kernel, or asked of it, in one call."},
    [UDP_OFFLOAD] = {.name = "offload",
                     .kind = VMS_BOOLEAN,
                     .fallback = "true",
                     .help = "Mode stream: let a batch go through the kernel joined (UDP_SEGMENT, UDP_GRO) "
                             "where it can; the trial tells whether it did."},
    [UDP_INTERVAL] = {.name = "interval",
                      .kind = VMS_SECONDS,
                      .fallback = "1",
                      .max = "1h",
                      .help =
                          "Mode stream: length of the intervals whose rates are kept (the first 1000); 0: "
                          "none."},
    [UDP_SEND_BUFFER] = {.name = "send_buffer",
                         .kind = VMS_BYTES,
                         .fallback = "0",
                         .max = "1GiB",
                         .help = "SO_SNDBUF on both sides; 0: the kernel's own."},
    [UDP_RECEIVE_BUFFER] = {.name = "receive_buffer",
                            .kind = VMS_BYTES,
                            .fallback = "0",
                            .max = "1GiB",
                            .help = "SO_RCVBUF on both sides; 0: the kernel's own."},
    [UDP_PORT] = {.name = "port",
                  .kind = VMS_COUNT,
                  .fallback = "0",
                  .max = "65535",
                  .help = "The peer's port for datagrams; 0: any free one."},
    [UDP_CPUS] = {.name = "cpus",
                  .kind = VMS_TEXT,
                  .fallback = "",
                  .help = "Processors that this side may use, such as \"0,2-3\"; \"\": all."},
    [UDP_PEER_CPUS] = {.name = "peer_cpus",
                       .kind = VMS_TEXT,
                       .fallback = "",
                       .help = "Processors that the peer may use; \"\": all."},
};

static const struct vms_metric metrics[UDP_N_METRICS] = {
    [UDP_GOODPUT] = {"goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "Payload that came, duplicates left out, from the first arrival to the last."},
    [UDP_PACKETS] = {"packets", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "Datagrams that came, duplicates left out."},
    [UDP_SENDER_RATE] = {"sender_rate", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER,
                         "Payload given to the kernel, on the sender's clock."},
    [UDP_LOSS] = {"loss", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                  "Part of the datagrams, or of the transactions, that was lost."},
    [UDP_JITTER] = {"jitter", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                    "Interarrival jitter at the end of the stream (RFC 3550, section 6.4.1)."},
    [UDP_LOST] = {"lost", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                  "Number of datagrams, or of transactions, that were lost."},
    [UDP_LOST_IN_SENDER] = {"lost_in_sender", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                            "Of the lost, those that the sender's queue had no room for."},
    [UDP_LOST_IN_NETWORK] = {"lost_in_network", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                             "Of the lost, the rest."},
    [UDP_LOST_IN_RECEIVER] = {"lost_in_receiver", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                              "Of the lost, those that the receiver's socket had no room for; not told where "
                              "it dropped joined ones, which the kernel counts as one."},
    [UDP_DUPLICATES] = {"duplicates", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                        "Number of datagrams that had come before."},
    [UDP_REORDERED] = {"reordered", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                       "Number of datagrams that came after a later one (RFC 4737, section 3.3)."},
    [UDP_INTERVAL_GOODPUT] = {"interval_goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_DISTRIBUTION,
                              VMS_RECEIVER, "Payload that came in each interval, in their order."},
    [UDP_SENDER_CPU] = {"sender_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                        "Processor time of the sending thread for 10^9 bytes that came."},
    [UDP_RECEIVER_CPU] = {"receiver_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                          "Processor time of the receiving thread for 10^9 bytes."},
    [UDP_TRANSACTIONS] = {"transactions", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                          "Completed request-response transactions."},
    [UDP_THROUGHPUT] = {"throughput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                        "Payload of requests and responses together."},
    [UDP_THROUGHPUT_SENT] = {"throughput_sent", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                             "Payload of requests."},
    [UDP_THROUGHPUT_RECEIVED] = {"throughput_received", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR,
                                 VMS_LOCAL, "Payload of responses."},
    [UDP_ROUND_TRIP_TIME] = {"round_trip_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                             "From sending a request to having its response; lost ones left out."},
};

static int probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    cpu_set_t set;
    int status = net_cpus_parse(values[UDP_CPUS].text, &set, error);

    (void)host;
    return status < 0 ? status : net_cpus_parse(values[UDP_PEER_CPUS].text, &set, error);
}

static int run_measure(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    int status = udp_connect(host, values, &fd, error);

    if (status < 0)
        return status;
    return values[UDP_MODE].choice == UDP_MODE_STREAM ? udp_stream_measure(host, values, fd, error)
                                                      : udp_request_measure(host, values, fd, error);
}

static int run_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    int status = udp_accept(host, values, &fd, error);

    if (status < 0)
        return status;
    return values[UDP_MODE].choice == UDP_MODE_STREAM ? udp_stream_serve(host, values, fd, error)
                                                      : udp_request_serve(host, values, fd, error);
}

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)state;
    return net_run_placed(host, values, values[UDP_CPUS].text, run_measure, error);
}

static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    return net_run_placed(host, values, values[UDP_PEER_CPUS].text, run_serve, error);
}

/* What a network of 1 Gbit/s with a round trip of 100 us would take. */
static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    const double bytes_per_second = 125e6, round_trip = 100e-6;
    bool is_stream = values[UDP_MODE].choice == UDP_MODE_STREAM;
    double rate = values[UDP_RATE].rate > 0 ? values[UDP_RATE].rate / 8 : bytes_per_second;
    uint64_t both_sizes = values[UDP_MESSAGE_SIZE].bytes;
    uint64_t request = values[UDP_REQUEST_SIZE].bytes, response = values[UDP_RESPONSE_SIZE].bytes;
    double size =
        (double)(request > 0 ? request : both_sizes) + (double)(response > 0 ? response : both_sizes);

    if (is_stream) {
        double bytes = (double)values[UDP_BYTES].bytes;
        bool both = values[UDP_DIRECTION].choice == UDP_BOTH;

        ret->seconds = bytes > 0 ? bytes / rate : values[UDP_SECONDS].seconds;
        ret->traffic = (uint64_t)((both ? 2 : 1) * ret->seconds * rate + 0.5);
        ret->memory = values[UDP_BATCH].count * values[UDP_DATAGRAM_SIZE].bytes;
    } else {
        double count = (double)values[UDP_COUNT].count, each = size / bytes_per_second + round_trip;

        ret->seconds = count > 0 ? count * each : values[UDP_SECONDS].seconds;
        ret->traffic = (uint64_t)(ret->seconds / each * size + 0.5);
        ret->memory = sizeof(double) * NET_LATENCIES_MAX;
    }
    ret->seconds += values[UDP_WARMUP].seconds;
}

VMS_EXPORT const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module),
    .name = "udp",
    .summary = "Datagrams between this machine and the peer: streams, or requests and responses",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = UDP_N_PARAMS,
    .metrics = metrics,
    .n_metrics = UDP_N_METRICS,
    .probe = probe,
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
};
