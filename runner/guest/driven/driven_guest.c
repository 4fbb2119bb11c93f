/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/driven/driven_guest.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/boot/bill.h"
#include "guest/boot/boot_files.h"
#include "guest/boot/boot_seen.h"
#include "guest/boot/console.h"
#include "guest/boot/guest_memory.h"
#include "guest/boot/guest_record.h"
#include "guest/driven/driven_job.h"
#include "guest/exchange/job.h"
#include "guest/launchers/launcher.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/tap.h"
#include "guest/launchers/tuning.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define LOOPBACK "127.0.0.1"
#define RESUME_TRIES 5 /* of some seconds each, while QEMU is there but does not answer */

struct driven_guest {
    const struct guest_settings *settings;
    const struct launcher *launcher;
    struct appliance own;              /* where it has one that is not another's */
    const struct appliance *appliance; /* its own, or the other's */
    struct boot_files files;           /* of a boot */
    char *monitor;                     /* the socket of QEMU's, in the boot's folder */
    bool booted;
    struct console console;
    json_t *seen;     /* of its monitor; NULL: nothing */
    struct bill bill; /* over all boots; its QMP serves to hold the guest, too */
    /* Of the last boot, by the monotonic clock; 0: not yet. */
    uint64_t start_ns, ready_ns, able_ns, answer_ns, off_ns, end_ns;
};

static bool is_same(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int find_appliance(struct driven_guest *guest, const struct module_list *modules,
                          const struct driven_guest *other, struct vms_error *error) {
    const struct guest_settings *settings = guest->settings;
    const struct appliance_input input = {
        .kernel = settings->kernel, .drivers = settings->drivers, .modules = modules};
    mode_t before;
    int status;

    if (other && is_same(other->settings->kernel, settings->kernel) &&
        is_same(other->settings->drivers, settings->drivers)) {
        guest->appliance = other->appliance;
        return 0;
    }
    before = umask(077);
    status = appliance_build(&input, &guest->own, error);
    (void)umask(before);
    guest->appliance = &guest->own;
    return status;
}

/* A guest that surely does not boot is not tried. */
static int check_memory(const struct driven_guest *guest, struct vms_error *error) {
    struct guest_memory memory;

    guest_memory_find(guest->appliance, guest->settings->memory, false, &memory);
    return guest_memory_check(&memory, error);
}

int driven_guest_new(const struct guest_settings *settings, const struct module_list *modules,
                     const struct driven_guest *other, struct driven_guest **ret_guest,
                     struct vms_error *error) {
    struct driven_guest *guest = calloc(1, sizeof(*guest));
    int status;

    if (!guest)
        return error_memory(error);
    guest->settings = settings;
    guest->launcher = launcher_find(settings->launcher);
    bill_init(&guest->bill, "", 0, false);
    guest->bill.guest_memory = settings->memory;
    status = guest->launcher->available(error);
    if (status == 0)
        status = tuning_check(settings, error);
    if (status == 0)
        status = find_appliance(guest, modules, other, error);
    if (status == 0)
        status = check_memory(guest, error);
    if (status < 0)
        driven_guest_free(guest);
    else
        *ret_guest = guest;
    return status;
}

static int make_files(struct driven_guest *guest, struct vms_error *error) {
    int status = boot_files_make(guest->settings->disk, guest->settings->format, &guest->files, error);

    free(TAKE(guest->monitor));
    if (status == 0 && !(guest->monitor = text_new("%s/" QEMU_MONITOR, guest->files.folder.folder)))
        status = error_memory(error);
    return status == 0 ? driven_job_write(guest->settings, guest->files.job, error) : status;
}

int driven_guest_prepare(struct driven_guest *guest, struct argv *command, struct vms_error *error) {
    mode_t before = umask(077);
    int status = make_files(guest, error);
    struct boot boot = {.settings = guest->settings,
                        .appliance = guest->appliance,
                        .folder = guest->files.folder.folder,
                        .job = guest->files.job,
                        .scratch = guest->files.scratch,
                        .channel = true};

    if (status == 0)
        status = guest->launcher->command(&boot, command, error);
    (void)umask(before);
    return status;
}

void driven_guest_started(struct driven_guest *guest, pid_t pid) {
    guest->console = (struct console){.exit_status = -1};
    guest->bill.pid = pid;
    guest->ready_ns = guest->able_ns = guest->answer_ns = guest->off_ns = guest->end_ns = 0;
    guest->start_ns = clock_now_ns();
    guest->booted = true;
}

/* Notes when it has come as far as a stage. */
static void note_stage(const struct driven_guest *guest, enum console_stage stage, uint64_t *moment_ns) {
    if (*moment_ns == 0 && guest->console.stage >= stage)
        *moment_ns = clock_now_ns();
}

void driven_guest_hear(struct driven_guest *guest, const char *bytes, size_t size) {
    console_feed(&guest->console, bytes, size);
    note_stage(guest, CONSOLE_READY, &guest->ready_ns);
    note_stage(guest, CONSOLE_MEASURING, &guest->able_ns);
    note_stage(guest, CONSOLE_OFF, &guest->off_ns);
}

bool driven_guest_has_stopped(const struct driven_guest *guest) {
    return guest->console.panicked;
}

/* One connection to QEMU's monitor serves all, until it is lost. */
static bool has_monitor(struct driven_guest *guest) {
    if (!guest->bill.qmp.stream && guest->monitor && guest->booted)
        (void)qmp_open(guest->monitor, &guest->bill.qmp, &(struct vms_error){""});
    return guest->bill.qmp.stream;
}

int driven_guest_answered(struct driven_guest *guest, struct vms_error *error) {
    guest->answer_ns = clock_now_ns();
    if (!guest->settings->pin)
        return 0;
    (void)has_monitor(guest);
    return boot_pin(&guest->bill.qmp, guest->bill.pid, guest->settings->pin, error);
}

void driven_guest_trial(struct driven_guest *guest, unsigned case_id, unsigned trial, bool ends) {
    (void)has_monitor(guest);
    bill_mark(&guest->bill, case_id, trial, ends);
}

void driven_guest_measured(struct driven_guest *guest) {
    bill_read_memory(&guest->bill);
    json_decref(guest->seen);
    guest->seen = guest->booted && has_monitor(guest) ? boot_seen(&guest->bill.qmp, guest->bill.pid) : NULL;
}

static bool ask(struct driven_guest *guest, const char *command) {
    return has_monitor(guest) && qmp_ask(&guest->bill.qmp, command, NULL, NULL, &(struct vms_error){""}) == 0;
}

/* A monitor that does not answer in time (QEMU on a busy host) is closed, but does what it was asked, later:
 * what may have been stopped is let go on, over a connection of its own. */
static bool let_go_on(struct driven_guest *guest) {
    for (unsigned i = 0; i < RESUME_TRIES; i++) {
        if (ask(guest, "cont"))
            return true;
        if (guest->bill.qmp.stream) /* it refused */
            return false;
    }
    return false;
}

bool driven_guest_hold(struct driven_guest *guest, bool still) {
    if (!still)
        return let_go_on(guest);
    if (ask(guest, "stop"))
        return true;
    (void)let_go_on(guest);
    return false;
}

void driven_guest_words(const struct driven_guest *guest, char *ret_words, size_t size) {
    if (guest->console.reason[0])
        (void)snprintf(ret_words, size, "%s", guest->console.reason);
    else
        console_tail(&guest->console, ret_words, size);
}

const char *driven_guest_folder(const struct driven_guest *guest) {
    return guest->files.folder.folder;
}

void driven_guest_end(struct driven_guest *guest) {
    if (guest->booted)
        guest->end_ns = clock_now_ns();
    guest->booted = false;
    guest->bill.pid = 0;
    qmp_close(&guest->bill.qmp);
    boot_files_done(&guest->files);
}

/* Seconds from one moment to another; NaN where either was not reached. */
static double between(uint64_t from_ns, uint64_t to_ns) {
    return from_ns > 0 && to_ns > from_ns ? (double)(to_ns - from_ns) / NS_PER_S : (double)NAN;
}

int driven_guest_describe(const struct driven_guest *guest, const char *name, json_t *record) {
    double up_s = guest->console.up_s;
    struct life life;
    struct guest_record about = {.name = name,
                                 .settings = guest->settings,
                                 .launcher = guest->launcher,
                                 .appliance = guest->appliance,
                                 .detected = "",
                                 .boot_s = between(guest->start_ns, guest->ready_ns),
                                 .ready_s = between(guest->start_ns, guest->able_ns),
                                 .answer_s = between(guest->start_ns, guest->answer_ns),
                                 .total_s = between(guest->start_ns, guest->end_ns),
                                 .stop_s = between(guest->off_ns, guest->end_ns),
                                 .monitor_memory = guest->bill.memory,
                                 .kernel_s = up_s > 0 ? up_s : (double)NAN,
                                 .life = &life,
                                 .seen = guest->seen};

    life_init(&life);
    return guest_record_add(record, &about) < 0 ? -ENOMEM : bill_add(&guest->bill, record);
}

int driven_guest_host(const struct guest_settings *settings, char *ret_bind, char *ret_host, size_t size,
                      struct vms_error *error) {
    char address[INET_ADDRSTRLEN] = LOOPBACK;
    int status = settings->bridge ? tap_host_address(settings->bridge, settings->address, address, error) : 0;

    (void)snprintf(ret_bind, size, "%s", settings->network ? address : "");
    (void)snprintf(ret_host, size, "%s", !settings->network ? "" : settings->bridge ? address : JOB_HOST);
    return status;
}

void driven_guest_free(struct driven_guest *guest) {
    if (!guest)
        return;
    driven_guest_end(guest);
    bill_done(&guest->bill);
    json_decref(guest->seen);
    appliance_done(&guest->own);
    free(guest->monitor);
    free(guest);
}
