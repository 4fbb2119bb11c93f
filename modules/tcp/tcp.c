/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tcp - what a TCP connection carries between this machine and the peer.
 *
 * mode stream: as many bytes as fit into a time, or a number of bytes as fast as they go; the figure is what
 * the receiver has read, on the receiver's clock. mode request-response: one message each way at a time, as
 * Netperf's TCP_RR has it; the figures are transactions and the bits they carry.
 */
#include "tcp/options.h"

#include "shared/net/rows.h"
#include "shared/tcp/connect.h"

#include <errno.h>

static const struct vms_param params[TCP_N_PARAMS] = {
    [TCP_MODE] = NET_ROW_MODE,
    [TCP_SECONDS] = NET_ROW_SECONDS,
    [TCP_WARMUP] = {.name = "warmup",
                    .kind = VMS_SECONDS,
                    .fallback = "0",
                    .max = "1h",
                    .help =
                        "Time before the measured time, which is left out of the figures; not with bytes."},
    [TCP_BYTES] = {.name = "bytes",
                   .kind = VMS_BYTES,
                   .fallback = "0",
                   .max = "1000TB",
                   .help =
                       "Mode stream: bytes to send in each direction, over all streams; 0: seconds decide."},
    [TCP_COUNT] = NET_ROW_COUNT,
    [TCP_MESSAGE_SIZE] = {.name = "message_size",
                          .kind = VMS_BYTES,
                          .role = VMS_ROLE_SIZE,
                          .fallback = "1",
                          .min = "1",
                          .max = "1GiB",
                          .help = "Mode request-response: bytes of a request, and of a response."},
    [TCP_REQUEST_SIZE] = NET_ROW_REQUEST_SIZE("1GiB"),
    [TCP_RESPONSE_SIZE] = NET_ROW_RESPONSE_SIZE("1GiB"),
    [TCP_BURST] = NET_ROW_BURST,
    [TCP_TRANSACTION_RATE] = NET_ROW_TRANSACTION_RATE,
    [TCP_BUSY_POLL] = NET_ROW_BUSY_POLL,
    [TCP_STREAMS] = {.name = "streams",
                     .kind = VMS_COUNT,
                     .fallback = "1",
                     .min = "1",
                     .max = "64",
                     .help = "Mode stream: connections at the same time in each direction, a thread each."},
    [TCP_DIRECTION] = NET_ROW_DIRECTION,
    [TCP_BLOCK_SIZE] = {.name = "block_size",
                        .kind = VMS_BYTES,
                        .role = VMS_ROLE_SIZE,
                        .fallback = "128KiB",
                        .min = "1",
                        .max = "64MiB",
                        .help = "Mode stream: bytes given to the kernel, or asked of it, in one call."},
    [TCP_INTERVAL] = NET_ROW_INTERVAL,
    [TCP_ZEROCOPY] =
        {.name = "zerocopy",
         .kind = VMS_BOOLEAN,
         .fallback = "false",
         .help = "Mode stream: send with MSG_ZEROCOPY; the trial's facts say what was copied anyway."},
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
    [TCP_SEND_BUFFER] = NET_ROW_SEND_BUFFER,
    [TCP_RECEIVE_BUFFER] = NET_ROW_RECEIVE_BUFFER,
    [TCP_PORT] = NET_ROW_PORT,
    [TCP_CPUS] = NET_ROW_CPUS,
    [TCP_PEER_CPUS] = NET_ROW_PEER_CPUS,
};

static const struct vms_fact facts[] = {
    {"congestion_control", VMS_ROLE_WORK, "The congestion control that this side used."},
    {"mss", VMS_ROLE_VOLATILE,
     "Bytes of the largest segment's payload at the end, which the window limits, too."},
    {"advertised_mss", VMS_ROLE_WORK,
     "The largest segment that this side announced, by the path or by `mss`."},
    {"zerocopy", VMS_ROLE_WORK, "Whether sends went without a copy."},
    {"sends_copied", VMS_ROLE_VOLATILE,
     "Of the sends without a copy, those that the kernel copied after all."},
    {"sender_buffer", VMS_ROLE_PLAIN, "The sender's SO_SNDBUF at the end, in bytes."},
    {"receiver_buffer", VMS_ROLE_PLAIN, "The receiver's SO_RCVBUF at the end, in bytes."},
    {"transactions_not_begun", VMS_ROLE_VOLATILE, "Transactions that were due and did not begin."},
};

static const struct vms_metric metrics[TCP_N_METRICS] = {
    [TCP_GOODPUT] = {"goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                     "What the receivers read, from the first data's arrival to the last's.",
                     VMS_ROLE_HEADLINE},
    [TCP_SENDER_RATE] = {"sender_rate", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER,
                         "What the senders gave to their kernel, on their clock.", VMS_ROLE_PLAIN},
    [TCP_INTERVAL_GOODPUT] = {"interval_goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_DISTRIBUTION,
                              VMS_RECEIVER, "The goodput in each interval, in their order.",
                              VMS_ROLE_DERIVED},
    [TCP_RETRANSMITS] = {"retransmits", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                         "Number of segments that were sent again, warm-up and all.", VMS_ROLE_VOLATILE},
    [TCP_SMOOTHED_RTT] = {"smoothed_rtt", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                          "The kernel's smoothed round trip time at the end of the stream, under its load.",
                          VMS_ROLE_VOLATILE},
    [TCP_SENDER_CPU] = {"sender_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                        "Processor time of the sending threads for 10^9 bytes.", VMS_ROLE_PLAIN},
    [TCP_RECEIVER_CPU] = {"receiver_cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER,
                          "Processor time of the receiving threads for 10^9 bytes.", VMS_ROLE_PLAIN},
    [TCP_TRANSACTIONS] = NET_ROW_TRANSACTIONS,
    [TCP_THROUGHPUT] = NET_ROW_THROUGHPUT,
    [TCP_THROUGHPUT_SENT] = NET_ROW_THROUGHPUT_SENT,
    [TCP_THROUGHPUT_RECEIVED] = NET_ROW_THROUGHPUT_RECEIVED,
    [TCP_ROUND_TRIP_TIME] = {"round_trip_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                             "From sending a request to having all of its response.", VMS_ROLE_PLAIN},
};

const struct net_transaction_params tcp_transaction_params = {
    TCP_MESSAGE_SIZE, TCP_REQUEST_SIZE, TCP_RESPONSE_SIZE, TCP_BURST,    TCP_TRANSACTION_RATE,
    TCP_SECONDS,      TCP_WARMUP,       TCP_COUNT,         TCP_BUSY_POLL};

static int validate(const union vms_value *values, struct vms_error *error) {
    int status = net_cpus_check(values[TCP_CPUS].text, values[TCP_PEER_CPUS].text, error);

    if (status == 0 && values[TCP_BYTES].bytes > 0 && values[TCP_WARMUP].seconds > 0)
        return report_error(error, -EINVAL, "warmup cannot be used with bytes: give seconds instead");
    if (status == 0 && values[TCP_SEGMENT_SIZE].bytes > 0 && values[TCP_SEGMENT_SIZE].bytes < 88)
        return report_error(error, -EINVAL, "mss is at least 88 bytes, or 0");
    return status;
}

static int probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    int status = validate(values, error);

    (void)host;
    return status < 0 ? status : tcp_options_probe(values, error);
}

size_t tcp_connections(const union vms_value *values) {
    if (values[TCP_MODE].choice == TCP_MODE_REQUEST_RESPONSE)
        return 1;
    return values[TCP_STREAMS].count * (values[TCP_DIRECTION].choice == TCP_BOTH ? 2 : 1);
}

bool tcp_client_sends(const union vms_value *values, size_t index) {
    return values[TCP_DIRECTION].choice != TCP_RECEIVE && index < values[TCP_STREAMS].count;
}

static struct tcp_connect_plan connect_plan(const union vms_value *values) {
    return (struct tcp_connect_plan){.n = tcp_connections(values),
                                     .port = values[TCP_PORT].count,
                                     .before = tcp_options_before,
                                     .connected = tcp_options_connected,
                                     .values = values};
}

static int run_measure(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct tcp_connect_plan plan = connect_plan(values);
    int fds[TCP_CONNECTIONS_MAX];
    int status = tcp_connect_all(host, &plan, fds, error);

    if (status < 0)
        return status;
    status = values[TCP_MODE].choice == TCP_MODE_STREAM ? tcp_stream_measure(host, values, fds, error)
                                                        : tcp_request_measure(host, values, fds[0], error);
    tcp_close_all(fds, plan.n);
    return status;
}

static int run_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct tcp_connect_plan plan = connect_plan(values);
    int fds[TCP_CONNECTIONS_MAX];
    int status = tcp_accept_all(host, &plan, fds, error);

    if (status < 0)
        return status;
    status = values[TCP_MODE].choice == TCP_MODE_STREAM ? tcp_stream_serve(host, values, fds, error)
                                                        : tcp_request_serve(host, values, fds[0], error);
    tcp_close_all(fds, plan.n);
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

/* What a network of 1 Gbit/s with a round trip of 100 us would take. */
static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    const double bytes_per_second = 125e6, round_trip = 100e-6;
    struct net_transaction_plan plan = net_transaction_plan_of(values, &tcp_transaction_params);
    size_t transaction = plan.request_size + plan.response_size;
    bool is_stream = values[TCP_MODE].choice == TCP_MODE_STREAM;
    double unit = is_stream ? 1.0 : (double)transaction;
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
                            : transaction + sizeof(double) * net_transactions_room(&plan);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "tcp",
    .summary = "TCP between this machine and the peer: streams, or requests and responses",
    .resource = VMS_NETWORK,
    .workload_version = 2,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = TCP_N_PARAMS,
    .metrics = metrics,
    .n_metrics = TCP_N_METRICS,
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .probe = probe,
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
    .validate = validate,
};
