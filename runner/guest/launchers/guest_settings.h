/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration's "guest" section: which guest is booted to be measured. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_GUEST_SETTINGS_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_GUEST_SETTINGS_H

#include "guest/launchers/guest_param.h"
#include "guest/tools/argv.h"

/* How many parameters of its own a launcher may have. */
#define GUEST_OWN_MAX 8

/* How many queues a device may be given: a card's are a descriptor each. */
#define GUEST_QUEUES_MAX ARGV_KEPT_MAX

/* The deadline unless another is given, as text and in seconds. */
#define GUEST_DEADLINE "15min"
#define GUEST_DEADLINE_S 900
/* That of a guest that a study or a run over places visits: the slowest kind with the longest suite, on a
 * busy machine. */
#define GUEST_DEADLINE_VISIT "30min"

struct guest_settings {
    bool present;
    char *launcher; /* "qemu-tcg", "kvm", "emulated-host", ... */
    char *kind;     /* what is booted on the launcher's machine; "" where there is no choice */
    unsigned vcpus;
    uint64_t memory; /* bytes */
    uint64_t disk;   /* bytes of the virtual disk that disk cases write to; 0: memory instead */
    char *cache;     /* QEMU's cache mode of that disk */
    char *format;    /* of that disk's file, as QEMU calls it: "raw", "qcow2" */
    unsigned queues; /* of its disk and its card on a bridge; 0: as many as QEMU gives */
    bool vhost;      /* the kernel of this host moves the packets of its card */
    char *pin;       /* the processors that its monitor's threads run on, as cpus_parse has them; NULL: any */
    bool disk_in_memory;   /* that disk is a RAM disk beside the hypervisor (the guest's own without one) */
    bool emulated_devices; /* IDE and e1000 rather than virtio */
    bool network;
    char *bridge;     /* the bridge of this host that its card is on; NULL: QEMU's user network */
    char *address;    /* its own there, "A.B.C.D/N" */
    bool serves;      /* it is the server of network cases, this host the client that measures */
    bool peer_inside; /* the peer runs beside the hypervisor (in a network of its own, where there is none) */
    bool icount;      /* the guest's clock counts instructions */
    bool whole_life;  /* its state is saved, and guests are started from there */
    unsigned deadline_s;                   /* of the whole boot */
    char *kernel;                          /* a bzImage; NULL: the appliance's own */
    char *drivers;                         /* its drivers; NULL: none */
    char *options;                         /* further words for its command line; NULL: none */
    struct guest_value own[GUEST_OWN_MAX]; /* the launcher's own parameters, in the order of its table */
};

/* The parameters that every launcher has, and how many. */
extern const struct guest_param guest_params[];
extern const size_t guest_n_params;

/* Reads the section at `path` strictly: what is wrong is added to the document's problems. */
void guest_settings_read(const struct document *document, const char *path, const json_t *json,
                         struct guest_settings *ret_settings);
void guest_settings_done(struct guest_settings *settings);

#endif
