/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/tcp/zerocopy.h"

#include "shared/net/error.h"
#include "shared/net/notice.h"

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
    struct sock_extended_err notice;

    while (zerocopy->done < zerocopy->sends) {
        int status = net_notice_take(fd, &notice);

        if (status <= 0)
            return status < 0 ? net_fail_errno(error, -status, "MSG_ERRQUEUE") : 0;
        take(zerocopy, &notice);
    }
    return 0;
}
