/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/notice.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool find(struct msghdr *message, struct sock_extended_err *ret_notice) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_len < CMSG_LEN(sizeof(*ret_notice)))
            continue;
        memcpy(ret_notice, CMSG_DATA(part), sizeof(*ret_notice));
        return true;
    }
    return false;
}

int net_notice_take(int fd, struct sock_extended_err *ret_notice) {
    union {
        char bytes[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
        struct cmsghdr align;
    } control;
    char byte; /* of the datagram: QEMU's user mode asks its kernel for nothing where there is no room */
    struct iovec room = {.iov_base = &byte, .iov_len = 1};

    for (;;) {
        struct msghdr message = {
            .msg_iov = &room, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        /* A system without such a queue may answer from another, or with nothing for ever. */
        if (!(message.msg_flags & MSG_ERRQUEUE))
            return 0;
        if (find(&message, ret_notice))
            return 1;
    }
}
