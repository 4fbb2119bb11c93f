/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite guest job`, `collect` and `hand-out`: for guests that somebody boots by hand. */
#include "base/cleanup.h"
#include "cli/guest.h"
#include "common/locate.h"
#include "guest/boot/by_hand.h"
#include "guest/exchange/handout.h"
#include "output/terminal.h"

#include <sodium.h>

static int write_job(const struct cli_command *command, const char *name, const char *folder,
                     const struct module_list *modules) {
    struct configuration_overrides overrides = {0};
    struct configuration configuration;
    struct problems problems = {0};
    struct vms_error error = {""};
    int status = EXIT_USAGE;

    if (configuration_read(name, &overrides, modules, &problems, &configuration) < 0) {
        problems_print(&problems, stderr);
    } else if (by_hand_prepare(&configuration, folder, &error) < 0) {
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    } else {
        terminal_print(stdout, "%s/job.img: the job \"%s\"\n%s/record.img: empty, for its record\n", folder,
                       configuration.name, folder);
        status = EXIT_DONE;
    }
    configuration_done(&configuration);
    problems_done(&problems);
    return status;
}

struct arguments {
    const char *folder;
};

static const struct cli_option job_options[] = {
    {.name = "directory",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     .required = true,
     OPTION_TEXT_TO(struct arguments, folder),
     .sentence = "where both disks are written"},
};

static int run_job(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;
    struct module_list modules = {0};
    struct vms_error error = {""};
    int status;

    if (sodium_init() < 0)
        return command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    if (locate_modules(&modules, &error) < 0)
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    else
        status = write_job(command, words->words[0], arguments->folder, &modules);
    module_list_done(&modules);
    return status;
}

const struct cli_command guest_job = {
    .name = "guest job",
    .summary = "write the disks of a guest that you boot yourself",
    .description =
        "For a guest that you boot yourself, from the CD or the plain files: writes two raw disks, "
        "DIR/job.img, which says what to measure, and DIR/record.img, by which its record leaves. The "
        "guest finds both by their contents, measures, and powers off. Its network cases run over "
        "loopback, its disk cases in memory.",
    .operands = {.usage = "CONFIGURATION",
                 .missing = "which configuration?",
                 .min = 1,
                 .max = 1,
                 .names = NAMES_CONFIGURATION},
    .options = job_options,
    .n_options = VMS_LENGTH(job_options),
    .arguments_size = sizeof(struct arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run_job,
};

static const struct arguments collect_defaults = {.folder = "vmsuite-results"};

static const struct cli_option collect_options[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, folder),
     .sentence = "where the record goes"},
};

static int run_collect(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;
    cleanup_free char *path = NULL;
    struct vms_error error = {""};

    if (sodium_init() < 0)
        return command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    if (by_hand_collect(words->words[0], arguments->folder, &path, &error) < 0)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    terminal_print(stdout, "record: %s\n", path);
    return EXIT_DONE;
}

const struct cli_command guest_collect = {
    .name = "guest collect",
    .summary = "read the record that such a guest has written, and store it",
    .description = "Reads the record that a guest has written to its disk, record.img, and stores it.",
    .operands = {.usage = "DISK", .missing = "which disk?", .min = 1, .max = 1, .names = NAMES_FILE},
    .options = collect_options,
    .n_options = VMS_LENGTH(collect_options),
    .arguments_size = sizeof(struct arguments),
    .defaults = &collect_defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run_collect,
};

static int run_hand_out(const struct cli_command *command, void *arguments, const struct words *words) {
    struct vms_error error = {""};

    (void)arguments;
    if (sodium_init() < 0)
        return command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    if (handout_write(words->words[0], words->words[1], &error) < 0)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    return EXIT_DONE;
}

const struct cli_command guest_hand_out = {
    .name = "guest hand-out",
    .summary = "inside a guest: write a record to the disk by which the host collects it",
    .description = "Inside a guest: writes a record to the disk by which the host collects it.",
    .operands = {.usage = "RECORD DISK",
                 .missing = "a record and a disk are needed",
                 .min = 2,
                 .max = 2,
                 .names = NAMES_FILE},
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run_hand_out,
};
