/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a datagram begins with, numbers little-endian: its number (8 bytes), the session's cookie (16 bytes),
 * in streams the time of sending on the sender's clock (8 bytes, ns). A smaller datagram carries the first
 * bytes of that: the connected socket, which takes datagrams of one address and port only, guards the rest.
 */
#ifndef VMSUITE_MODULES_UDP_DATAGRAM_H
#define VMSUITE_MODULES_UDP_DATAGRAM_H

#include <vmsuite/module.h>

#define DATAGRAM_TIME_OFFSET (8 + VMS_COOKIE_SIZE)
#define DATAGRAM_STREAM_MIN (DATAGRAM_TIME_OFFSET + 8)
#define DATAGRAM_HELLO_SIZE DATAGRAM_STREAM_MIN
#define DATAGRAM_HELLO UINT64_MAX           /* the number of the datagram that opens the data path */
#define DATAGRAM_WARMUP (UINT64_C(1) << 63) /* a number with this bit does not count */
#define DATAGRAM_MAX 65507                  /* bytes, the largest payload over IPv4 */

/* Writes the cookie, as far as it fits, into a datagram of `size` bytes. */
void datagram_set_cookie(void *datagram, size_t size, const uint8_t *cookie);
bool datagram_has_cookie(const void *datagram, size_t size, const uint8_t *cookie);

/* Numbers and times of a datagram of DATAGRAM_STREAM_MIN bytes or more. */
void datagram_set_number(void *datagram, uint64_t number);
uint64_t datagram_number(const void *datagram);
void datagram_set_time(void *datagram, uint64_t time_ns);
uint64_t datagram_time(const void *datagram);

#endif
