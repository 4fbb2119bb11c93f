/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tcp - what a TCP connection carries between this machine and the peer.
 *
 * mode stream: as many bytes as fit into a time, or a number of bytes as fast as they go; the figure is what
 * the receiver has read, on the receiver's clock. mode request-response: one message each way at a time, as
 * Netperf's TCP_RR has it; the figures are transactions and the bits they carry.
 */
#include "options.h"

#include <errno.h>

static const char *const modes[] = {"stream", "request-response", NULL};
static const char *const directions[] = {"send", "receive", "both", NULL};

static const struct vms_param params[TCP_N_PARAMS] = {
    [TCP_MODE] = {.name = "mode",
                  .kind = VMS_CHOICE,
                  .fallback = "stream",
                  .choices = modes,
                  .help = "What is measured: a stream one way, or request and response in turn."},
    [TCP_SECONDS] = {.name = "seconds",
                     .kind = VMS_SECONDS,
                     .fallback = "10",
                     .min = "1ms",
                     .max = "24h",
                     .help = "How long a trial measures, where bytes or count do not end it."},
    [TCP_WARMUP] = {.name = "warmup",
                    .kind = VMS_SECONDS,
                    .fallback = "0",
                    .max = "1h",
                    .help = "Time before that, which is left out of the figures; not with bytes."},
    [TCP_BYTES] = {.name = "bytes",
                   .kind = VMS_BYTES,
                   .fallback = "0",
                   .max = "1000TB",
                   .help =
                       "Mode stream: bytes to send in each direction, over all streams; 0: seconds decide."},
    [TCP_COUNT] = {.name = "count",
                   .kind = VMS_COUNT,
                   .fallback = "0",
                   .help = "Mode request-response: transactions to do; 0: seconds decide."},
    [TCP_MESSAGE_SIZE] = {.name = "message_size",
                          .kind = VMS_BYTES,
                          .fallback = "1",
                          .min = "1",
                          .max = "1GiB",
                          .help = "Mode request-response: bytes of a request, and of a response."},
    [TCP_REQUEST_SIZE] = {.name = "request_size",
                          .kind = VMS_BYTES,
                          .fallback = "0",
                          .max = "1GiB",
                          .help = "Bytes of a request, where it differs; 0: message_size."},
    [TCP_RESPONSE_SIZE] = {.name = "response_size",
                           .kind = VMS_BYTES,
                           .fallback = "0",
                           .max = "1GiB",
                           .help = "Bytes of a response, where it differs; 0: message_size."},
    [TCP_BURST] = {.name = "burst",
                   .kind = VMS_COUNT,
                   .fallback = "1",
                   .min = "1",
                   .max = "64",
                   .help = "Mode request-response: transactions under way at the same time."},
    [TCP_TRANSACTION_RATE] = {.name = "transaction_rate",
                              .kind = VMS_COUNT,
                              .fallback = "0",
                              .max = "10000000",
                              .help = "Transactions to begin per second; latency counts from when one was "
                                      "due. 0: as soon as there is room."},
    [TCP_BUSY_POLL] = {.name = "busy_poll",
                       .kind = VMS_BOOLEAN,
                       .fallback = "false",
                       .help = "Mode request-response: both sides ask the socket over and over, without "
                               "sleeping."},
    [TCP_STREAMS] = {.name = "streams",
                     .kind = VMS_COUNT,
                     .fallback = "1",
                     .min = "1",
                     .max = "64",
                     .help = "Mode stream: connections at the same time in each direction, a thread each."},
    [TCP_DIRECTION] = {.name = "direction",
                       .kind = VMS_CHOICE,
                       .fallback = "send",
                       .choices = directions,
                       .help = "Mode stream: whether this side sends, receives, or both at the same time."},
    [TCP_BLOCK_SIZE] = {.name = "block_size",
                        .kind = VMS_BYTES,
                        .fallback = "128KiB",
                        .min = "1",
                        .max = "64MiB",
                        .help = "Mode stream: bytes given to the kernel, or asked of it, in one call."},
    [TCP_INTERVAL] = {.name = "interval",
                      .kind = VMS_SECONDS,
                      .fallback = "1",
                      .max = "1h",
                      .help =
                          "Mode stream: length of the intervals whose rates are kept (the first 1000); 0: "
                          "none."},
    [TCP_ZEROCOPY] = {.name = "zerocopy",
                      .kind = VMS_BOOLEAN,
                      .fallback = "false",
                      .help = "Mode stream: send with MSG_ZEROCOPY; the trial tells what was copied still."},
    [TCP_PACING_RATE] = {.name = "pacing_rate",
                         .kind = VMS_RATE,
                         .fallback = "0",
                         .help = "Upper limit of each connection's rate (SO_MAX_PACING_RATE); 0: none."},
    [TCP_NO_DELAY] = {.name = "no_delay",
                      .kind = VMS_BOOLEAN,
                      .fallback = "true",
                      .help = "Whether small segments go out at once (TCP_NODELAY)."},
    [TCP_CONGESTION_CONTROL] = {.name = "congestion_control",
                                .kind = VMS_TEXT,
                                .fallback = "",
                                .help = "Congestion control, such as \"cubic\"; \"\": each kernel's own."},
    [TCP_SEGMENT_SIZE] = {.name = "mss",
                          .kind = VMS_BYTES,
                          .fallback = "0",
                          .max = "32767",
                          .help =
                              "Largest segment's payload (TCP_MAXSEG), 88 or more; 0: as the path allows."},
    [TCP_SEND_BUFFER] = {.name = "send_buffer",
                         .kind = VMS_BYTES,
                         .fallback = "0",
                         .max = "1GiB",
                         .help = "SO_SNDBUF on both sides; 0: the kernel's own, which grows as needed."},
    [TCP_RECEIVE_BUFFER] = {.name = "receive_buffer",
                            .kind = VMS_BYTES,
                            .fallback = "0",
                            .max = "1GiB",
                            .help = "SO_RCVBUF on both sides; 0: the kernel's own, which grows as needed."},
    [TCP_PORT] = {.name = "port",
                  .kind = VMS_COUNT,
                  .fallback = "0",
                  .max = "65535",
                  .help = "The peer's port for data connections; 0: any free one."},
    [TCP_CPUS] = {.name = "cpus",
                  .kind = VMS_TEXT,
                  .fallback = "",
                  .help = "Processors that this side may use, such as \"0,2-3\"; \"\": all."},
    [TCP_PEER_CPUS] = {.name = "peer_cpus",
                       .kind = VMS_TEXT,
                       .fallback = "",
                       .help = "Processors that the peer may use; \"\": all."},
};

static const struct vms_metric metrics[TCP_N_METRICS] = {
    [TCP_GOODPUT] = {"goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "What the receivers read, from the first data's arrival to the last's."},
    [TCP_SENDER_RATE] = {"sender_rate", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER,
                         "What the senders gave to their kernel, on their clock."},
    [TCP_INTERVAL_GOODPUT] = {"interval_goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_DISTRIBUTION,
                              VMS_RECEIVER, "The same in each interval, in their order."},
    [TCP_RETRANSMITS] = {"retransmits", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                         "Number of segments that were sent again, warm-up and all."},
    [TCP_SMOOTHED_RTT] = {"smoothed_rtt", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                          "The kernel's smoothed round trip time at the end of the stream, under its load."},
    [TCP_SENDER_CPU] = {"sender_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                        "Processor time of the sending threads for 10^9 bytes."},
    [TCP_RECEIVER_CPU] = {"receiver_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                          "Processor time of the receiving threads for 10^9 bytes."},
    [TCP_TRANSACTIONS] = {"transactions", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                          "Completed request-response transactions."},
    [TCP_THROUGHPUT] = {"throughput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                        "Payload of requests and responses together."},
    [TCP_THROUGHPUT_SENT] = {"throughput_sent", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                             "Payload of requests."},
    [TCP_THROUGHPUT_RECEIVED] = {"throughput_received", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR,
                                 VMS_LOCAL, "Payload of responses."},
    [TCP_ROUND_TRIP_TIME] = {"round_trip_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                             "From sending a request to having all of its response."},
};

static int probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    cpu_set_t set;
    int status = net_cpus_parse(values[TCP_CPUS].text, &set, error);

    (void)host;
    if (status == 0)
        status = net_cpus_parse(values[TCP_PEER_CPUS].text, &set, error);
    if (status == 0 && values[TCP_BYTES].bytes > 0 && values[TCP_WARMUP].seconds > 0)
        return net_fail(error, -EINVAL, "warmup cannot be used with bytes: give seconds instead");
    if (status == 0 && values[TCP_SEGMENT_SIZE].bytes > 0 && values[TCP_SEGMENT_SIZE].bytes < 88)
        return net_fail(error, -EINVAL, "mss is at least 88 bytes, or 0");
    return status < 0 ? status : tcp_options_probe(values, error);
}

static void close_all(const union vms_value *values, int *fds) {
    for (size_t i = 0; i < tcp_connections(values); i++)
        net_close(&fds[i]);
}

static int run_measure(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    int fds[TCP_CONNECTIONS_MAX];
    int status = tcp_connect_all(host, values, fds, error);

    if (status < 0)
        return status;
    status = values[TCP_MODE].choice == TCP_MODE_STREAM ? tcp_stream_measure(host, values, fds, error)
                                                        : tcp_request_measure(host, values, fds[0], error);
    close_all(values, fds);
    return status;
}

static int run_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    int fds[TCP_CONNECTIONS_MAX];
    int status = tcp_accept_all(host, values, fds, error);

    if (status < 0)
        return status;
    status = values[TCP_MODE].choice == TCP_MODE_STREAM ? tcp_stream_serve(host, values, fds, error)
                                                        : tcp_request_serve(host, values, fds[0], error);
    close_all(values, fds);
    return status;
}

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)state;
    return net_run_placed(host, values, values[TCP_CPUS].text, run_measure, error);
}

static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    return net_run_placed(host, values, values[TCP_PEER_CPUS].text, run_serve, error);
}

static double transaction_bytes(const union vms_value *values) {
    uint64_t both = values[TCP_MESSAGE_SIZE].bytes;
    uint64_t request = values[TCP_REQUEST_SIZE].bytes, response = values[TCP_RESPONSE_SIZE].bytes;

    return (double)(request > 0 ? request : both) + (double)(response > 0 ? response : both);
}

/* What a network of 1 Gbit/s with a round trip of 100 us would take. */
static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    const double bytes_per_second = 125e6, round_trip = 100e-6;
    bool is_stream = values[TCP_MODE].choice == TCP_MODE_STREAM;
    double unit = is_stream ? 1.0 : transaction_bytes(values);
    double units = is_stream ? (double)values[TCP_BYTES].bytes : (double)values[TCP_COUNT].count;
    double unit_seconds = unit / bytes_per_second + (is_stream ? 0 : round_trip);
    bool both = is_stream && values[TCP_DIRECTION].choice == TCP_BOTH;

    ret->seconds =
        (units > 0 ? units * unit_seconds : values[TCP_SECONDS].seconds) + values[TCP_WARMUP].seconds;
    /* At least one transaction is done, however long it takes. */
    if (ret->seconds < unit_seconds)
        ret->seconds = unit_seconds;
    ret->traffic = (uint64_t)((both ? 2 : 1) * ret->seconds / unit_seconds * unit + 0.5);
    ret->memory = is_stream ? values[TCP_BLOCK_SIZE].bytes * values[TCP_STREAMS].count * (both ? 2 : 1)
                            : (uint64_t)transaction_bytes(values) + sizeof(double) * NET_LATENCIES_MAX;
}

VMS_EXPORT const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module),
    .name = "tcp",
    .summary = "TCP between this machine and the peer: streams, or requests and responses",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = TCP_N_PARAMS,
    .metrics = metrics,
    .n_metrics = TCP_N_METRICS,
    .probe = probe,
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
};
