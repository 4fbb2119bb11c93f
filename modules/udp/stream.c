/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode stream: numbered datagrams at a rate, one way or both ways at once. The sender tells over the control
 * connection when and what it has sent; the receiver waits until nothing comes any more and counts. Its count
 * on its clock, from the first arrival to the last, is the headline.
 */
#include "datagram.h"
#include "flow.h"

#include <errno.h>

/* Fields of NET_END: what a sender tells. */
enum end_field { END_SENT, END_REFUSED, END_ELAPSED, END_CPU, END_FIELDS };

/* Fields of NET_RESULT: what a receiver tells. */
enum result_field {
    RESULT_UNIQUE,
    RESULT_BYTES,
    RESULT_FIRST_BYTES,
    RESULT_ELAPSED,
    RESULT_DUPLICATES,
    RESULT_REORDERED,
    RESULT_JITTER, /* a double, ns */
    RESULT_CPU,
    RESULT_FIELDS
};

/* The two threads of one half; a half that only sends has no receiver, and the other way round. */
struct half {
    const struct vms_host *host;
    bool sends, receives;
    struct flow sender, receiver;
    uint64_t seconds_ns;
    bool timed; /* seconds, not bytes, end the stream */
};

static int half_init(struct half *half, const struct vms_host *host, const union vms_value *values, int fd,
                     bool is_client, struct vms_error *error) {
    uint64_t size = values[UDP_DATAGRAM_SIZE].bytes, bytes = values[UDP_BYTES].bytes;
    struct flow_plan plan = {.datagram_size = size,
                             .batch = values[UDP_BATCH].count,
                             .seconds_ns = (uint64_t)(values[UDP_SECONDS].seconds * NET_SECOND),
                             .datagrams = (bytes + size - 1) / size,
                             .rate = values[UDP_RATE].rate};
    int status = 0;

    half->host = host;
    half->seconds_ns = plan.seconds_ns;
    half->timed = bytes == 0;
    half->sends = values[UDP_DIRECTION].choice != (is_client ? UDP_RECEIVE : UDP_SEND);
    half->receives = values[UDP_DIRECTION].choice != (is_client ? UDP_SEND : UDP_RECEIVE);
    if (half->sends)
        status = flow_init(&half->sender, host, fd, true, &plan, error);
    if (status == 0 && half->receives)
        status = flow_init(&half->receiver, host, fd, false, &plan, error);
    return status;
}

static void half_done(struct half *half) {
    flow_done(&half->sender);
    flow_done(&half->receiver);
}

static int tell_end(struct half *half, struct vms_error *error) {
    const uint64_t fields[END_FIELDS] = {half->sender.sent, half->sender.refused, half->sender.elapsed_ns,
                                         half->sender.cpu_ns};

    return net_put(half->host, NET_END, fields, END_FIELDS, error);
}

/* Runs what this half does; ret_end is what the other half's sender told, if there is one. */
static int run_half(struct half *half, uint64_t *ret_end, struct vms_error *error) {
    uint64_t limit_ns = half->timed ? half->seconds_ns + NET_STALL_NS : UINT64_MAX / 2;
    struct vms_error later;
    int status = 0, ended;

    if (half->receives && (status = flow_start(&half->receiver, error)) < 0)
        return status;
    if (half->sends && (status = flow_start(&half->sender, error)) == 0) {
        status = flow_join(&half->sender, error);
        if (status == 0)
            status = tell_end(half, error);
    }
    if (half->receives) {
        if (status == 0)
            status = net_get_exactly(half->host, NET_END, ret_end, END_FIELDS, limit_ns, error);
        flow_end(&half->receiver);
        ended = flow_join(&half->receiver, status == 0 ? error : &later);
        status = status == 0 ? ended : status;
    }
    return status;
}

static void result_of(const struct flow *receiver, uint64_t *ret_result) {
    const struct account *account = &receiver->account;

    ret_result[RESULT_UNIQUE] = account->unique;
    ret_result[RESULT_BYTES] = account->bytes;
    ret_result[RESULT_FIRST_BYTES] = account->first_bytes;
    ret_result[RESULT_ELAPSED] = account->last_ns - account->first_ns;
    ret_result[RESULT_DUPLICATES] = account->duplicates;
    ret_result[RESULT_REORDERED] = account->reordered;
    ret_result[RESULT_JITTER] = net_from_double(account->jitter_ns);
    ret_result[RESULT_CPU] = receiver->cpu_ns;
}

/* The figures of one direction; those of two are added up, or the worse one taken. */
struct figures {
    double goodput, packets, sender_rate;
    double sent, lost, duplicates, reordered, jitter;
};

static void add_direction(struct figures *figures, const uint64_t *end, const uint64_t *result, double size) {
    double seconds = (double)result[RESULT_ELAPSED] / 1e9, sent_seconds = (double)end[END_ELAPSED] / 1e9;
    double jitter = net_to_double(result[RESULT_JITTER]) / 1e9;
    double unique = (double)result[RESULT_UNIQUE];

    /* The clock starts with the first arrival, so that one is not part of the rate. */
    if (seconds > 0) {
        figures->goodput += 8 * (double)(result[RESULT_BYTES] - result[RESULT_FIRST_BYTES]) / seconds;
        figures->packets += (unique - 1) / seconds;
    }
    if (sent_seconds > 0)
        figures->sender_rate += 8 * size * (double)end[END_SENT] / sent_seconds;
    figures->sent += (double)end[END_SENT];
    figures->lost += (double)end[END_SENT] - unique;
    figures->duplicates += (double)result[RESULT_DUPLICATES];
    figures->reordered += (double)result[RESULT_REORDERED];
    figures->jitter = jitter > figures->jitter ? jitter : figures->jitter;
}

static int report(const struct vms_host *host, const struct figures *figures, struct vms_error *error) {
    const struct {
        enum udp_metric metric;
        double value;
    } rows[] = {{UDP_GOODPUT, figures->goodput},         {UDP_PACKETS, figures->packets},
                {UDP_SENDER_RATE, figures->sender_rate}, {UDP_LOSS, figures->lost / figures->sent},
                {UDP_JITTER, figures->jitter},           {UDP_LOST, figures->lost},
                {UDP_DUPLICATES, figures->duplicates},   {UDP_REORDERED, figures->reordered}};

    if (figures->goodput <= 0)
        return net_fail(error, -EIO, "%.0f of %.0f datagrams came: too few to tell a rate",
                        figures->sent - figures->lost, figures->sent);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (host->sample(host->context, rows[i].metric, rows[i].value) < 0)
            return net_fail(error, -EIO, "the host refused a figure");
    return 0;
}

int udp_stream_measure(const struct vms_host *host, const union vms_value *values, int fd,
                       struct vms_error *error) {
    struct half half = {0};
    struct figures figures = {0};
    double size = (double)values[UDP_DATAGRAM_SIZE].bytes;
    uint64_t end[END_FIELDS], result[RESULT_FIELDS];
    int status = half_init(&half, host, values, fd, true, error);

    if (status == 0)
        status = run_half(&half, end, error);
    if (status == 0 && half.receives) {
        result_of(&half.receiver, result);
        add_direction(&figures, end, result, size);
    }
    if (status == 0 && half.sends) {
        status = net_get_exactly(host, NET_RESULT, result, RESULT_FIELDS, NET_STALL_NS, error);
        if (status == 0) {
            const uint64_t own_end[END_FIELDS] = {half.sender.sent, half.sender.refused,
                                                  half.sender.elapsed_ns, half.sender.cpu_ns};

            add_direction(&figures, own_end, result, size);
        }
    }
    if (status == 0)
        status = report(host, &figures, error);
    half_done(&half);
    return status;
}

int udp_stream_serve(const struct vms_host *host, const union vms_value *values, int fd,
                     struct vms_error *error) {
    struct half half = {0};
    uint64_t end[END_FIELDS], result[RESULT_FIELDS];
    int status = half_init(&half, host, values, fd, false, error);

    if (status == 0)
        status = run_half(&half, end, error);
    if (status == 0 && half.receives) {
        result_of(&half.receiver, result);
        status = net_put(host, NET_RESULT, result, RESULT_FIELDS, error);
    }
    half_done(&half);
    return status;
}
