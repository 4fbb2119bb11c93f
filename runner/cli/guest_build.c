/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "cli/guest.h"
#include "common/locate.h"
#include "common/signals.h"
#include "guest/appliance/appliance.h"
#include "guest/appliance/image.h"
#include "guest/tools/files.h"
#include "output/terminal.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

static long long size_of(const char *path) {
    struct stat status;

    return stat(path, &status) == 0 ? (long long)status.st_size : 0;
}

static void print_appliance(const struct appliance *appliance) {
    terminal_print(stdout, "appliance %s\n", appliance->id);
    terminal_print(stdout, "  kernel   %s (%lld bytes%s)\n", appliance->kernel, size_of(appliance->kernel),
                   appliance->vmlinux ? ", and uncompressed" : "");
    terminal_print(stdout, "  base     %s (%lld bytes)\n", appliance->base, size_of(appliance->base));
    terminal_print(stdout, "  payload  %s (%lld bytes)\n", appliance->payload, size_of(appliance->payload));
}

struct arguments {
    struct appliance_input input;
    const char *iso, *folder;
};

static const struct cli_option option_rows[] = {
    {.name = "kernel",
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, input.kernel),
     .sentence =
         "a Linux bzImage (default: Debian's linux-image-amd64, fetched and unpacked, not installed)"},
    {.name = "drivers",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, input.drivers),
     .sentence = "the drivers of that kernel, a folder like /lib/modules/RELEASE"},
    {.name = "iso",
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, iso),
     .sentence = "also write the appliance as a CD that a BIOS boots, from a drive or copied to a disk",
     .more = "For VirtualBox, VMware and clouds. It needs xorriso(1)."},
    {.name = "directory",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, folder),
     .sentence = "also write it as plain files: linux, initrd, README, SHA256SUMS"},
};

/* Writes the shapes that were asked for beside the appliance itself. */
static int write_images(const struct arguments *arguments, const struct appliance *appliance,
                        struct vms_error *error) {
    cleanup_free char *iso = arguments->iso ? image_iso(appliance, error) : NULL;
    int status = arguments->iso && !iso ? -EIO : 0;

    if (iso)
        status = files_join((const char *[]){iso, NULL}, arguments->iso, error);
    if (iso && status == 0)
        terminal_print(stdout, "  CD       %s (%lld bytes)\n", arguments->iso, size_of(arguments->iso));
    if (status == 0 && arguments->folder) {
        status = image_write_folder(appliance, arguments->folder, error);
        if (status == 0)
            terminal_print(stdout, "  files    %s\n", arguments->folder);
    }
    return status;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct module_list modules = {0};
    struct appliance appliance = {0};
    struct vms_error error = {""};
    int status;

    (void)words;
    if (sodium_init() < 0)
        return command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    if (signals_catch() < 0)
        return command_fail(command, EXIT_FAILED, "signals cannot be caught here");
    arguments->input.modules = &modules;
    status = locate_modules(&modules, &error);
    if (status == 0)
        status = appliance_build(&arguments->input, &appliance, &error);
    if (status == 0) {
        print_appliance(&appliance);
        status = write_images(arguments, &appliance, &error);
    }
    appliance_done(&appliance);
    module_list_done(&modules);
    if (status == 0)
        return EXIT_DONE;
    return command_fail(command, signals_count() > 0 ? EXIT_INTERRUPTED : EXIT_FAILED, "%s", error.text);
}

const struct cli_command guest_build = {
    .name = "guest build",
    .summary = "make the appliance",
    .description =
        "Makes the appliance, the small image that every guest boots: a kernel, vmsuite, its modules and "
        "what they need. It is kept in the cache, $XDG_CACHE_HOME/vmsuite; the same input gives the same "
        "bytes. Needs no root.",
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_DONE},
    .run = run,
};
