/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include "appliance.h"
#include "error.h"
#include "handout.h"
#include "launcher.h"
#include "locate.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: vmsuite guest build [--kernel FILE [--drivers DIR]]\n"
    "       vmsuite guest list\n"
    "       vmsuite guest hand-out RECORD DISK\n"
    "\n"
    "build     makes the appliance, the small image that every guest boots: a kernel, vmsuite, its modules\n"
    "          and what they need. It is kept in the cache; the same input gives the same bytes. No root.\n"
    "list      tells which launchers can be used here, and why others cannot\n"
    "hand-out  (inside a guest) writes a record to the disk by which the host collects it.\n"
    "\n"
    "  --kernel FILE   a Linux bzImage (default: Debian's linux-image-amd64, fetched, not installed)\n"
    "  --drivers DIR   the drivers of that kernel, a folder like /lib/modules/RELEASE\n"
    "  --help          this text\n";

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

static int build(int argc, char **argv) {
    static const struct option known[] = {{"kernel", required_argument, NULL, 'k'},
                                          {"drivers", required_argument, NULL, 'd'},
                                          {NULL, 0, NULL, 0}};
    struct appliance_input input = {0};
    struct appliance appliance = {0};
    struct module_list modules = {0};
    struct vms_error error = {""};
    int option, status;

    optind = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'k')
            input.kernel = optarg;
        else if (option == 'd')
            input.drivers = optarg;
        else
            return command_usage_error("guest", "an option is unknown or lacks its value");
    }
    if (optind < argc)
        return command_usage_error("guest", "unexpected \"%s\"", argv[optind]);
    input.modules = &modules;
    status = locate_modules(&modules, &error);
    if (status == 0)
        status = appliance_build(&input, &appliance, &error);
    if (status == 0)
        tell(&appliance);
    else
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
        return command_usage_error("guest", "say what to do: build");
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
    if (strcmp(argv[1], "hand-out") == 0)
        return hand_out(argc - 1, argv + 1);
    if (strcmp(argv[1], "list") == 0)
        return list();
    return command_usage_error("guest", "\"%s\" is none of build, list, hand-out", argv[1]);
}
