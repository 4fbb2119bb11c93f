/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/measure_guest.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "base/terminal.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "guest/boot/bill.h"
#include "guest/boot/boot_files.h"
#include "guest/boot/boot_seen.h"
#include "guest/boot/guest_memory.h"
#include "guest/boot/guest_process.h"
#include "guest/boot/guest_record.h"
#include "guest/boot/host_client.h"
#include "guest/boot/life.h"
#include "guest/exchange/handout.h"
#include "guest/exchange/job.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/tap.h"
#include "guest/launchers/tuning.h"
#include "module/outcome.h"
#include "record/file/store.h"
#include "record/value.h"
#include "record/write/record.h"
#include "run/peer/local_peer.h"

#include <math.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

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
    bool retried;                /* its first boot failed */
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

static bool needs_peer(const struct configuration *configuration) {
    for (size_t i = 0; i < configuration->suite.n_benchmarks; i++)
        if (configuration->suite.benchmarks[i].module->needs & VMS_NEEDS_PEER)
            return true;
    return false;
}

/* Where the record goes, and the console until then. */
static int make_output(struct guest_run *run, struct vms_error *error) {
    const char *output = run->options->output;

    if (strcmp(output, "-") == 0)
        output = ".";
    else if (output_make_folder(output, error) < 0 || output_check_folder(output, error) < 0)
        return -EIO;
    run->console_fd = boot_files_console(output, run->configuration->name, &run->console, error);
    return run->console_fd < 0 ? run->console_fd : 0;
}

/* The guest's peer is on loopback here: QEMU's user network leads there; or on the bridge that the guest is
 * on. Or it is on the machine between, which starts it. The token is in the guest's job. */
static int start_peer(struct guest_run *run, struct vms_error *error) {
    const struct guest_settings *settings = &run->configuration->guest;
    struct peer_address address = {.port = PEER_PORT};
    struct token token;
    int status;

    if (!settings->network || !needs_peer(run->configuration))
        return 0;
    (void)snprintf(run->host, sizeof(run->host), "127.0.0.1");
    status = boot_files_add_token(&run->files, error);
    if (status == 0 && settings->bridge)
        status = tap_host_address(settings->bridge, settings->address, run->host, error);
    if (status == 0)
        status = token_read(run->files.token, &token, error);
    if (status < 0)
        return status;
    if (!settings->peer_inside && !settings->serves)
        status = local_peer_start_with(run->modules, &token, run->host, &run->peer, &address, error);
    run->port = address.port;
    token_done(&token);
    token_done(&address.token);
    return status;
}

static int write_job(const struct guest_run *run, struct vms_error *error) {
    const struct guest_settings *settings = &run->configuration->guest;
    struct job job = {.configuration = run->configuration,
                      .seed = run->options->has_seed ? &run->options->seed : NULL,
                      .token_file = run->files.token,
                      .peer_beside = run->files.token && settings->peer_inside && !run->shape.hypervisor,
                      .peer_address = settings->bridge        ? run->host
                                      : settings->peer_inside ? JOB_HYPERVISOR
                                                              : JOB_HOST,
                      .peer_port = run->port,
                      .guest_address = settings->address,
                      .serves = settings->serves,
                      .allow_mismatch = run->visit && run->visit->allow_mismatch,
                      .retry_noisy = run->options->retry_noisy,
                      .disks = 1U + (run->files.scratch != NULL) + run->shape.image_disk,
                      .ramdisk = settings->disk_in_memory && !run->shape.hypervisor};

    return job_write(&job, run->files.job, error);
}

/* Everything that is made for the boot is closed to others. */
static int prepare(struct guest_run *run, struct vms_error *error) {
    const struct guest_settings *settings = &run->configuration->guest;
    struct appliance_input input = {
        .kernel = settings->kernel, .drivers = settings->drivers, .modules = run->modules};
    int status = make_output(run, error);
    mode_t before = umask(077);

    if (status == 0)
        status = boot_files_make(settings->disk, settings->format, &run->files, error);
    if (status == 0)
        status = boot_files_add_record(&run->files, error);
    if (status == 0 && asprintf(&run->monitor, "%s/" QEMU_MONITOR, run->files.folder.folder) < 0) {
        run->monitor = NULL;
        status = error_memory(error);
    }
    if (status == 0)
        status = appliance_build(&input, &run->appliance, error);
    if (status == 0) {
        guest_memory_find(&run->appliance, settings->memory, run->shape.image_disk, &run->memory);
        status = guest_memory_check(&run->memory, error);
    }
    if (status == 0)
        status = start_peer(run, error);
    if (status == 0)
        status = write_job(run, error);
    (void)umask(before);
    return status;
}

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
    const struct boot_limits limits = boot_limits_of(run->configuration);
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

/* Where a guest may hang or panic through no fault of its own, it gets a second chance, and its record
 * says so. */
static int boot(struct guest_run *run, struct vms_error *error) {
    int status = boot_once(run, error);

    if (status < 0 && run->process.text.short_of_memory) {
        guest_memory_explain(&run->memory, error);
        return status;
    }
    if (!run->shape.unreliable || (status != -ETIMEDOUT && !run->process.text.panicked))
        return status;
    terminal_print(stderr,
                   "vmsuite run: the guest \"%s\" failed, as guests of its kind sometimes do; booting it "
                   "once more: %s\n",
                   run->configuration->name, error->text);
    guest_process_end(&run->process);
    run->process = (struct guest_process){0};
    run->retried = true;
    status = handout_prepare(run->files.record, error);
    return status == 0 ? boot_once(run, error) : status;
}

/* Seconds from one moment to another; NaN where either was not reached. */
static double between(uint64_t from_ns, uint64_t to_ns) {
    return from_ns > 0 && to_ns > 0 ? (double)(to_ns - from_ns) / NS_PER_S : (double)NAN;
}

/* What a place's record says of the run's places; a guest that another program drives is none. */
static int add_places(struct guest_run *run, struct vms_error *error) {
    json_t *places = run->visit ? json_deep_copy(run->visit->places) : NULL;
    int failed = 0;

    if (!run->visit)
        return 0;
    failed |= value_set(places, "driver", record_driver(run->own_s, run->taken_s));
    failed |= value_set(run->record, "places", places);
    return failed ? error_memory(error) : 0;
}

/* Adds what only the host knows, and stores the record under the run's name. */
static int store(struct guest_run *run, struct vms_error *error) {
    struct guest_record about = {
        .name = run->configuration->name,
        .settings = &run->configuration->guest,
        .given = run->visit ? run->visit->given : run->configuration->json,
        .launcher = run->launcher,
        .hypervisor = run->shape.hypervisor,
        .set = &run->options->set,
        .detected = run->process.text.detected,
        .retried = run->retried,
        .appliance = &run->appliance,
        .boot_s = between(run->process.start_ns,
                          run->process.ready_ns > 0 ? run->process.ready_ns : run->process.end_ns),
        .ready_s = between(run->process.start_ns, run->process.able_ns),
        .answer_s = between(run->process.start_ns, run->process.answer_ns),
        .total_s = between(run->process.start_ns, run->process.end_ns),
        .stop_s = between(run->process.off_ns, run->process.end_ns),
        .monitor_memory = run->bill.memory,
        .kernel_s = run->process.text.up_s > 0 ? run->process.text.up_s : (double)NAN,
        .life = &run->life,
        .seen = run->seen,
        .moments = &run->moments};
    struct run_files files = {0};
    int status = guest_record_complete(run->record, &about, error);

    if (status == 0 && bill_add(&run->bill, run->record) < 0)
        status = error_memory(error);
    if (status == 0 && run->options->labels &&
        json_object_set(run->record, "labels", (json_t *)run->options->labels) < 0)
        status = error_memory(error);
    if (status == 0)
        status = add_places(run, error);
    if (status == 0 && strcmp(run->options->output, "-") == 0) {
        return store_write(OUTPUT_STDOUT, run->record, error);
    }
    if (status == 0)
        status =
            guest_record_files(run->record, run->configuration->name, run->options->output, &files, error);
    if (status == 0 && run->options->compress && run_files_pack(&files) < 0)
        status = error_memory(error);
    if (status == 0)
        status = store_write(files.record, run->record, error);
    if (status == 0 && !run->options->quiet)
        terminal_print(stderr, "record: %s\n", files.record);
    if (status == 0 && run->options->store &&
        store_records("run", run->options->store, (char *const[]){files.record}, 1) != EXIT_DONE)
        status = error_set(error, -EIO, "the record is complete, but it was not added to the store");
    run_files_done(&files);
    return status;
}

static void finish(struct guest_run *run, bool keep_console) {
    guest_process_end(&run->process);
    local_peer_end(&run->peer);
    if (run->console && !keep_console)
        (void)unlink(run->console);
    bill_done(&run->bill);
    json_decref(run->seen);
    json_decref(run->record);
    appliance_done(&run->appliance);
    boot_files_done(&run->files);
    if (run->console_fd >= 0)
        (void)close(run->console_fd);
    free(run->console);
    free(run->monitor);
}

static int exit_status(const struct guest_run *run, int status) {
    const char *outcome = json_string_value(json_object_get(run->record, "status"));

    if (status == -EINTR || (status < 0 && signals_count() > 0)) /* whatever failed of it */
        return EXIT_INTERRUPTED;
    if (status < 0)
        return run->process.text.exit_status == EXIT_MISMATCH ? EXIT_MISMATCH : EXIT_FAILED;
    return outcome && strcmp(outcome, outcome_status_name(OUTCOME_OK)) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int measure(struct guest_run *run) {
    struct vms_error error = {""};
    int status = prepare(run, &error), result;
    bool booted;

    if (status == 0)
        status = boot(run, &error);
    if (status == 0)
        status = store(run, &error);
    result = exit_status(run, status);
    booted = run->process.start_ns > 0;
    if (status < 0)
        terminal_print(stderr, "vmsuite run: the guest \"%s\" failed: %s\n", run->configuration->name,
                       error.text);
    if (status < 0 && booted)
        terminal_print(stderr, "its console: %s\n", run->console);
    finish(run, status < 0);
    return result;
}

int guest_available(const struct guest_settings *settings, struct vms_error *error) {
    int status = launcher_find(settings->launcher)->available(error);

    return status == 0 ? tuning_check(settings, error) : status;
}

int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options, const struct guest_visit *visit) {
    struct guest_run run = {.configuration = configuration,
                            .modules = modules,
                            .options = options,
                            .visit = visit,
                            .launcher = launcher_find(configuration->guest.launcher),
                            .console_fd = -1};
    struct vms_error error = {""};

    if (run.launcher->shape)
        run.shape = run.launcher->shape(&configuration->guest);

    if (configuration->guest.serves && host_client_check(configuration, &error) < 0) {
        terminal_print(stderr, "vmsuite run: the configuration \"%s\": %s\n", configuration->name,
                       error.text);
        return EXIT_USAGE;
    }
    if (options->dry_run) {
        printf("in a guest: %s %s\n", run.launcher->name, configuration->guest.kind);
        return measure_dry_run(configuration, options);
    }
    if (options->resume) {
        terminal_print(stderr, "vmsuite run: a guest's run cannot be resumed: its journal was lost with "
                               "the guest\n");
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return EXIT_FAILED;
    if (guest_available(&configuration->guest, &error) < 0) {
        terminal_print(stderr, "vmsuite run: the guest \"%s\" cannot be booted: %s\n", configuration->name,
                       error.text);
        return EXIT_USAGE;
    }
    return measure(&run);
}
