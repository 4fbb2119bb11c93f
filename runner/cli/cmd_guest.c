/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/locate.h"
#include "guest/appliance/appliance.h"
#include "guest/appliance/image.h"
#include "guest/files.h"
#include "guest/handout.h"
#include "guest/launchers/launcher.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: vmsuite guest build [--kernel FILE [--drivers DIR]] [--iso FILE] [--directory DIR]\n"
    "       vmsuite guest list\n"
    "       vmsuite guest job CONFIGURATION --directory DIR\n"
    "       vmsuite guest collect DISK [--output DIR]\n"
    "       vmsuite guest hand-out RECORD DISK\n"
    "\n"
    "build     makes the appliance, the small image that every guest boots: a kernel, vmsuite, its modules\n"
    "          and what they need. It is kept in the cache; the same input gives the same bytes. No root.\n"
    "list      tells which launchers can be used here, and why others cannot\n"
    "job       for a guest that you boot yourself: writes DIR/job.img, a disk that tells it what to "
    "measure,\n"
    "          and DIR/record.img, the disk by which its record leaves. Network cases of such a job run "
    "over\n"
    "          loopback, disk cases in memory.\n"
    "collect   reads the record that such a guest has written and stores it\n"
    "hand-out  (inside a guest) writes a record to the disk by which the host collects it.\n"
    "\n"
    "  --kernel FILE    a Linux bzImage (default: Debian's linux-image-amd64, fetched, not installed)\n"
    "  --drivers DIR    the drivers of that kernel, a folder like /lib/modules/RELEASE\n"
    "  --iso FILE       also writes the appliance as a CD that a BIOS boots, from a drive or copied to a "
    "disk\n"
    "  --directory DIR  (build) also writes it as plain files: linux, initrd, README, SHA256SUMS\n"
    "  --output DIR     where the record goes (default vmsuite-results)\n"
    "  --help           this text\n";

static long long size_of(const char *path) {
    struct stat status;

    return stat(path, &status) == 0 ? (long long)status.st_size : 0;
}

static void tell(const struct appliance *appliance) {
    printf("appliance %s\n", appliance->id);
    printf("  kernel   %s (%lld bytes%s)\n", appliance->kernel, size_of(appliance->kernel),
           appliance->vmlinux ? ", and uncompressed" : "");
    printf("  base     %s (%lld bytes)\n", appliance->base, size_of(appliance->base));
    printf("  payload  %s (%lld bytes)\n", appliance->payload, size_of(appliance->payload));
}

struct build {
    struct appliance_input input;
    const char *iso, *folder;
};

static int parse_build(int argc, char **argv, struct build *build) {
    static const struct option known[] = {{"kernel", required_argument, NULL, 'k'},
                                          {"drivers", required_argument, NULL, 'd'},
                                          {"iso", required_argument, NULL, 'i'},
                                          {"directory", required_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'k')
            build->input.kernel = optarg;
        else if (option == 'd')
            build->input.drivers = optarg;
        else if (option == 'i')
            build->iso = optarg;
        else if (option == 'f')
            build->folder = optarg;
        else
            return command_usage_error("guest", "an option is unknown or lacks its value");
    }
    return optind < argc ? command_usage_error("guest", "unexpected \"%s\"", argv[optind]) : EXIT_DONE;
}

/* Writes the shapes that were asked for beside the appliance itself. */
static int write_images(const struct build *build, const struct appliance *appliance,
                        struct vms_error *error) {
    cleanup_free char *iso = build->iso ? image_iso(appliance, error) : NULL;
    int status = build->iso && !iso ? -EIO : 0;

    if (iso)
        status = files_join((const char *[]){iso, NULL}, build->iso, error);
    if (iso && status == 0)
        printf("  CD       %s (%lld bytes)\n", build->iso, size_of(build->iso));
    if (status == 0 && build->folder) {
        status = image_write_folder(appliance, build->folder, error);
        if (status == 0)
            printf("  files    %s\n", build->folder);
    }
    return status;
}

static int build(int argc, char **argv) {
    struct module_list modules = {0};
    struct build build = {.input = {.modules = &modules}};
    struct appliance appliance = {0};
    struct vms_error error = {""};
    int status = parse_build(argc, argv, &build);

    if (status != EXIT_DONE)
        return status;
    status = locate_modules(&modules, &error);
    if (status == 0)
        status = appliance_build(&build.input, &appliance, &error);
    if (status == 0) {
        tell(&appliance);
        status = write_images(&build, &appliance, &error);
    }
    if (status < 0)
        fprintf(stderr, "vmsuite guest: %s\n", error.text);
    appliance_done(&appliance);
    module_list_done(&modules);
    return status == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int list(void) {
    for (size_t i = 0; launchers[i]; i++) {
        struct vms_error error = {""};
        bool usable = launchers[i]->available(&error) == 0;

        printf("%-14s %s%s\n", launchers[i]->name,
               usable ? "usable: " : "not usable: ", usable ? launchers[i]->summary : error.text);
        if (launchers[i]->untested)
            printf("%-14s (written against its documentation; not yet run on the real thing)\n", "");
    }
    return EXIT_DONE;
}

static int hand_out(int argc, char **argv) {
    struct vms_error error = {""};

    if (argc != 3)
        return command_usage_error("guest", "hand-out takes a record and a disk");
    if (handout_write(argv[1], argv[2], &error) == 0)
        return EXIT_DONE;
    fprintf(stderr, "vmsuite guest: %s\n", error.text);
    return EXIT_FAILED;
}

int cmd_guest(int argc, char **argv) {
    if (argc < 2)
        return command_usage_error("guest", "say what to do: build, list, job or collect");
    if (sodium_init() < 0) {
        fputs("vmsuite guest: libsodium cannot be used here\n", stderr);
        return EXIT_FAILED;
    }
    if (strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "build") == 0)
        return build(argc - 1, argv + 1);
    if (strcmp(argv[1], "job") == 0)
        return cmd_guest_job(argc - 1, argv + 1);
    if (strcmp(argv[1], "collect") == 0)
        return cmd_guest_collect(argc - 1, argv + 1);
    if (strcmp(argv[1], "hand-out") == 0)
        return hand_out(argc - 1, argv + 1);
    if (strcmp(argv[1], "list") == 0)
        return list();
    return command_usage_error("guest", "\"%s\" is none of build, list, job, collect, hand-out", argv[1]);
}
