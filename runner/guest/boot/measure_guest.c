/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/measure_guest.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "base/tree.h"
#include "common/exit_status.h"
#include "guest/boot/guest_process.h"
#include "guest/boot/guest_record.h"
#include "guest/boot/host_client.h"
#include "guest/exchange/handout.h"
#include "guest/exchange/job.h"
#include "guest/launchers/tap.h"
#include "guest/tools/tool.h"
#include "record/store.h"
#include "run/local_peer.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>

/* How long a guest may take to its first process: by how much longer than bare hardware its launcher takes.
 */
#define READY_BARE_S 30
#define READY_MIN_S 120

struct guest_run {
    const struct configuration *configuration;
    const struct module_list *modules;
    const struct measure_options *options;
    const struct launcher *launcher;
    struct appliance appliance;
    char *folder; /* of this boot: disks, archives, token; removed at its end */
    char *job, *record_disk, *scratch_disk, *token_file, *console;
    struct local_peer peer;
    char host[INET_ADDRSTRLEN]; /* where the peer listens */
    uint16_t port;
    struct boot_shape shape;
    struct guest_process process;
    bool retried; /* its first boot failed */
    json_t *record;
};

static bool needs_peer(const struct configuration *configuration) {
    for (size_t i = 0; i < configuration->suite.n_benchmarks; i++)
        if (configuration->suite.benchmarks[i].module->needs & VMS_NEEDS_PEER)
            return true;
    return false;
}

static int make_boot_folder(struct guest_run *run, struct vms_error *error) {
    const char *place = getenv("TMPDIR");
    cleanup_free char *folder = NULL;

    if (asprintf(&folder, "%s/vmsuite-guest-XXXXXX", place && *place ? place : "/var/tmp") < 0) {
        folder = NULL;
        return error_memory(error);
    }
    if (!mkdtemp(folder))
        return error_set(error, -errno, "%s cannot be made: %s; set TMPDIR to a folder that can be written",
                         folder, strerror(errno));
    run->folder = TAKE(folder);
    return 0;
}

static int name_files(struct guest_run *run, struct vms_error *error) {
    const char *output = run->options->output;
    time_t now = time(NULL);
    char moment[32];
    struct tm parts;

    if (strcmp(output, "-") == 0)
        output = ".";
    else if (output_make_folder(output, error) < 0 || output_check_folder(output, error) < 0)
        return -EIO;
    (void)strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
    if (asprintf(&run->console, "%s/%s-%s.console.log", output, run->configuration->name, moment) < 0 ||
        asprintf(&run->job, "%s/job.cpio", run->folder) < 0 ||
        asprintf(&run->record_disk, "%s/record.img", run->folder) < 0)
        return error_memory(error);
    return 0;
}

/* A sparse file with a file system of the label by which the guest knows its scratch disk. */
static int make_scratch_disk(struct guest_run *run, struct vms_error *error) {
    off_t size = (off_t)run->configuration->guest.disk;
    cleanup_close int fd = -1;

    if (size == 0)
        return 0;
    if (asprintf(&run->scratch_disk, "%s/scratch.img", run->folder) < 0)
        return error_memory(error);
    fd = open(run->scratch_disk, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, size) < 0)
        return error_set(error, -errno, "%s cannot be made: %s", run->scratch_disk, strerror(errno));
    return tool_run(
        &(struct tool){.argv = (const char *[]){"mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-L",
                                                HANDOUT_SCRATCH_LABEL, run->scratch_disk, NULL},
                       .deadline_s = 120},
        NULL, error);
}

/* A new secret, in a file that only its owner reads. */
static int write_token(const char *path, struct vms_error *error) {
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    unsigned char bytes[32];
    char text[sizeof(bytes) * 2 + 1];

    randombytes_buf(bytes, sizeof(bytes));
    (void)sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        return error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
    return 0;
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
    if (asprintf(&run->token_file, "%s/peer.token", run->folder) < 0)
        return error_memory(error);
    (void)snprintf(run->host, sizeof(run->host), "127.0.0.1");
    status = write_token(run->token_file, error);
    if (status == 0 && settings->bridge)
        status = tap_host_address(settings->bridge, settings->address, run->host, error);
    if (status == 0)
        status = token_read(run->token_file, &token, error);
    if (status < 0)
        return status;
    if (!settings->peer_inside && !settings->serves)
        status = local_peer_start_with(run->modules, &token, run->host, &run->peer, &address, error);
    run->port = address.port;
    token_done(&token);
    token_done(&address.token);
    return status;
}

static int prepare(struct guest_run *run, struct vms_error *error) {
    const struct guest_settings *settings = &run->configuration->guest;
    struct appliance_input input = {
        .kernel = settings->kernel, .drivers = settings->drivers, .modules = run->modules};
    struct job job = {.configuration = run->configuration,
                      .seed = run->options->has_seed ? &run->options->seed : NULL};
    int status = make_boot_folder(run, error);

    if (status == 0)
        status = name_files(run, error);
    if (status == 0)
        status = appliance_build(&input, &run->appliance, error);
    if (status == 0)
        status = handout_prepare(run->record_disk, error);
    if (status == 0)
        status = make_scratch_disk(run, error);
    if (status == 0)
        status = start_peer(run, error);
    job.token_file = run->token_file;
    job.peer_beside = run->token_file && settings->peer_inside && !run->shape.hypervisor;
    job.peer_address = settings->bridge ? run->host : settings->peer_inside ? JOB_HYPERVISOR : JOB_HOST;
    job.guest_address = settings->address;
    job.serves = settings->serves;
    job.peer_port = run->port;
    job.disks = 1U + (run->scratch_disk != NULL) + run->shape.image_disk;
    job.ramdisk = settings->disk_in_memory && !run->shape.hypervisor;
    return status == 0 ? job_write(&job, run->job, error) : status;
}

/* While it measures, what the guest says is progress. */
static void relay(void *context, const char *line) {
    const struct guest_run *run = context;
    enum console_stage stage = run->process.text.stage;

    if (stage >= CONSOLE_MEASURING && stage < CONSOLE_OFF && run->options->progress != PROGRESS_NONE)
        fprintf(stderr, "  [%s] %s\n", run->configuration->name, line);
}

static unsigned ready_deadline(const struct launcher *launcher) {
    double seconds = READY_BARE_S * launcher->slowness;

    return seconds > READY_MIN_S ? (unsigned)seconds : READY_MIN_S;
}

/* The record of the guest's run, or of this host's against it. */
static int take_record(struct guest_run *run, struct vms_error *error) {
    unsigned ready_s = ready_deadline(run->launcher);
    int status;

    if (run->configuration->guest.serves)
        return host_client_measure(run->configuration, run->modules, run->options, run->folder,
                                   run->token_file, ready_s, &run->process, &run->record, error);
    status = guest_process_wait(&run->process, ready_s, run->configuration->guest.deadline_s, error);
    return status == 0 ? handout_read(run->record_disk, &run->record, error) : status;
}

static int boot_once(struct guest_run *run, struct vms_error *error) {
    struct boot boot = {.settings = &run->configuration->guest,
                        .appliance = &run->appliance,
                        .folder = run->folder,
                        .job = run->job,
                        .record = run->record_disk,
                        .scratch = run->scratch_disk,
                        .token = run->configuration->guest.peer_inside ? run->token_file : NULL};
    struct argv command = {0};
    int status = run->launcher->command(&boot, &command, error);

    if (status == 0)
        status = guest_process_start(&command, run->console, &run->process, error);
    argv_done(&command);
    if (status == 0) {
        run->process.text.on_line = relay;
        run->process.text.context = run;
        status = take_record(run, error);
    }
    if (run->launcher->end)
        run->launcher->end(&boot);
    return status;
}

/* Where a guest may hang or panic through no fault of its own, it gets a second chance, and its record
 * says so. */
static int boot(struct guest_run *run, struct vms_error *error) {
    int status = boot_once(run, error);

    if (!run->shape.unreliable || (status != -ETIMEDOUT && !run->process.text.panicked))
        return status;
    fprintf(stderr,
            "vmsuite run: the guest \"%s\" failed, as some of its kind do; booting it once more: %s\n",
            run->configuration->name, error->text);
    guest_process_end(&run->process);
    run->process = (struct guest_process){0};
    run->retried = true;
    status = handout_prepare(run->record_disk, error);
    return status == 0 ? boot_once(run, error) : status;
}

/* Adds what only the host knows, and stores the record under the run's name. */
static int store(struct guest_run *run, struct vms_error *error) {
    struct guest_record about = {
        .configuration = run->configuration,
        .launcher = run->launcher,
        .hypervisor = run->shape.hypervisor,
        .detected = run->process.text.detected,
        .retried = run->retried,
        .appliance = &run->appliance,
        .boot_s = (double)(run->process.ready_ns - run->process.start_ns) / (double)NS_PER_S,
        .total_s = (double)(run->process.end_ns - run->process.start_ns) / (double)NS_PER_S};
    struct run_files files = {0};
    int status = guest_record_complete(run->record, &about, error);

    if (status == 0 && strcmp(run->options->output, "-") == 0) {
        (void)json_dumpf(run->record, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
        return fflush(stdout) == 0 ? 0 : error_set(error, -errno, "stdout: %s", strerror(errno));
    }
    if (status == 0)
        status =
            guest_record_files(run->record, run->configuration->name, run->options->output, &files, error);
    if (status == 0)
        status = store_write(files.record, run->record, error);
    if (status == 0 && !run->options->quiet)
        fprintf(stderr, "record: %s\n", files.record);
    run_files_done(&files);
    return status;
}

static void finish(struct guest_run *run, bool keep_console) {
    guest_process_end(&run->process);
    local_peer_end(&run->peer);
    if (run->folder)
        (void)tree_remove(run->folder);
    if (run->console && !keep_console)
        (void)unlink(run->console);
    json_decref(run->record);
    appliance_done(&run->appliance);
    free(run->folder);
    free(run->job);
    free(run->record_disk);
    free(run->scratch_disk);
    free(run->token_file);
    free(run->console);
}

static int exit_status(const struct guest_run *run, int status) {
    const char *outcome = json_string_value(json_object_get(run->record, "status"));

    if (status == -EINTR)
        return EXIT_INTERRUPTED;
    if (status < 0)
        return run->process.text.exit_status == EXIT_MISMATCH ? EXIT_MISMATCH : EXIT_FAILED;
    return outcome && strcmp(outcome, "ok") == 0 ? EXIT_DONE : EXIT_FAILED;
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
        fprintf(stderr, "vmsuite run: the guest \"%s\" failed: %s%s%s\n", run->configuration->name,
                error.text, booted ? "\nits console: " : "", booted ? run->console : "");
    finish(run, status < 0);
    return result;
}

int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options) {
    struct guest_run run = {.configuration = configuration,
                            .modules = modules,
                            .options = options,
                            .launcher = launcher_find(configuration->guest.launcher)};
    struct vms_error error = {""};

    if (run.launcher->shape)
        run.shape = run.launcher->shape(&configuration->guest);

    if (configuration->guest.serves && host_client_check(configuration, &error) < 0) {
        fprintf(stderr, "vmsuite run: the configuration \"%s\": %s\n", configuration->name, error.text);
        return EXIT_USAGE;
    }
    if (options->dry_run) {
        printf("in a guest: %s %s\n", run.launcher->name, configuration->guest.kind);
        return measure_configuration(configuration, modules, options);
    }
    if (options->resume) {
        fprintf(stderr, "vmsuite run: a guest's run cannot be resumed: its journal ended with it\n");
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return EXIT_FAILED;
    if (run.launcher->available(&error) < 0) {
        fprintf(stderr, "vmsuite run: the guest \"%s\" cannot be booted: %s\n", configuration->name,
                error.text);
        return EXIT_USAGE;
    }
    return measure(&run);
}
