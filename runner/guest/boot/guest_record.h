/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a record says about the guest that it was measured in. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_GUEST_RECORD_H
#define VMSUITE_RUNNER_GUEST_BOOT_GUEST_RECORD_H

#include "guest/boot/life.h"
#include "guest/exchange/host_moments.h"
#include "guest/launchers/launcher.h"
#include "run/files/run_files.h"

struct guest_record {
    const char *name; /* of the configuration, or of the place */
    const struct guest_settings *settings;
    const json_t *given; /* the configuration as it was given; guest_record_complete alone wants it */
    const struct launcher *launcher;
    const char *hypervisor; /* of the machine between the host and the guest; NULL: there is none between */
    const struct appliance *appliance;
    const struct outcome_set *set; /* that the run belongs to; its id may be "" */
    const char *detected;          /* what a guest that served took itself for */
    unsigned n_failed_boots;       /* that hung or panicked before this one */
    double boot_s, total_s;        /* to the guest's first process, and to its end */
    double ready_s, answer_s;      /* until it measures or serves, and its program speaks; NaN: unknown */
    double stop_s;                 /* from when it said that it powers off to its end; NaN: unknown */
    double monitor_memory;         /* bytes that the monitor took beside the guest's memory; NaN: unknown */
    double kernel_s;               /* what its own clock had counted at its first process; NaN: unknown */
    const struct life *life;       /* the rest of its life */
    const json_t *seen;            /* of its monitor (boot_seen.h), when all was measured; NULL: nothing */
    const struct host_moments *moments; /* by the clock of the machine between */
};

/* 0, or -EBADMSG with what is wrong where a guest handed out something other than a whole record. */
int guest_record_check(const json_t *record, struct vms_error *error);

/* Adds "guest" to a record: launcher, kind, settings, kernel, appliance, times, an honest label, which
 * hypervisor saw which, and the host's facts; and a warning where the hardware is emulated or the clock
 * counts instructions. -ENOMEM. */
int guest_record_add(json_t *record, const struct guest_record *about);

/* The same for a record that a guest handed out, and the configuration as it was given here. -EBADMSG where
 * it is no record. */
int guest_record_complete(json_t *record, const struct guest_record *about, struct vms_error *error);

/* The record's files in `folder`, named after the configuration, its start and its run. `configuration` is
 * the host's own name for it; NULL: it is unknown here, and the record's is taken if it is safe. -EBADMSG
 * where the record's names could lead elsewhere. */
int guest_record_files(const json_t *record, const char *configuration, const char *folder,
                       struct run_files *ret_files, struct vms_error *error);

#endif
