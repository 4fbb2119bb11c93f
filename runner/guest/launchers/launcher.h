/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Launchers: each knows one way of booting the appliance. A guest is one process that lives as long as it,
 * with the guest's console on its stdout; so a launcher only says whether it can be used and how that process
 * is started. Booting, waiting, collecting and killing (vm.h) are the same for all. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_LAUNCHER_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_LAUNCHER_H

#include "guest/appliance/appliance.h"
#include "guest/command.h"
#include "guest/launchers/settings.h"

#define LAUNCHERS_MAX 8

/* What is booted. All borrowed. */
struct boot {
    const struct guest_settings *settings;
    const struct appliance *appliance;
    const char *folder;  /* the boot's own folder, for whatever the launcher makes; removed afterwards */
    const char *job;     /* the archive with the job */
    const char *record;  /* the disk by which the record leaves */
    const char *scratch; /* the disk that disk cases write to, or NULL */
    const char *token;   /* of the peer that is to run beside the hypervisor, or NULL */
};

/* What a launcher makes of the settings that the guest's job has to know. */
struct boot_shape {
    /* Of the booted machine, where the guest is a guest of that, and RAM disk and inner peer are beside this
     * hypervisor: "xen", "kvm". NULL: the booted machine is the guest. */
    const char *hypervisor;
    bool image_disk; /* the payload is on a disk of its own, behind the others */
    bool unreliable; /* hangs or panics at times, through no fault of its own: worth a second boot */
};

struct launcher {
    const char *name;
    const char *summary;
    const char *const *kinds;  /* what it can boot, NULL-ended; NULL: one thing only */
    bool emulated;             /* the hardware that the guest sees is emulated in software */
    const char *emulated_kind; /* the one kind of which that is true, where it is not of all */
    bool untested;   /* written against its documentation; nobody has run it on the real thing yet */
    double slowness; /* by about how much longer a boot takes than bare hardware would */
    /* 0, or -ENOTSUP with the reason. May boot a canary. */
    int (*available)(struct vms_error *error);
    /* Makes what is missing in boot->folder and tells how the process is started. */
    int (*command)(const struct boot *boot, struct command *command, struct vms_error *error);
    /* Ends what outlives that process, however the boot went. NULL: nothing does. */
    void (*end)(const struct boot *boot);
    /* NULL: a guest of this machine, all of it in the first archives. */
    struct boot_shape (*shape)(const struct guest_settings *settings);
};

extern const struct launcher launcher_qemu_tcg, launcher_kvm, launcher_emulated_host, launcher_xen,
    launcher_libvirt, launcher_virtualbox;

/* All launchers, NULL-ended. */
extern const struct launcher *const launchers[];

/* The launcher of that name, or NULL. */
const struct launcher *launcher_find(const char *name);

/* Whether a guest of these settings sees emulated hardware. */
bool launcher_emulates(const struct launcher *launcher, const char *kind);

/* A name that no other guest has, for services that want one: that of the boot's folder. Borrowed. */
const char *boot_name(const struct boot *boot);

#endif
