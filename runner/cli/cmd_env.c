/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "machine/capture.h"
#include "record/record.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: vmsuite env [--json] [--root DIR] [--scratch DIR] [--capture DIR]\n"
    "\n"
    "Tells what this machine is: the hypervisor with the evidence it rests on, the container, and the\n"
    "facts that records hold.\n"
    "\n"
    "  --json         one JSON object instead of a table\n"
    "  --root DIR     read a captured machine instead of this one\n"
    "  --scratch DIR  tell file system and device of this folder (default: the current one)\n"
    "  --capture DIR  write what was read into a new folder, for --root and for bug reports; serial\n"
    "                 numbers, UUIDs, MAC addresses and host names are taken out\n"
    "  --help         this text\n";

struct options {
    bool json, help;
    const char *root, *scratch, *capture;
};

/* False after wrong use, which has then been told. */
static bool parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},          {"root", required_argument, NULL, 'r'},
        {"scratch", required_argument, NULL, 's'}, {"capture", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},          {0}};
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'j')
            options->json = true;
        else if (option == 'r')
            options->root = optarg;
        else if (option == 's')
            options->scratch = optarg;
        else if (option == 'c')
            options->capture = optarg;
        else if (option == 'h')
            options->help = true;
        else
            break;
    }
    if (option == -1 && optind == argc)
        return true;
    if (option == -1)
        fprintf(stderr, "vmsuite env: unexpected argument \"%s\"\n", argv[optind]);
    fputs("Try \"vmsuite env --help\".\n", stderr);
    return false;
}

static void print_fact(const struct machine_fact *fact) {
    static const char *const states[] = {
        [FACT_NOT_APPLICABLE] = "not applicable: ", [FACT_UNKNOWN] = "unknown: ", [FACT_ERROR] = "error: "};

    printf("  %-26s ", fact->name);
    if (fact->status != FACT_VALUE)
        printf("%s%s", states[fact->status], fact->text);
    else if (fact->type == FACT_TEXT)
        fputs(fact->text, stdout);
    else if (fact->type == FACT_INTEGER)
        printf("%" PRId64, fact->integer);
    else if (fact->type == FACT_REAL)
        printf("%.6g", fact->real);
    else
        fputs(fact->boolean ? "yes" : "no", stdout);
    putchar('\n');
}

static void print_table(const struct machine *machine) {
    printf("Virtualization: %s\nContainer:      %s\n\nEvidence\n", machine->virtualization,
           machine->container);
    for (size_t i = 0; i < machine->n_evidence; i++) {
        const struct machine_evidence *evidence = &machine->evidence[i];

        printf("  %-38s %s", evidence->source, evidence->saw);
        if (evidence->points_to)
            printf("  -> %s", evidence->points_to);
        putchar('\n');
    }
    puts("\nFacts");
    for (size_t i = 0; i < machine->n_facts; i++)
        print_fact(&machine->facts[i]);
}

static int print_json(const struct machine *machine) {
    json_t *json = record_machine(machine);
    int status = json ? json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : -1;

    json_decref(json);
    putchar('\n');
    return status;
}

/* A tree that is not there would be a machine of which nothing is known. */
static bool is_folder(const char *path) {
    struct stat status;

    return *path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int write_capture(const struct machine_source *source, const struct options *options) {
    struct vms_error error = {""};

    if (machine_capture(source, options->scratch, options->capture, &error) < 0) {
        fprintf(stderr, "vmsuite env: %s\n", error.text);
        return 1;
    }
    fprintf(stderr, "This machine is captured in %s. Look it through before you pass it on.\n",
            options->capture);
    return 0;
}

static int print_machine(const struct machine_source *source, const struct options *options) {
    struct machine machine;
    int status = 0;

    if (machine_read(source, options->scratch, &machine) < 0) {
        fputs("vmsuite env: out of memory\n", stderr);
        return 1;
    }
    if (options->json)
        status = print_json(&machine);
    else
        print_table(&machine);
    machine_done(&machine);
    if (fflush(stdout) == 0 && status == 0)
        return 0;
    perror("vmsuite env: standard output");
    return 1;
}

int cmd_env(int argc, char **argv) {
    struct options options = {.scratch = "."};
    struct machine_source source = machine_source_here();

    if (!parse_options(argc, argv, &options))
        return 2;
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    if (options.root && !is_folder(options.root)) {
        fprintf(stderr, "vmsuite env: %s is no folder of a captured machine\n", options.root);
        return 2;
    }
    if (options.root)
        source = machine_source_at(options.root);
    return options.capture ? write_capture(&source, &options) : print_machine(&source, &options);
}
