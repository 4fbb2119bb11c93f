/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest of QEMU's takes beside its work: how long its state takes to be saved and to come back from
 * there, and how much of the host's memory further guests of its kind take. Measured where the
 * configuration's guest says "life": "whole". */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_LIFE_H
#define VMSUITE_RUNNER_GUEST_BOOT_LIFE_H

#include "guest/boot/qmp.h"
#include "guest/tools/argv.h"

#define LIFE_GUESTS 3

/* NaN: unknown. */
struct life {
    double save_s;              /* until the guest's state, its memory too, was in a file */
    double state_bytes;         /* of that file */
    double restore_s;           /* from starting its monitor until the guest ran again */
    double memory[LIFE_GUESTS]; /* bytes of this host that so many restored guests took together (PSS) */
};

/* None of it is known. */
void life_init(struct life *life);

/* Stops the guest, saves its state in FOLDER, and lets it go on. -EIO, -EINTR and -ENOTSUP with a sentence;
 * it goes on anyway. */
int life_save(struct life *life, struct qmp *qmp, const char *folder, struct vms_error *error);

/* Starts guests by the command from that state, one beside the other, up to LIFE_GUESTS; their disks are
 * copies that are thrown away. Ends them all. -EIO and -EINTR with a sentence. */
int life_restore(struct life *life, const struct argv *command, const char *folder, struct vms_error *error);

/* How many guests of its kind 10^9 bytes hold, by what each took beyond the one before. NaN: unknown. */
double life_guests_per_gigabyte(const struct life *life);

#endif
