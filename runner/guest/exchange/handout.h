/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a record leaves a guest: on a raw disk, whole or not at all. The host writes HANDOUT_EMPTY to the first
 * sector, by which the guest knows the disk; the guest writes the record from the second sector on, syncs,
 * and then replaces the first by "vmsuite-record LENGTH SHA256\n". */
#ifndef VMSUITE_RUNNER_GUEST_EXCHANGE_HANDOUT_H
#define VMSUITE_RUNNER_GUEST_EXCHANGE_HANDOUT_H

#define HANDOUT_MAGIC "vmsuite-record "
#define HANDOUT_EMPTY HANDOUT_MAGIC "empty\n"
#define HANDOUT_SECTOR 512
#define HANDOUT_DISK_SIZE (64 * 1024 * 1024)
#define HANDOUT_SCRATCH_LABEL "vmsuite-scratch"

#ifndef VMSUITE_INIT
#include <jansson.h>
#include <vmsuite/module.h>

/* In the guest: writes the file to the disk. */
int handout_write(const char *file, const char *disk, struct vms_error *error);

/* On the host: makes an empty disk, and later reads the record from it. -ENODATA where the guest handed
 * nothing out, -EBADMSG where what it handed out is not what it said. The caller frees the record. */
int handout_prepare(const char *disk, struct vms_error *error);
int handout_read(const char *disk, json_t **ret_record, struct vms_error *error);
#endif

#endif
