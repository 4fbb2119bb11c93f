/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation of the two halves over the host's put and get. */
#ifndef VMSUITE_MODULES_SHARED_NET_CONTROL_H
#define VMSUITE_MODULES_SHARED_NET_CONTROL_H

#include "shared/net/message.h"

#define NET_SECOND UINT64_C(1000000000)
#define NET_POLL_NS (100 * UINT64_C(1000000)) /* between two looks at should_stop */
#define NET_SETUP_NS (10 * NET_SECOND)        /* limit of each step of the set-up */
#define NET_STALL_NS (10 * NET_SECOND)        /* without any progress, a trial has failed */

/* Sends a message. The host's errors, with a sentence. */
int net_put(const struct vms_host *host, enum net_kind kind, const uint64_t *fields, size_t n,
            struct vms_error *error);

/* Waits for a message of that kind, for `limit_ns` at most, looking at should_stop. Returns the number of
 * fields (`max` at most). -ETIMEDOUT, -ECONNRESET, -EPROTO, -ECANCELED, with a sentence. */
ssize_t net_get(const struct vms_host *host, enum net_kind kind, uint64_t *fields, size_t max,
                uint64_t limit_ns, struct vms_error *error);

/* The same where the number of fields is known: another number is -EPROTO. 0 on success. */
int net_get_exactly(const struct vms_host *host, enum net_kind kind, uint64_t *fields, size_t n,
                    uint64_t limit_ns, struct vms_error *error);

/* While the other half has nothing to say: 0 as long as it is there. -ECONNRESET, -EPROTO, -ECANCELED. */
int net_check_other(const struct vms_host *host, struct vms_error *error);

/* Doubles travel as their IEEE 754 bits. */
uint64_t net_from_double(double value);
double net_to_double(uint64_t field);

#endif
