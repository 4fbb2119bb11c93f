/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says of earlier sends, in the error queue of their socket (ip(7), IP_RECVERR). */
#ifndef VMSUITE_MODULES_SHARED_NET_NOTICE_H
#define VMSUITE_MODULES_SHARED_NET_NOTICE_H

#include <time.h> /* of which the next one uses struct timespec */

#include <linux/errqueue.h>

/* Takes the next notice out of the queue, without waiting. 1; 0: there is none; or a negative errno. */
int net_notice_take(int fd, struct sock_extended_err *ret_notice);

#endif
