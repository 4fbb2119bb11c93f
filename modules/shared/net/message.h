/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control messages between the two halves. On the wire, all numbers big-endian:
 *   4 bytes "VNET", 2 bytes version, 2 bytes kind, 4 bytes number of fields, then 8 bytes a field.
 * The length must be that of the header and the fields, neither more nor less.
 */
#ifndef VMSUITE_MODULES_SHARED_NET_MESSAGE_H
#define VMSUITE_MODULES_SHARED_NET_MESSAGE_H

#include <vmsuite/module.h>

#define NET_MESSAGE_VERSION 1
#define NET_MESSAGE_HEADER 12
#define NET_FIELDS_MAX 4096 /* of one message: 32 KiB, within VMS_MESSAGE_MAX */

enum net_kind {
    NET_READY = 1, /* peer: its data socket is open. Fields: port */
    NET_BEGIN,     /* peer: the data sockets stand, the work begins. No fields */
    NET_END,       /* sender: all is sent. Fields: as the mode has them */
    NET_RESULT     /* either: what it counted. Fields: as the mode has them */
};

/* Writes a message of `n` fields into `buffer` (NET_MESSAGE_HEADER + 8 * n bytes); returns its length. */
size_t net_message_encode(enum net_kind kind, const uint64_t *fields, size_t n, uint8_t *buffer);

/* Reads a message of the expected kind into `fields` (room for `max`). Returns the number of fields, or
 * -EPROTO with a sentence: no message of ours, other version, other kind, wrong length, too many fields. */
ssize_t net_message_decode(enum net_kind kind, const uint8_t *buffer, size_t length, uint64_t *fields,
                           size_t max, struct vms_error *error);

#endif
