/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/units.h"
#include "cli/command.h"
#include "machine/capture.h"
#include "output/terminal.h"
#include "record/write/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct arguments {
    bool json;
    const char *root, *scratch, *capture;
};

static const struct arguments defaults = {.scratch = "."};

static const struct cli_option option_rows[] = {
    {.name = "json",
     OPTION_FLAG_TO(struct arguments, json),
     .sentence = "one JSON object instead of a table"},
    {.name = "root",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, root),
     .sentence = "read a captured machine instead of this one"},
    {.name = "scratch",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, scratch),
     .sentence = "show the file system and device of this folder"},
    {.name = "capture",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, capture),
     .sentence =
         "write what was read into a new folder, for --root and for bug reports; serial numbers, UUIDs, MAC "
         "addresses and host names are taken out"},
};

static void print_fact(const struct machine_fact *fact) {
    static const char *const states[] = {
        [FACT_NOT_APPLICABLE] = "not applicable: ", [FACT_UNKNOWN] = "unknown: ", [FACT_ERROR] = "error: "};
    char number[UNITS_TEXT_SIZE];

    units_format_number(fact->real, 6, number);
    terminal_print(stdout, "  %-32s ", fact->name);
    if (fact->status != FACT_VALUE)
        terminal_print(stdout, "%s%s", states[fact->status], fact->text);
    else if (fact->type == FACT_TEXT)
        terminal_print(stdout, "%s", fact->text);
    else if (fact->type == FACT_INTEGER)
        terminal_print(stdout, "%" PRId64, fact->integer);
    else if (fact->type == FACT_REAL)
        terminal_print(stdout, "%s", number);
    else
        fputs(fact->boolean ? "yes" : "no", stdout);
    putchar('\n');
}

/* "firecracker (paravirtualised guest, interface pvm), on bhyve". */
static void print_layers(const struct machine *machine) {
    const struct machine_fact *kind = machine_find(machine, "virtualization.kind");
    const struct machine_fact *interface = machine_find(machine, "virtualization.interface");
    const struct machine_fact *layers = machine_find(machine, "virtualization.layers");
    bool offered = interface && interface->status == FACT_VALUE;

    terminal_print(stdout, "Virtualization: %s", machine->virtualization);
    if (kind && strcmp(kind->text, "none") != 0)
        terminal_print(stdout, " (%s%s%s)", kind->text, offered ? ", interface " : "",
                       offered ? interface->text : "");
    if (layers && layers->status == FACT_VALUE)
        terminal_print(stdout, ",%s", layers->text + strlen(machine->virtualization));
    terminal_print(stdout, "\nContainer:      %s\n", machine->container);
}

static void print_evidence(const struct machine_evidence *evidence) {
    terminal_print(stdout, "  %-9s  %-10s %-38s %s", evidence->strength ? evidence->strength : "container",
                   evidence->role ? evidence->role : "", evidence->source, evidence->saw);
    if (evidence->points_to)
        terminal_print(stdout, "  -> %s", evidence->points_to);
    putchar('\n');
}

/* The strongest kind of source first, as the rule has it; what is of no layer last. */
static void print_all_evidence(const struct machine *machine) {
    static const char *const strengths[] = {"kernel", "firmware", "cpuid", "device", "processor", NULL};

    for (size_t k = 0; k < VMS_LENGTH(strengths); k++)
        for (size_t i = 0; i < machine->n_evidence; i++) {
            const char *strength = machine->evidence[i].strength;

            if (strength ? strengths[k] && strcmp(strength, strengths[k]) == 0 : !strengths[k])
                print_evidence(&machine->evidence[i]);
        }
}

static void print_table(const struct machine *machine) {
    print_layers(machine);
    puts("\nEvidence, the strongest first");
    print_all_evidence(machine);
    puts("\nFacts");
    for (size_t i = 0; i < machine->n_facts; i++)
        print_fact(&machine->facts[i]);
}

static int print_json(const struct cli_command *command, const struct machine *machine) {
    json_auto_t *json = record_machine(machine);

    return command_print_json(command, json);
}

/* A tree that is not there would be a machine of which nothing is known. */
static bool is_folder(const char *path) {
    struct stat status;

    return *path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int write_capture(const struct machine_source *source, const struct arguments *arguments) {
    struct vms_error error = {""};

    if (machine_capture(source, arguments->scratch, arguments->capture, &error) < 0) {
        terminal_print(stderr, "vmsuite env: %s\n", error.text);
        return EXIT_FAILED;
    }
    terminal_print(stderr, "This machine is captured in %s. Look it through before you pass it on.\n",
                   arguments->capture);
    return EXIT_DONE;
}

#define WATCHED_S 0.1

static int print_machine(const struct cli_command *command, const struct machine_source *source,
                         const struct arguments *arguments) {
    struct machine machine = {0};
    struct machine_watch watch = {.error = {""}};
    int status = machine_read(source, arguments->scratch, &machine);

    if (status == 0 && source_is_live(source)) {
        machine_watch(WATCHED_S, &watch);
        status = machine_watch_note(&watch, &machine);
    }
    if (status < 0) {
        machine_done(&machine);
        return command_fail(command, EXIT_FAILED, ERROR_MEMORY);
    }
    status = EXIT_DONE;
    if (arguments->json)
        status = print_json(command, &machine);
    else
        print_table(&machine);
    machine_done(&machine);
    return status;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct machine_source source = machine_source_here();
    struct arguments *arguments = given;

    (void)words;
    if (arguments->root && !is_folder(arguments->root))
        return command_fail(command, EXIT_USAGE, "%s is not the folder of a captured machine",
                            arguments->root);
    if (arguments->root)
        source = machine_source_at(arguments->root);
    return arguments->capture ? write_capture(&source, arguments)
                              : print_machine(command, &source, arguments);
}

const struct cli_command command_env = {
    .name = "env",
    .summary = "show what this machine is, with the evidence",
    .description =
        "Shows what this machine is: the hypervisor with the evidence for it, the container, and the facts "
        "that records hold.",
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run,
};
