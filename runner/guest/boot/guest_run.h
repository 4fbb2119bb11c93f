/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one configuration in a guest, while it goes on. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_GUEST_RUN_H
#define VMSUITE_RUNNER_GUEST_BOOT_GUEST_RUN_H

#include "guest/boot/bill.h"
#include "guest/boot/boot_files.h"
#include "guest/boot/guest_memory.h"
#include "guest/boot/guest_process.h"
#include "guest/boot/life.h"
#include "guest/boot/measure_guest.h"
#include "guest/exchange/host_moments.h"
#include "guest/launchers/launcher.h"
#include "run/peer/local_peer.h"

#include <netinet/in.h>

struct guest_run {
    const struct configuration *configuration;
    const struct module_list *modules;
    const struct measure_options *options;
    const struct guest_visit *visit; /* NULL: it is no place */
    const struct launcher *launcher;
    struct appliance appliance;
    struct boot_files files;
    char *console; /* the file that the guest's console is kept in; removed where all is well */
    int console_fd;
    struct local_peer peer;
    char host[INET_ADDRSTRLEN]; /* where the peer listens */
    uint16_t port;
    struct boot_shape shape;
    struct guest_process process;
    struct bill bill;
    struct guest_memory memory;
    struct life life;
    struct host_moments moments; /* of a nested guest */
    char *monitor;               /* the socket of QEMU's, where there is one */
    unsigned n_failed_boots;     /* that failed by chance, before the one that counts */
    bool placed;                 /* it has been put on its processors */
    bool weighed;                /* the monitor's memory has been read */
    bool speaks;                 /* the guest's program */
    /* since it began to measure, this program's processor time and the clock; then what both came to */
    double own_s, taken_s;
    bool is_measured;
    struct vms_error pin_error; /* why the guest was not put on its processors; "" */
    json_t *seen;               /* of its monitor; NULL: nothing */
    json_t *record;
};

/* Makes what the boot needs; everything that is made for it is closed to others. -errno with a sentence. */
int guest_run_prepare(struct guest_run *run, struct vms_error *error);

/* Boots the guest, and takes its record. Where a guest may hang or panic through no fault of its own, it gets
 * a second chance, and its record says so. -errno with a sentence. */
int guest_run_boot(struct guest_run *run, struct vms_error *error);

#endif
