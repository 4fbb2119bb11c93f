/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite guest job` and `vmsuite guest collect`: for guests that somebody boots by hand. */
#include "cli/command.h"

#include "base/cleanup.h"
#include "common/locate.h"
#include "guest/boot/carry.h"

#include <getopt.h>
#include <string.h>

static int write_job(const char *name, const char *folder, const struct module_list *modules) {
    struct configuration_overrides overrides = {0};
    struct configuration configuration;
    struct problems problems = {0};
    struct vms_error error = {""};
    int status = EXIT_USAGE;

    if (configuration_read(name, &overrides, modules, &problems, &configuration) < 0) {
        problems_print(&problems, stderr);
    } else if (carry_job(&configuration, folder, &error) < 0) {
        fprintf(stderr, "vmsuite guest: %s\n", error.text);
        status = EXIT_FAILED;
    } else {
        printf("%s/job.img: the job \"%s\"\n%s/record.img: empty, for its record\n", folder,
               configuration.name, folder);
        status = EXIT_DONE;
    }
    configuration_done(&configuration);
    problems_done(&problems);
    return status;
}

/* Takes the one option that a command has; the words that are left are at optind. False after wrong use. */
static bool take_folder(int argc, char **argv, const char *option, const char **folder) {
    const struct option known[] = {{option, required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    int found;

    optind = 0;
    while ((found = getopt_long(argc, argv, "", known, NULL)) == 'f')
        *folder = optarg;
    return found == -1;
}

int cmd_guest_job(int argc, char **argv) {
    struct module_list modules = {0};
    struct vms_error error = {""};
    const char *folder = NULL;
    int status = EXIT_FAILED;

    if (!take_folder(argc, argv, "directory", &folder) || optind + 1 != argc || !folder)
        return command_usage_error("guest", "job takes a configuration and --directory DIR");
    if (locate_modules(&modules, &error) < 0)
        fprintf(stderr, "vmsuite guest: %s\n", error.text);
    else
        status = write_job(argv[optind], folder, &modules);
    module_list_done(&modules);
    return status;
}

int cmd_guest_collect(int argc, char **argv) {
    cleanup_free char *path = NULL;
    const char *folder = "vmsuite-results";
    struct vms_error error = {""};

    if (!take_folder(argc, argv, "output", &folder) || optind + 1 != argc)
        return command_usage_error("guest", "collect takes the record's disk, and --output DIR");
    if (carry_back(argv[optind], folder, &path, &error) < 0) {
        fprintf(stderr, "vmsuite guest: %s\n", error.text);
        return EXIT_FAILED;
    }
    printf("record: %s\n", path);
    return EXIT_DONE;
}
