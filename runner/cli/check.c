/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "cli/command.h"
#include "common/locate.h"
#include "compare/gate.h"
#include "documents/configuration.h"
#include "documents/kind.h"
#include "output/terminal.h"
#include "record/read/record_check.h"
#include "run/plan/plan.h"
#include "study/study.h"

#include <string.h>

/* A suite that a run would refuse for its size. */
static void check_plan(const struct document *document, const struct suite *suite) {
    struct vms_error error;

    if (plan_check(suite, &error) < 0)
        document_problem(document, "$", "%s", error.text);
}

static void check_suite_name(const struct document *document, const struct module_list *modules,
                             struct problems *problems) {
    const json_t *suite = json_object_get(document->json, "suite");
    const struct configuration_overrides none = {0};
    struct configuration configuration = {0};

    /* A suite that is only named is another file; it is read here as a run would read it. */
    if (json_is_string(suite) && problems->n_problems == 0)
        (void)configuration_read(document->file, &none, modules, problems, &configuration);
    if (json_is_string(suite) && problems->n_problems == 0)
        check_plan(document, &configuration.suite);
    configuration_done(&configuration);
}

static void check_configuration(const struct document *document, const struct module_list *modules,
                                struct problems *problems) {
    struct configuration configuration = {0};

    configuration_read_document(document, modules, &configuration);
    if (problems->n_problems == 0)
        check_plan(document, &configuration.suite);
    configuration_done(&configuration);
    check_suite_name(document, modules, problems);
}

static void check_suite(const struct document *document, const struct module_list *modules,
                        const struct problems *problems) {
    struct suite suite;

    suite_read(document, "$", document->json, modules, &suite);
    if (problems->n_problems == 0)
        check_plan(document, &suite);
    suite_done(&suite);
}

static void add_record_problem(void *context, const char *path, const char *sentence) {
    document_problem(context, path, "%s", sentence);
}

static void check_policy(const struct document *document) {
    struct compare_gate gate = {0};
    struct vms_error error = {""};
    double margin;

    if (gate_read(document->json, &gate, &margin, &error) < 0)
        document_problem(document, "$", "%s", error.text);
    gate_done(&gate);
}

static void check_study(const struct document *document, const struct module_list *modules) {
    const struct study_overrides none = {0};
    struct study study = {0};

    (void)study_read(document, &none, modules, &study);
    study_done(&study);
}

static void check_document(struct document *document, const struct module_list *modules,
                           struct problems *problems) {
    switch (kind_of(document->json)) {
    case KIND_RECORD:
        record_check(document->json, add_record_problem, document);
        break;
    case KIND_CONFIGURATION:
        check_configuration(document, modules, problems);
        break;
    case KIND_SUITE:
        check_suite(document, modules, problems);
        break;
    case KIND_STUDY:
        check_study(document, modules);
        break;
    case KIND_POLICY:
        check_policy(document);
        break;
    case KIND_COMPARISON:
    case KIND_HOSTS:
    case KIND_FLEET:
    case KIND_TREND:
    case KIND_BASELINE:
        break; /* written by the program, for other programs */
    case KIND_UNKNOWN:
        document_problem(
            document, "$",
            "is not a configuration (\"configuration\"), a suite (\"benchmarks\"), a study (\"study\"), "
            "nor a record or policy (\"schema\")");
    }
}

static bool check_file(const char *file, const struct module_list *modules) {
    struct problems problems = {0};
    struct document document;
    bool valid;

    if (document_read(file, &problems, &document) == 0) {
        check_document(&document, modules, &problems);
        if (problems.n_problems == 0)
            terminal_print(stdout, "%s: valid: %s\n", file, kind_name(kind_of(document.json)));
        document_done(&document);
    }
    problems_print(&problems, stdout);
    valid = problems.n_problems == 0;
    problems_done(&problems);
    return valid;
}

static int run(const struct cli_command *command, void *arguments, const struct words *words) {
    struct module_list modules;
    struct vms_error error;
    int status = EXIT_DONE;

    (void)arguments;
    if (locate_modules(&modules, &error) < 0)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    for (size_t i = 0; i < words->n_words; i++)
        if (!check_file(words->words[i], &modules))
            status = EXIT_USAGE;
    module_list_done(&modules);
    return status;
}

const struct cli_command command_check = {
    .name = "check",
    .summary = "validate configurations, suites, studies, policies and records",
    .description =
        "Validates configurations, suites, studies, policies and records. Every mistake is reported on "
        "standard output, with file, line and place; of a file with more than 50 mistakes the first 50 "
        "are.",
    .operands =
        {.usage = "FILE...", .missing = "which file?", .min = 1, .max = OPERANDS_ANY, .names = NAMES_FILE},
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run,
};
