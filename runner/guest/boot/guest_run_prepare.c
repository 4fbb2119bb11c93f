/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/guest_run.h"

#include "base/error.h"
#include "base/text.h"
#include "guest/exchange/job.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/tap.h"
#include "output/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
                      .quiet = run->options->quiet && run->options->progress == PROGRESS_NONE,
                      .allow_mismatch = run->visit && run->visit->allow_mismatch,
                      .retry_noisy = run->options->retry_noisy,
                      .disks = 1U + (run->files.scratch != NULL) + run->shape.image_disk,
                      .ramdisk = settings->disk_in_memory && !run->shape.hypervisor};

    return job_write(&job, run->files.job, error);
}

int guest_run_prepare(struct guest_run *run, struct vms_error *error) {
    const struct guest_settings *settings = &run->configuration->guest;
    struct appliance_input input = {
        .kernel = settings->kernel, .drivers = settings->drivers, .modules = run->modules};
    int status = make_output(run, error);
    mode_t before = umask(077);

    if (status == 0)
        status = boot_files_make(settings->disk, settings->format, &run->files, error);
    if (status == 0)
        status = boot_files_add_record(&run->files, error);
    if (status == 0) {
        run->monitor = text_new("%s/" QEMU_MONITOR, run->files.folder.folder);
        status = run->monitor ? 0 : error_memory(error);
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
