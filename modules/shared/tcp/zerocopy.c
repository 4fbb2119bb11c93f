/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/tcp/zerocopy.h"

#include "shared/net/error.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

/* A notification covers the sends with numbers from ee_info to ee_data (msg_zerocopy in the kernel's
 * documentation). */
static void take(struct zerocopy *zerocopy, const struct sock_extended_err *notice) {
    uint64_t n = (uint64_t)(notice->ee_data - notice->ee_info) + 1;

    if (notice->ee_errno != 0 || notice->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
        return;
    zerocopy->done += n;
    if (notice->ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
        zerocopy->copied += n;
}

int zerocopy_reap(struct zerocopy *zerocopy, int fd, struct vms_error *error) {
    union {
        char bytes[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
        struct cmsghdr align;
    } control;

    while (zerocopy->done < zerocopy->sends) {
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof(control)};

        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : net_fail_errno(error, errno, "MSG_ERRQUEUE");
        for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
            struct sock_extended_err notice;

            if (part->cmsg_len < CMSG_LEN(sizeof(notice)))
                continue;
            memcpy(&notice, CMSG_DATA(part), sizeof(notice));
            take(zerocopy, &notice);
        }
    }
    return 0;
}
