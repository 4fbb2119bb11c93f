/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others report of datagrams that were sent before (ICMP, udp(7)): a connected socket fails its next
 * call with it, which says nothing of that call's own datagram. */
#ifndef VMSUITE_MODULES_UDP_ICMP_H
#define VMSUITE_MODULES_UDP_ICMP_H

#include <stdbool.h>
#include <stdint.h>
#include <vmsuite/module.h>

struct icmp {
    uint64_t count;  /* reports so far */
    int last;        /* the last one's errno; 0: none */
    unsigned in_row; /* without a datagram in between */
};

/* Whether `number`, the errno of a failed call, is such a report, so that the call may be made again. It is
 * counted, and the socket's queue of them emptied. A message that is too long for this machine itself is
 * none. */
bool icmp_take(struct icmp *icmp, int fd, int number);

/* A datagram went through. */
static inline void icmp_pass(struct icmp *icmp) {
    icmp->in_row = 0;
}

/* The MTU (bytes, IP headers included) of the path that the socket is connected over, or 0 where the system
 * does not say. */
uint64_t icmp_path_mtu(const struct vms_host *host, int fd);

/* Bytes of headers before a datagram's payload on that path. */
uint64_t icmp_headers(const struct vms_host *host);

#endif
