/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/bundle/bundle.h"
#include "cli/command.h"
#include "common/locate.h"
#include "output/output.h"
#include "output/terminal.h"

struct arguments {
    const char *output;
};

static const struct arguments defaults = {.output = "vmsuite-bundle.tar"};

static const struct cli_option option_rows[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, output),
     .sentence = "where it goes; \"-\": standard output"},
};

static int write_out(const char *path, const struct bundle *bundle, struct vms_error *error) {
    struct output output;
    int status = output_open(path, &output, error);

    if (status < 0)
        return status;
    (void)fwrite(bundle->bytes, 1, bundle->size, output.file);
    return output_end(&output, 0, error);
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;
    struct module_list modules = {0};
    struct bundle bundle = {0};
    struct vms_error error = {""};
    int status = locate_modules(&modules, &error);

    (void)words;
    if (status == 0)
        status = bundle_make(&modules, &bundle, &error);
    if (status == 0)
        status = write_out(arguments->output, &bundle, &error);
    if (status == 0)
        terminal_print(stderr, "sha256 %s, %zu bytes\n", bundle.hash, bundle.size);
    bundle_done(&bundle);
    module_list_done(&modules);
    return status < 0 ? command_fail(command, EXIT_FAILED, "%s", error.text) : EXIT_DONE;
}

const struct cli_command command_bundle = {
    .name = "bundle",
    .summary = "write this program with all that it needs into one tar file",
    .description =
        "Program, modules, libraries, dynamic loader, suites and configurations, for a machine where nothing "
        "is installed: unpack it there in a folder of its own and call `./run`. The same files make the same "
        "bytes.\n`vmsuite run --on PLACE` brings the same bundle to places by itself.",
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples =
        (const char *const[]){"vmsuite bundle -o - | ssh db1 'mkdir v; tar xf - -C v; v/run env'", NULL},
    .run = run,
};
