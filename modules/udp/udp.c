/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * udp - what datagrams carry between this machine and the peer.
 *
 * mode stream: numbered datagrams at a rate or as fast as they go; the figures are what the receiver got, and
 * what became of the rest. mode request-response: one datagram each way at a time, as Netperf's UDP_RR has
 * it; the figures are transactions and the bits they carry.
 */
#include "udp/udp.h"

#include "shared/net/rows.h"

static const struct vms_param params[UDP_N_PARAMS] = {
    [UDP_MODE] = NET_ROW_MODE,
    [UDP_SECONDS] = NET_ROW_SECONDS,
    [UDP_WARMUP] = {.name = "warmup",
                    .kind = VMS_SECONDS,
                    .fallback = "0",
                    .max = "1h",
                    .help = "Time before the measured time, which is left out of the figures."},
    [UDP_BYTES] = {.name = "bytes",
                   .kind = VMS_BYTES,
                   .fallback = "0",
                   .max = "1000TB",
                   .help = "Mode stream: bytes to send in each direction; 0: seconds decide."},
    [UDP_COUNT] = NET_ROW_COUNT,
    [UDP_MESSAGE_SIZE] = {.name = "message_size",
                          .kind = VMS_BYTES,
                          .role = VMS_ROLE_SIZE,
                          .fallback = "1",
                          .min = "1",
                          .max = "65507",
                          .help =
                              "Mode request-response: bytes of a request's datagram, and of a response's."},
    [UDP_REQUEST_SIZE] = NET_ROW_REQUEST_SIZE("65507"),
    [UDP_RESPONSE_SIZE] = NET_ROW_RESPONSE_SIZE("65507"),
    [UDP_TIMEOUT] = {.name = "timeout",
                     .kind = VMS_SECONDS,
                     .fallback = "1",
                     .min = "1ms",
                     .max = "60",
                     .help = "Mode request-response: a transaction without a response after this time is "
                             "lost."},
    [UDP_BURST] = NET_ROW_BURST,
    [UDP_TRANSACTION_RATE] = NET_ROW_TRANSACTION_RATE,
    [UDP_BUSY_POLL] = NET_ROW_BUSY_POLL,
    [UDP_DATAGRAM_SIZE] = {.name = "datagram_size",
                           .kind = VMS_BYTES,
                           .role = VMS_ROLE_SIZE,
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
    [UDP_DIRECTION] = NET_ROW_DIRECTION,
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
                             "where it can; the trial's facts say whether it did."},
    [UDP_INTERVAL] = NET_ROW_INTERVAL,
    [UDP_SEND_BUFFER] = NET_ROW_SEND_BUFFER,
    [UDP_RECEIVE_BUFFER] = NET_ROW_RECEIVE_BUFFER,
    [UDP_PORT] = NET_ROW_PORT,
    [UDP_CPUS] = NET_ROW_CPUS,
    [UDP_PEER_CPUS] = NET_ROW_PEER_CPUS,
};

static const struct vms_fact facts[] = {
    {"sender_offload", VMS_ROLE_WORK, "Whether datagrams went down the sender's stack joined (UDP_SEGMENT)."},
    {"sender_joined", VMS_ROLE_PLAIN, "The most datagrams that were joined into one."},
    {"receiver_offload", VMS_ROLE_VOLATILE,
     "Whether datagrams came up the receiver's stack joined (UDP_GRO)."},
    {"receiver_joined", VMS_ROLE_VOLATILE, "The most datagrams that came joined into one."},
    {"fragmentation", VMS_ROLE_WORK, "Whether the path took datagrams whole; its MTU where it did not."},
    {"icmp_errors", VMS_ROLE_VOLATILE,
     "Errors that routers or the other side reported meanwhile, and the last."},
    {"sender_buffer", VMS_ROLE_PLAIN, "The sender's SO_SNDBUF, in bytes."},
    {"receiver_buffer", VMS_ROLE_PLAIN, "The receiver's SO_RCVBUF, in bytes."},
    {"receiver_dropped", VMS_ROLE_VOLATILE, "Messages that the receiver's socket had no room for."},
    {"transactions_not_begun", VMS_ROLE_VOLATILE, "Transactions that were due and did not begin."},
};

static const struct vms_metric metrics[UDP_N_METRICS] = {
    [UDP_GOODPUT] = {"goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "Payload that came, duplicates left out, from the first arrival to the last.",
                     VMS_ROLE_HEADLINE},
    [UDP_PACKETS] = {"packets", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "Datagrams that came, duplicates left out.", VMS_ROLE_DERIVED},
    [UDP_SENDER_RATE] = {"sender_rate", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER,
                         "Payload given to the kernel, on the sender's clock.", VMS_ROLE_PLAIN},
    [UDP_LOSS] = {"loss", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                  "Part of the datagrams, or of the transactions, that was lost.", VMS_ROLE_PLAIN},
    [UDP_JITTER] = {"jitter", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                    "Interarrival jitter at the end of the stream (RFC 3550, section 6.4.1).",
                    VMS_ROLE_VOLATILE},
    [UDP_LOST] = {"lost", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                  "Number of datagrams, or of transactions, that were lost.", VMS_ROLE_DERIVED},
    [UDP_LOST_IN_SENDER] = {"lost_in_sender", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                            "Of the lost, those that the sender's queue had no room for.", VMS_ROLE_DERIVED},
    [UDP_LOST_IN_NETWORK] = {"lost_in_network", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                             "Of the lost, the rest.", VMS_ROLE_DERIVED},
    [UDP_LOST_IN_RECEIVER] =
        {"lost_in_receiver", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
         "Of the lost, those that the receiver's socket had no room for; not reported where "
         "it dropped joined ones, which the kernel counts as one.",
         VMS_ROLE_DERIVED},
    [UDP_DUPLICATES] = {"duplicates", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                        "Number of datagrams that had come before.", VMS_ROLE_VOLATILE},
    [UDP_REORDERED] = {"reordered", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                       "Number of datagrams that came after a later one (RFC 4737, section 3.3).",
                       VMS_ROLE_VOLATILE},
    [UDP_INTERVAL_GOODPUT] = {"interval_goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_DISTRIBUTION,
                              VMS_RECEIVER, "Payload that came in each interval, in their order.",
                              VMS_ROLE_DERIVED},
    [UDP_SENDER_CPU] = {"sender_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                        "Processor time of the sending thread for 10^9 bytes that came.", VMS_ROLE_PLAIN},
    [UDP_RECEIVER_CPU] = {"receiver_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                          "Processor time of the receiving thread for 10^9 bytes.", VMS_ROLE_PLAIN},
    [UDP_TRANSACTIONS] = NET_ROW_TRANSACTIONS,
    [UDP_THROUGHPUT] = NET_ROW_THROUGHPUT,
    [UDP_THROUGHPUT_SENT] = NET_ROW_THROUGHPUT_SENT,
    [UDP_THROUGHPUT_RECEIVED] = NET_ROW_THROUGHPUT_RECEIVED,
    [UDP_ROUND_TRIP_TIME] = {"round_trip_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                             "From sending a request to having its response; lost ones left out.",
                             VMS_ROLE_PLAIN},
};

const struct net_transaction_params udp_transaction_params = {
    UDP_MESSAGE_SIZE, UDP_REQUEST_SIZE, UDP_RESPONSE_SIZE, UDP_BURST,    UDP_TRANSACTION_RATE,
    UDP_SECONDS,      UDP_WARMUP,       UDP_COUNT,         UDP_BUSY_POLL};

static int validate(const union vms_value *values, struct vms_error *error) {
    return net_cpus_check(values[UDP_CPUS].text, values[UDP_PEER_CPUS].text, error);
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
    struct net_transaction_plan plan = net_transaction_plan_of(values, &udp_transaction_params);
    double size = (double)plan.request_size + (double)plan.response_size;

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
        ret->memory = sizeof(double) * net_transactions_room(&plan);
    }
    ret->seconds += values[UDP_WARMUP].seconds;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "udp",
    .summary = "Datagrams between this machine and the peer: streams, or requests and responses",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = UDP_N_PARAMS,
    .metrics = metrics,
    .n_metrics = UDP_N_METRICS,
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
    .validate = validate,
};
