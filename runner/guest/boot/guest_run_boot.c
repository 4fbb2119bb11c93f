/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/guest_run.h"

#include "base/clock.h"
#include "base/error.h"
#include "guest/boot/boot_seen.h"
#include "guest/boot/host_client.h"
#include "guest/exchange/handout.h"
#include "output/terminal.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

/* Where every second boot fails, all of six do in one of sixty. */
#define BOOTS_MOST 6

/* A part of a guest's life that cannot be had is no reason to lose its record. */
static void note_life(const struct guest_run *run, const struct vms_error *error) {
    terminal_print(stderr, "vmsuite run: the life cycle of the guest \"%s\" was not timed to its end: %s\n",
                   run->configuration->name, error->text);
}

static int open_monitor(struct guest_run *run, struct vms_error *error) {
    return run->bill.qmp.stream ? 0 : qmp_open(run->monitor, &run->bill.qmp, error);
}

/* The monitor's threads are put where they are to be when it begins to measure, or to serve. */
static void pin(struct guest_run *run) {
    const char *list = run->configuration->guest.pin;

    if (open_monitor(run, &run->pin_error) == 0)
        (void)boot_pin(&run->bill.qmp, run->process.pid, list, &run->pin_error);
}

static void see(struct guest_run *run) {
    bool tunes = run->launcher->abilities & LAUNCHER_TUNES;

    json_decref(run->seen);
    run->seen = tunes && open_monitor(run, &(struct vms_error){""}) == 0
                    ? boot_seen(&run->bill.qmp, run->process.pid)
                    : NULL;
}

static void save_state(struct guest_run *run) {
    struct qmp *qmp = &run->bill.qmp;
    struct vms_error error = {""};
    int status = open_monitor(run, &error);

    if (status == 0)
        status = life_save(&run->life, qmp, run->files.folder.folder, &error);
    if (status < 0)
        note_life(run, &error);
}

static void restore_state(struct guest_run *run, const struct argv *command) {
    struct vms_error error = {""};

    if (!isnan(run->life.save_s) && life_restore(&run->life, command, run->files.folder.folder, &error) < 0)
        note_life(run, &error);
}

/* What this program itself takes while the guest measures. */
static void account_own(struct guest_run *run, enum console_stage stage) {
    double now_s = (double)clock_now_ns() / NS_PER_S;

    if (run->is_measured || stage < CONSOLE_MEASURING)
        return;
    if (run->taken_s == 0) {
        run->own_s = clock_own_s();
        run->taken_s = now_s;
    }
    if (stage < CONSOLE_MEASURED)
        return;
    run->own_s = clock_own_s() - run->own_s;
    run->taken_s = now_s - run->taken_s;
    run->is_measured = true;
}

/* While it measures, what the guest says is progress. */
static void relay(void *context, const char *line) {
    struct guest_run *run = context;
    enum console_stage stage = run->process.text.stage;

    /* The line that says so is init's, the next is the program's. */
    if (run->speaks && run->process.answer_ns == 0)
        run->process.answer_ns = clock_now_ns();
    run->speaks = stage == CONSOLE_MEASURING;
    account_own(run, stage);
    if (stage >= CONSOLE_MEASURING && !run->placed && run->configuration->guest.pin)
        pin(run);
    run->placed |= stage >= CONSOLE_MEASURING;
    if (bill_take_line(&run->bill, line) ||
        (run->shape.hypervisor && host_moments_parse(line, &run->moments)))
        return;
    if (stage >= CONSOLE_MEASURED && !run->weighed) {
        run->weighed = true;
        bill_read_memory(&run->bill);
        see(run);
        if (run->configuration->guest.whole_life)
            save_state(run);
    }
    if (stage >= CONSOLE_MEASURING && stage < CONSOLE_OFF && run->options->progress != PROGRESS_NONE)
        terminal_print(stderr, "  [%s] %s\n", run->configuration->name, line);
}

/* The record of the guest's run, or of this host's against it. */
static int take_record(struct guest_run *run, struct vms_error *error) {
    struct boot_limits limits = boot_limits_of(run->configuration);
    int status;

    if (run->configuration->guest.serves)
        return host_client_measure(&(struct host_client){.configuration = run->configuration,
                                                         .modules = run->modules,
                                                         .options = run->options,
                                                         .folder = run->files.folder.folder,
                                                         .token_file = run->files.token,
                                                         .limits = limits},
                                   &run->process, &run->record, error);
    status = guest_process_wait(&run->process, &limits, error);
    return status == 0 ? handout_read(run->files.record, &run->record, error) : status;
}

static int boot_once(struct guest_run *run, struct vms_error *error) {
    struct boot boot = {.settings = &run->configuration->guest,
                        .appliance = &run->appliance,
                        .folder = run->files.folder.folder,
                        .job = run->files.job,
                        .record = run->files.record,
                        .scratch = run->files.scratch,
                        .token = run->configuration->guest.peer_inside ? run->files.token : NULL};
    mode_t before = umask(077);
    struct argv command = {0};
    int status = run->launcher->command(&boot, &command, error);

    (void)umask(before);
    if (status == 0)
        status = guest_process_start(&command, run->console_fd, &run->process, error);
    if (status == 0) {
        bill_done(&run->bill);
        bill_init(&run->bill, "", run->shape.hypervisor || run->shape.is_host ? 0 : run->process.pid,
                  run->shape.hypervisor);
        run->bill.socket = run->monitor;
        run->bill.guest_memory = run->configuration->guest.memory;
        run->weighed = run->speaks = run->placed = run->is_measured = false;
        run->own_s = run->taken_s = 0;
        run->process.text.on_line = relay;
        run->process.text.context = run;
        life_init(&run->life);
        host_moments_init(&run->moments);
        status = take_record(run, error);
    }
    if (status == 0 && run->pin_error.text[0])
        status = error_set(error, -EIO, "%s", run->pin_error.text);
    if (status == 0)
        restore_state(run, &command);
    argv_done(&command);
    if (run->launcher->end)
        run->launcher->end(&boot);
    return status;
}

/* Whether the boot failed as boots of its kind sometimes do. */
static bool is_by_chance(const struct guest_run *run, int status) {
    return launcher_may_hang(&run->configuration->guest) && !run->process.text.short_of_memory &&
           (status == -ETIMEDOUT || run->process.text.panicked);
}

static int boot_again(struct guest_run *run, struct vms_error *error) {
    int status;

    run->n_failed_boots++;
    terminal_print(stderr,
                   "vmsuite run: the guest \"%s\" failed, as guests of its kind sometimes do; booting it "
                   "again (%u of at most %u boots): %s\n",
                   run->configuration->name, run->n_failed_boots + 1, BOOTS_MOST, error->text);
    guest_process_end(&run->process);
    run->process = (struct guest_process){0};
    status = handout_prepare(run->files.record, error);
    return status == 0 ? boot_once(run, error) : status;
}

int guest_run_boot(struct guest_run *run, struct vms_error *error) {
    int status = boot_once(run, error);

    while (is_by_chance(run, status) && run->n_failed_boots + 1 < BOOTS_MOST)
        status = boot_again(run, error);
    if (status < 0 && run->process.text.short_of_memory)
        guest_memory_explain(&run->memory, error);
    return status;
}
