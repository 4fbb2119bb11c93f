/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp/icmp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
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
    union {
        char bytes[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
        struct cmsghdr align;
    } control;
    unsigned n = 0;

    for (;;) {
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof(control)};

        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return n;
        for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
            struct sock_extended_err notice;

            if (part->cmsg_len < CMSG_LEN(sizeof(notice)))
                continue;
            memcpy(&notice, CMSG_DATA(part), sizeof(notice));
            n += notice.ee_origin == SO_EE_ORIGIN_ICMP || notice.ee_origin == SO_EE_ORIGIN_ICMP6;
        }
    }
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
