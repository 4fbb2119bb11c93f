/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dispatch only: each command has a file of its own, cmd_NAME.c. */
#include "base/suggest.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>
#include <vmsuite/module.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", cmd_run, "measure a configuration and write a record"},
    {"serve", cmd_serve, "be the peer: the other end of network cases"},
    {"compare", cmd_compare, "say what a configuration costs against a baseline, and how sure that is"},
    {"report", cmd_report, "make one HTML page of records, with figures"},
    {"export", cmd_export, "write records in a form that other programs read"},
    {"study", cmd_study, "boot guests of several configurations, measure a suite in each, compare them"},
    {"guest", cmd_guest, "build the appliance that guests boot, and tell which guests can be booted here"},
    {"list", cmd_list, "show the modules with their parameters and metrics"},
    {"check", cmd_check, "validate configurations, suites and records"},
    {"env", cmd_env, "show what this machine is, with the evidence"},
};

static void print_help(FILE *file) {
    fprintf(file,
            "vmsuite: what does virtualisation cost here, on the network, in memory, on disk, on the CPU?\n\n"
            "usage: vmsuite COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < VMS_LENGTH(commands); i++)
        fprintf(file, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fprintf(file,
            "\nexamples:\n"
            "  vmsuite run                                   this machine, the quick suite, a minute or two\n"
            "  vmsuite run --config xen-pv.json --suite santos-2008\n"
            "  vmsuite run --suite iperf-2010 --dry-run      what would be measured\n\n"
            "`vmsuite COMMAND --help` explains a command.\n");
}

static int unknown_command(const char *name) {
    const char *names[VMS_LENGTH(commands)], *nearest;

    for (size_t i = 0; i < VMS_LENGTH(commands); i++)
        names[i] = commands[i].name;
    nearest = suggest_nearest(name, names, VMS_LENGTH(names));
    fprintf(stderr, "vmsuite: no command \"%s\"%s%s%s\n", name, nearest ? "; did you mean \"" : "",
            nearest ? nearest : "", nearest ? "\"?" : "; `vmsuite --help` lists them");
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("vmsuite %s\n", VMSUITE_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < VMS_LENGTH(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}
