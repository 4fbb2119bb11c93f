/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "cli/command.h"
#include "common/locate.h"
#include "documents/configuration.h"
#include "record/record_check.h"

#include <getopt.h>
#include <string.h>

static const char help[] = "usage: vmsuite check FILE...\n\n"
                           "Validates configurations, suites and records. Every mistake of every file is "
                           "told on stdout, with file, line\n"
                           "and place. Exit status: 0 all files are good; 2 one is not.\n\n"
                           "  --help    this text\n";

static void check_suite_name(const struct document *document, const struct module_list *modules,
                             struct problems *problems) {
    const json_t *suite = json_object_get(document->json, "suite");
    const struct configuration_overrides none = {0};
    struct configuration configuration = {0};

    /* A suite that is only named is another file; it is read here as a run would read it. */
    if (json_is_string(suite) && problems->n_problems == 0)
        (void)configuration_read(document->file, &none, modules, problems, &configuration);
    configuration_done(&configuration);
}

static void check_configuration(const struct document *document, const struct module_list *modules,
                                struct problems *problems) {
    struct configuration configuration = {0};

    configuration_read_document(document, modules, &configuration);
    configuration_done(&configuration);
    check_suite_name(document, modules, problems);
}

static void check_suite(const struct document *document, const struct module_list *modules) {
    struct suite suite;

    suite_read(document, "$", document->json, modules, &suite);
    suite_done(&suite);
}

static void add_record_problem(void *context, const char *path, const char *sentence) {
    document_problem(context, path, "%s", sentence);
}

/* Tells what kind of file it is by what only that kind has. Returns the kind's name. */
static const char *check_document(struct document *document, const struct module_list *modules,
                                  struct problems *problems) {
    if (json_object_get(document->json, "schema")) {
        record_check(document->json, add_record_problem, document);
        return "record";
    }
    if (json_object_get(document->json, "configuration")) {
        check_configuration(document, modules, problems);
        return "configuration";
    }
    if (json_object_get(document->json, "benchmarks")) {
        check_suite(document, modules);
        return "suite";
    }
    document_problem(document, "$",
                     "is neither a configuration (\"configuration\"), a suite (\"benchmarks\") nor a "
                     "record (\"schema\")");
    return "file";
}

static bool check_file(const char *file, const struct module_list *modules) {
    struct problems problems = {0};
    struct document document;
    bool good;

    if (document_read(file, &problems, &document) == 0) {
        const char *kind = check_document(&document, modules, &problems);

        if (problems.n_problems == 0)
            printf("%s: a good %s\n", file, kind);
        document_done(&document);
    }
    problems_print(&problems, stdout);
    good = problems.n_problems == 0;
    problems_done(&problems);
    return good;
}

int cmd_check(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct module_list modules;
    struct vms_error error;
    int option, status = EXIT_DONE;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'h')
            return command_usage_error("check", "an option is unknown");
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (optind == argc)
        return command_usage_error("check", "which file?");
    if (locate_modules(&modules, &error) < 0) {
        fprintf(stderr, "vmsuite check: %s\n", error.text);
        return EXIT_FAILED;
    }
    for (int i = optind; i < argc; i++)
        if (!check_file(argv[i], &modules))
            status = EXIT_USAGE;
    module_list_done(&modules);
    return status;
}
