/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/message.h"

#include "shared/net/error.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

static const char magic[4] = {'V', 'N', 'E', 'T'};

size_t net_message_encode(enum net_kind kind, const uint64_t *fields, size_t n, uint8_t *buffer) {
    uint16_t version_be = htobe16(NET_MESSAGE_VERSION), kind_be = htobe16((uint16_t)kind);
    uint32_t n_be = htobe32((uint32_t)n);

    memcpy(buffer, magic, 4);
    memcpy(buffer + 4, &version_be, 2);
    memcpy(buffer + 6, &kind_be, 2);
    memcpy(buffer + 8, &n_be, 4);
    for (size_t i = 0; i < n; i++) {
        uint64_t field_be = htobe64(fields[i]);

        memcpy(buffer + NET_MESSAGE_HEADER + 8 * i, &field_be, 8);
    }
    return NET_MESSAGE_HEADER + 8 * n;
}

ssize_t net_message_decode(enum net_kind kind, const uint8_t *buffer, size_t length, uint64_t *fields,
                           size_t max, struct vms_error *error) {
    uint16_t version_be, kind_be;
    uint32_t n_be, n;

    if (length < NET_MESSAGE_HEADER || memcmp(buffer, magic, 4) != 0)
        return report_error(error, -EPROTO, "the other half sent %zu bytes that are not a control message",
                            length);
    memcpy(&version_be, buffer + 4, 2);
    memcpy(&kind_be, buffer + 6, 2);
    memcpy(&n_be, buffer + 8, 4);
    n = be32toh(n_be);
    if (be16toh(version_be) != NET_MESSAGE_VERSION)
        return report_error(error, -EPROTO,
                            "the other half speaks version %u of the network modules' protocol, this one %u: "
                            "use the same vmsuite on both",
                            be16toh(version_be), NET_MESSAGE_VERSION);
    if (be16toh(kind_be) != kind)
        return report_error(error, -EPROTO, "the other half sent message %u where %u was due",
                            be16toh(kind_be), kind);
    if (n > max || length != NET_MESSAGE_HEADER + 8 * (size_t)n)
        return report_error(error, -EPROTO,
                            "message %u of the other half has %zu bytes and says that it holds %u fields",
                            kind, length, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t field_be;

        memcpy(&field_be, buffer + NET_MESSAGE_HEADER + 8 * i, 8);
        fields[i] = be64toh(field_be);
    }
    return (ssize_t)n;
}
