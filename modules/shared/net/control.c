/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/control.h"

#include "shared/net/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int net_put(const struct vms_host *host, enum net_kind kind, const uint64_t *fields, size_t n,
            struct vms_error *error) {
    uint8_t *buffer = malloc(NET_MESSAGE_HEADER + 8 * n);
    int status;

    if (!buffer)
        return net_fail_errno(error, ENOMEM, "a control message");
    status = host->put(host->context, buffer, net_message_encode(kind, fields, n, buffer),
                       host->now(host->context) + NET_SETUP_NS);
    free(buffer);
    return status < 0 ? net_fail_errno(error, -status, "sending to the other half") : 0;
}

/* One message into `buffer`; its length. */
static ssize_t get_bytes(const struct vms_host *host, uint8_t *buffer, size_t capacity, uint64_t limit_ns,
                         struct vms_error *error) {
    uint64_t end = host->now(host->context) + limit_ns;

    for (;;) {
        uint64_t now = host->now(host->context), next = now + NET_POLL_NS;
        ssize_t got = host->get(host->context, buffer, capacity, next < end ? next : end);

        if (got >= 0)
            return got;
        if (got != -ETIMEDOUT)
            return net_fail_errno(error, (int)-got, "waiting for the other half");
        if (host->should_stop(host->context))
            return net_fail_stopped(error);
        if (now >= end)
            return report_error(error, -ETIMEDOUT, "the other half was silent for %.1f s",
                                (double)limit_ns / NET_SECOND);
    }
}

ssize_t net_get(const struct vms_host *host, enum net_kind kind, uint64_t *fields, size_t max,
                uint64_t limit_ns, struct vms_error *error) {
    size_t capacity = NET_MESSAGE_HEADER + 8 * (size_t)NET_FIELDS_MAX;
    uint8_t *buffer = malloc(capacity);
    ssize_t got;

    if (!buffer)
        return net_fail_errno(error, ENOMEM, "a control message");
    got = get_bytes(host, buffer, capacity, limit_ns, error);
    if (got >= 0)
        got = net_message_decode(kind, buffer, (size_t)got, fields, max, error);
    free(buffer);
    return got;
}

int net_get_exactly(const struct vms_host *host, enum net_kind kind, uint64_t *fields, size_t n,
                    uint64_t limit_ns, struct vms_error *error) {
    ssize_t got = net_get(host, kind, fields, n, limit_ns, error);

    if (got < 0)
        return (int)got;
    if ((size_t)got != n)
        return report_error(error, -EPROTO, "message %u of the other half has %zd fields instead of %zu",
                            kind, got, n);
    return 0;
}

int net_check_other(const struct vms_host *host, struct vms_error *error) {
    uint8_t byte;
    ssize_t got = host->get(host->context, &byte, sizeof(byte), host->now(host->context));

    if (host->should_stop(host->context))
        return net_fail_stopped(error);
    if (got == -ETIMEDOUT)
        return 0;
    if (got >= 0 || got == -EMSGSIZE)
        return report_error(error, -EPROTO, "the other half sent a message where none was due");
    return net_fail_errno(error, (int)-got, "waiting for the other half's data connection");
}

uint64_t net_from_double(double value) {
    uint64_t field;

    memcpy(&field, &value, sizeof(field));
    return field;
}

double net_to_double(uint64_t field) {
    double value;

    memcpy(&value, &field, sizeof(value));
    return value;
}
