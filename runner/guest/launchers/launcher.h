/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Launchers: each knows one way of booting the appliance. A guest is one process that lives as long as it,
 * with the guest's console on its stdout; so a launcher only says whether it can be used and how that process
 * is started. Booting, waiting, collecting and killing (guest_process.h) are the same for all.
 *
 * A launcher is one file, launch_NAME.c, that defines launcher_NAME, and its name in meson.build. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_LAUNCHER_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_LAUNCHER_H

#include "guest/appliance/appliance.h"
#include "guest/launchers/guest_settings.h"
#include "guest/tools/argv.h"

#define LAUNCHERS_MAX 32
#define LAUNCHER_KINDS_MAX 16

/* What names of guests on emulated hardware may begin with. */
#define LAUNCHER_EMULATED "emulated-"

/* What is booted. All borrowed. */
struct boot {
    const struct guest_settings *settings;
    const struct appliance *appliance;
    const char *folder; /* the boot's own folder, for whatever the launcher makes; removed afterwards */
    const char *job;    /* the archive with the job */
    /* the disk by which the record leaves; NULL: its agent is driven, and `channel` set */
    const char *record;
    const char *scratch; /* the disk that disk cases write to, or NULL */
    const char *token;   /* of the peer that is to run beside the hypervisor, or NULL */
    /* the process's input and output lead to the guest's port DRIVEN_PORT, its console to stderr */
    bool channel;
};

/* What a launcher makes of the settings that the guest's job has to know. */
struct boot_shape {
    /* Of the booted machine, where the guest is a guest of that, and RAM disk and inner peer are beside this
     * hypervisor: "xen", "kvm". NULL: the booted machine is the guest. */
    const char *hypervisor;
    bool image_disk; /* the payload is on a disk of its own, behind the others */
    bool is_host;    /* the booted machine stands for a host, and what runs it is nothing that a host pays */
    bool unreliable; /* hangs or panics at times, through no fault of its own: worth another boot */
};

/* One thing that a launcher boots. */
struct launcher_kind {
    const char *name;           /* "" where the launcher boots one thing only */
    const char *virtualization; /* what must be detected in it */
    bool emulated;              /* the hardware that the guest sees is emulated in software */
    bool emulated_devices;      /* its disks and card are those of a PC, whatever the settings say */
    double slowness;            /* as the launcher has it, of this kind; 0: the launcher's */
    const void *own;            /* what the launcher itself wants to know of it */
};

struct launcher {
    const char *name;
    const char *summary;
    const struct launcher_kind *kinds; /* ended by a NULL name; the first is the default */
    /* its own, ended by a NULL name, GUEST_OWN_MAX at the most; NULL: none */
    const struct guest_param *params;
    unsigned abilities; /* enum launcher_ability */
    bool named_by_kind; /* a study may name its kinds alone: what is compared fairly on any machine */
    bool untested;      /* written against its documentation; nobody has run it on the real thing yet */
    double slowness;    /* by about how much longer a boot takes than bare hardware would */
    /* 0, or -ENOTSUP with the reason. May boot a canary. */
    int (*available)(struct vms_error *error);
    /* Refuses settings that are valid one by one, but not together: -EINVAL with a sentence. NULL:
     * nothing. */
    int (*check)(const struct guest_settings *settings, struct vms_error *error);
    /* Makes what is missing in boot->folder and adds the words by which the process is started. */
    int (*command)(const struct boot *boot, struct argv *command, struct vms_error *error);
    /* Ends what outlives that process, however the boot went. NULL: nothing does. */
    void (*end)(const struct boot *boot);
    const char *stateless; /* without LAUNCHER_STATES: why not; NULL: LAUNCHER_STATELESS */
    /* NULL: a guest of this machine, all of it in the first archives. */
    struct boot_shape (*shape)(const struct guest_settings *settings);
    /* The emulator's name and version, where a kind is emulated. The caller frees; NULL: unknown. */
    char *(*emulator)(void);
};

/* Why most launchers save no guest's state. */
#define LAUNCHER_STATELESS                                                                                   \
    "a guest's state is saved, and its monitor's memory read, where that is a process of this program's, "   \
    "as with the launchers kvm and qemu-tcg"

/* Why there is none. */
#define LAUNCHERS_NONE "this vmsuite was built without guests: build it with -Dguests=enabled"

/* All launchers, NULL-ended. */
extern const struct launcher *const launchers[];

/* The launcher of that name, or NULL. */
const struct launcher *launcher_find(const char *name);

/* The row of a kind, or NULL. */
const struct launcher_kind *launcher_kind(const struct launcher *launcher, const char *name);

/* What a word names: "xen-pv" or "emulated-xen-pv", a kind of a launcher whose kinds may be named alone;
 * "LAUNCHER/KIND"; or a launcher, whose only kind it is, or with NULL for a kind where there is a choice.
 * False: nothing. */
bool launcher_named(const char *word, const struct launcher **ret_launcher,
                    const struct launcher_kind **ret_kind);

/* Whether there is more than one kind to choose from. */
bool launcher_has_choice(const struct launcher *launcher);

/* The names of its kinds, NULL-ended. */
void launcher_kind_names(const struct launcher *launcher,
                         const char *ret_names[static LAUNCHER_KINDS_MAX + 1]);

/* Whether a guest hangs or panics at times, through no fault of its own. */
bool launcher_may_hang(const struct guest_settings *settings);

/* A name that no other guest has, for services that want one: that of the boot's folder. Borrowed. */
const char *boot_name(const struct boot *boot);

#endif
