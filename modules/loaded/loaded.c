/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaded: what a stream does to those who wait for answers beside it. Requests go over a connection of their
 * own, one at a time: first alone, then beside as many bulk streams as are wanted (the idea of flent's RRUL
 * test, "realtime response under load"). What the streams add to a round trip is the time that it waits in
 * the path's queues: a buffer that is too large, a device that serves nobody else meanwhile, a processor that
 * the stream keeps busy.
 */
#include "loaded/loaded.h"

#include "shared/case/numbers.h"
#include "shared/net/rows.h"
#include "shared/net/socket.h"
#include "shared/tcp/info.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

static const struct vms_param params[LOADED_N_PARAMS] = {
    [LOADED_DIRECTION] =
        {.name = "direction",
         .kind = VMS_CHOICE,
         .fallback = "send",
         .choices = net_directions,
         .help = "Whether this side sends the streams, receives them, or both at the same time."},
    [LOADED_SECONDS] = {.name = "seconds",
                        .kind = VMS_SECONDS,
                        .fallback = "5",
                        .min = "10ms",
                        .max = "1h",
                        .help = "How long to measure under load."},
    [LOADED_IDLE] = {.name = "idle",
                     .kind = VMS_SECONDS,
                     .fallback = "1",
                     .min = "10ms",
                     .max = "1h",
                     .help = "How long to measure before that, without load."},
    [LOADED_WARMUP] = {.name = "warmup",
                       .kind = VMS_SECONDS,
                       .fallback = "1",
                       .max = "1h",
                       .help = "Time from the streams' start that is left out, while the queues fill."},
    [LOADED_INTERVAL] =
        {.name = "interval",
         .kind = VMS_SECONDS,
         .fallback = "2ms",
         .max = "10",
         .help = "Time from one request to the next, unless its response takes longer; 0: at once."},
    [LOADED_MESSAGE_SIZE] = {.name = "message_size",
                             .kind = VMS_BYTES,
                             .role = VMS_ROLE_SIZE,
                             .fallback = "64",
                             .min = "1",
                             .max = "64KiB",
                             .help = "Bytes of a request, and of a response."},
    [LOADED_STREAMS] = {.name = "streams",
                        .kind = VMS_COUNT,
                        .fallback = "1",
                        .min = "1",
                        .max = "64",
                        .help = "Bulk streams at the same time in each direction, a thread each."},
    [LOADED_CONGESTION_CONTROL] = {.name = "congestion_control",
                                   .kind = VMS_TEXT,
                                   .fallback = "",
                                   .help =
                                       "Congestion control, such as \"cubic\"; \"\": each kernel's own. How "
                                       "far a queue fills depends on it."},
    [LOADED_PORT] = NET_ROW_PORT,
    [LOADED_CPUS] = NET_ROW_CPUS,
    [LOADED_PEER_CPUS] = NET_ROW_PEER_CPUS,
};

static const struct vms_fact facts[] = {
    {"congestion_control", VMS_ROLE_WORK, "The congestion control that this side used."},
    {"queue", VMS_ROLE_VOLATILE,
     "How much of the streams' data waited in the path: the median latency added, at the streams' rate."},
};

enum { METRIC_LATENCY_LOADED, METRIC_LATENCY_IDLE, METRIC_ADDED_P50, METRIC_ADDED_P99, METRIC_STREAM_RATE };

static const struct vms_metric metrics[] = {
    [METRIC_LATENCY_LOADED] = {"latency_loaded", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                               "From sending a request to having its response, beside the streams.",
                               VMS_ROLE_HEADLINE},
    [METRIC_LATENCY_IDLE] = {"latency_idle", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                             "The same without streams.", VMS_ROLE_PLAIN},
    [METRIC_ADDED_P50] = {"added_p50", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                          "What the streams added to the median.", VMS_ROLE_DERIVED},
    [METRIC_ADDED_P99] = {"added_p99", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                          "What they added to the 99th percentile.", VMS_ROLE_DERIVED},
    [METRIC_STREAM_RATE] = {"stream_rate", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER,
                            "What the streams' receivers read meanwhile.", VMS_ROLE_PLAIN},
};

static int set_congestion(int fd, const union vms_value *values, struct vms_error *error) {
    return tcp_set_congestion(fd, values[LOADED_CONGESTION_CONTROL].text, error);
}

static struct tcp_connect_plan connect_plan(const union vms_value *values) {
    return (struct tcp_connect_plan){.n = loaded_streams(values) + 1,
                                     .port = values[LOADED_PORT].count,
                                     .before = set_congestion,
                                     .values = values};
}

static double quantile(const struct requests *requests, double q) {
    return numbers_quantile(requests->latencies, requests->n, q);
}

/* What a trial owns: the streams, and the round trips without and beside them. */
struct phases {
    struct load load;
    struct requests idle, loaded;
};

static int report_latencies(const struct vms_host *host, struct phases *phases, double *ret_added,
                            struct vms_error *error) {
    struct requests *idle = &phases->idle, *loaded = &phases->loaded;
    int status = report_distribution(host, error, METRIC_LATENCY_LOADED, loaded->latencies, loaded->n);

    if (status == 0)
        status = report_distribution(host, error, METRIC_LATENCY_IDLE, idle->latencies, idle->n);
    numbers_sort(idle->latencies, idle->n);
    numbers_sort(loaded->latencies, loaded->n);
    *ret_added = quantile(loaded, 0.5) - quantile(idle, 0.5);
    if (status == 0)
        status = report_sample(host, error, METRIC_ADDED_P50, *ret_added);
    if (status == 0)
        status = report_sample(host, error, METRIC_ADDED_P99, quantile(loaded, 0.99) - quantile(idle, 0.99));
    return status;
}

static double rate_of(const uint64_t *fields) {
    return fields[LOAD_ELAPSED] > 0 ? 8e9 * (double)fields[LOAD_BYTES] / (double)fields[LOAD_ELAPSED] : 0;
}

/* What one half sent is what the other received, and both phases have figures. */
static int report(const struct vms_host *host, struct phases *phases, const uint64_t *own,
                  const uint64_t *peer, struct vms_error *error) {
    double rate = rate_of(own) + rate_of(peer), added = 0;
    int status;

    if (own[LOAD_SENT] != peer[LOAD_RECEIVED] || peer[LOAD_SENT] != own[LOAD_RECEIVED])
        return report_error(error, -EIO, "%" PRIu64 " bytes were sent, but %" PRIu64 " received",
                            own[LOAD_SENT] + peer[LOAD_SENT], own[LOAD_RECEIVED] + peer[LOAD_RECEIVED]);
    if (phases->idle.n == 0 || phases->loaded.n == 0 || rate <= 0)
        return report_error(error, -EIO,
                            "too little happened to compute figures (%zu round trips without load, %zu "
                            "beside streams of %.4g Mbit/s): give more seconds",
                            phases->idle.n, phases->loaded.n, rate / 1e6);
    status = report_latencies(host, phases, &added, error);
    if (status == 0)
        status = report_sample(host, error, METRIC_STREAM_RATE, rate);
    if (status == 0)
        net_fact(host, "queue", "%.0f bytes (%.3g ms at %.4g Mbit/s)", added > 0 ? added * rate / 8 : 0,
                 1e3 * added, rate / 1e6);
    return status;
}

/* Both phases over connections that stand. */
static int run_phases(const struct vms_host *host, const union vms_value *values, const int *fds,
                      struct phases *phases, struct vms_error *error) {
    int fd = fds[loaded_streams(values)], status, joined;
    struct requests *idle = &phases->idle, *loaded = &phases->loaded;
    uint64_t begin_ns = host->now(host->context);
    struct vms_error later = {""};

    idle->from_ns = begin_ns;
    idle->until_ns = begin_ns + (uint64_t)(values[LOADED_IDLE].seconds * NET_SECOND);
    status = requests_run(host, values, fd, idle, error);
    if (status == 0)
        status = net_put(host, NET_BEGIN, NULL, 0, error);
    begin_ns = host->now(host->context);
    loaded->from_ns = begin_ns + (uint64_t)(values[LOADED_WARMUP].seconds * NET_SECOND);
    loaded->until_ns = loaded->from_ns + (uint64_t)(values[LOADED_SECONDS].seconds * NET_SECOND);
    if (status == 0)
        status = load_start(&phases->load, begin_ns, error);
    if (status == 0)
        status = requests_run(host, values, fd, loaded, error);
    /* Where a stream broke, its own sentence says more than that of the requests. */
    joined = load_join(&phases->load, status < 0, &later);
    if (status < 0 || joined == 0)
        return status;
    *error = later;
    return joined;
}

static int measure_over(const struct vms_host *host, const union vms_value *values, const int *fds,
                        struct vms_error *error) {
    uint64_t own[LOAD_FIELDS], peer[LOAD_FIELDS];
    double interval = values[LOADED_INTERVAL].seconds;
    struct phases phases = {0};
    int status = load_init(&phases.load, host, values, fds, true, error);

    if (status == 0)
        status = requests_init(&phases.idle, values[LOADED_IDLE].seconds, interval, error);
    if (status == 0)
        status = requests_init(&phases.loaded, values[LOADED_SECONDS].seconds, interval, error);
    if (status == 0)
        status = net_get_exactly(host, NET_BEGIN, NULL, 0, NET_SETUP_NS, error);
    if (status == 0)
        status = run_phases(host, values, fds, &phases, error);
    if (status == 0)
        status = net_get_exactly(host, NET_RESULT, peer, LOAD_FIELDS, NET_STALL_NS, error);
    if (status == 0) {
        load_count(&phases.load, own);
        tcp_report_congestion(host, fds[0]);
        status = report(host, &phases, own, peer, error);
    }
    load_done(&phases.load);
    requests_done(&phases.idle);
    requests_done(&phases.loaded);
    return status;
}

static int run_measure(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct tcp_connect_plan plan = connect_plan(values);
    int fds[LOADED_CONNECTIONS_MAX];
    int status = tcp_connect_all(host, &plan, fds, error);

    if (status < 0)
        return status;
    status = measure_over(host, values, fds, error);
    tcp_close_all(fds, plan.n);
    return status;
}

/* The peer answers requests in a thread of its own, while its streams run in theirs. */
struct answerer {
    const struct vms_host *host;
    const union vms_value *values;
    int fd, status;
    struct vms_error error;
};

static void *answer(void *argument) {
    struct answerer *answerer = argument;

    answerer->status = requests_answer(answerer->host, answerer->values, answerer->fd, &answerer->error);
    /* The client must not wait for answers that will never come. */
    if (answerer->status < 0)
        (void)shutdown(answerer->fd, SHUT_RDWR);
    return NULL;
}

/* Until the streams begin, for as long as the client measures without them. */
static int serve_load(const struct vms_host *host, const union vms_value *values, struct load *load,
                      struct vms_error *error) {
    uint64_t idle_ns = (uint64_t)(values[LOADED_IDLE].seconds * NET_SECOND), own[LOAD_FIELDS];
    int status = net_get_exactly(host, NET_BEGIN, NULL, 0, idle_ns + NET_SETUP_NS, error), joined;
    struct vms_error later = {""};

    if (status == 0)
        status = load_start(load, host->now(host->context), error);
    joined = load_join(load, status < 0, &later);
    if (status == 0 && joined < 0)
        *error = later;
    status = status == 0 ? joined : status;
    if (status < 0)
        return status;
    load_count(load, own);
    return net_put(host, NET_RESULT, own, LOAD_FIELDS, error);
}

static int serve_over(const struct vms_host *host, const union vms_value *values, const int *fds,
                      struct vms_error *error) {
    struct answerer answerer = {.host = host, .values = values, .fd = fds[loaded_streams(values)]};
    struct load load = {0};
    int status = load_init(&load, host, values, fds, false, error), number;
    pthread_t thread;

    if (status == 0 && (number = pthread_create(&thread, NULL, answer, &answerer)) != 0)
        status = net_fail_errno(error, number, "starting the thread that answers");
    if (status < 0) {
        load_done(&load);
        return status;
    }
    status = net_put(host, NET_BEGIN, NULL, 0, error);
    if (status == 0)
        status = serve_load(host, values, &load, error);
    if (status < 0)
        (void)shutdown(answerer.fd, SHUT_RDWR);
    (void)pthread_join(thread, NULL);
    load_done(&load);
    /* Where the client has gone, the answers may be why. */
    if ((status == 0 || status == -ECONNRESET) && answerer.status < 0)
        return report_error(error, answerer.status, "%s", answerer.error.text);
    return status;
}

static int run_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct tcp_connect_plan plan = connect_plan(values);
    int fds[LOADED_CONNECTIONS_MAX];
    int status = tcp_accept_all(host, &plan, fds, error);

    if (status < 0)
        return status;
    status = serve_over(host, values, fds, error);
    tcp_close_all(fds, plan.n);
    return status;
}

/* Whether this kernel has the congestion control. */
static int probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    NET_AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)host;
    return fd < 0 ? net_fail_errno(error, errno, "opening a socket") : set_congestion(fd, values, error);
}

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)state;
    return net_run_placed(host, values, values[LOADED_CPUS].text, run_measure, error);
}

static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    return net_run_placed(host, values, values[LOADED_PEER_CPUS].text, run_serve, error);
}

static int validate(const union vms_value *values, struct vms_error *error) {
    return net_cpus_check(values[LOADED_CPUS].text, values[LOADED_PEER_CPUS].text, error);
}

/* What a network of 1 Gbit/s would take. */
static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    const double bytes_per_second = 125e6;
    double loaded = values[LOADED_WARMUP].seconds + values[LOADED_SECONDS].seconds;

    ret->seconds = values[LOADED_IDLE].seconds + loaded;
    ret->traffic =
        (uint64_t)(loaded * bytes_per_second * (values[LOADED_DIRECTION].choice == LOADED_BOTH ? 2 : 1));
    ret->memory = loaded_streams(values) * (UINT64_C(1) << 20) + (UINT64_C(16) << 20);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "loaded",
    .summary = "What bulk streams between this machine and the peer add to the round trips beside them",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = LOADED_N_PARAMS,
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .probe = probe,
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
    .validate = validate,
};
