/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp/icmp.h"

#include "shared/net/notice.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* In a row, a report that a message is too long is the local system's own opinion after so many. */
#define TOO_LONG_MAX 100
#define HEADERS_V4 28 /* IPv4 and UDP */
#define HEADERS_V6 48

static bool is_report(int number) {
    return number == ECONNREFUSED || number == EHOSTUNREACH || number == ENETUNREACH || number == EHOSTDOWN ||
           number == ENONET || number == ENOPROTOOPT || number == EPROTO || number == EMSGSIZE;
}

/* Takes what has queued up; how many of it came from outside. */
static unsigned drain(int fd) {
    struct sock_extended_err notice;
    unsigned n = 0;

    while (net_notice_take(fd, &notice) > 0)
        n += notice.ee_origin == SO_EE_ORIGIN_ICMP || notice.ee_origin == SO_EE_ORIGIN_ICMP6;
    return n;
}

bool icmp_take(struct icmp *icmp, int fd, int number) {
    bool is_from_outside;

    if (!is_report(number))
        return false;
    is_from_outside = drain(fd) > 0;
    if (number == EMSGSIZE && !is_from_outside && ++icmp->in_row > TOO_LONG_MAX)
        return false;
    icmp->count++;
    icmp->last = number;
    return true;
}

uint64_t icmp_path_mtu(const struct vms_host *host, int fd) {
    bool v6 = host->address.ss_family == AF_INET6;
    int mtu = 0;
    socklen_t size = sizeof(mtu);

    if (getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &size) < 0)
        return 0;
    return mtu > 0 ? (uint64_t)mtu : 0;
}

uint64_t icmp_headers(const struct vms_host *host) {
    return host->address.ss_family == AF_INET6 ? HEADERS_V6 : HEADERS_V4;
}
