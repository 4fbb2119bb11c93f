/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer targets: whatever a document holds, it is read, or refused with sentences. The modules are those
 * of the build tree (VMSUITE_FUZZ_MODULES), since suites name them and their parameters. */
#include "documents.h"

#include "base/cleanup.h"
#include "input.h"

#include <string.h>

static struct module_list modules;

int LLVMFuzzerInitialize(int *n_arguments, char ***arguments) {
    (void)n_arguments;
    (void)arguments;
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 1);
    require(loader_list("", VMSUITE_FUZZ_MODULES, &modules, NULL) == 0 && modules.n_modules > 0);
    return 0;
}

static void check_problems(const struct problems *problems, const char *file) {
    for (size_t i = 0; i < problems->n_problems && i < PROBLEMS_SHOWN; i++)
        require(problems->problems[i].text && *problems->problems[i].text && *file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *file = input_file(data, size);
    struct problems problems = {0};
    struct document document;

    if (document_read(file, &problems, &document) == 0) {
        document_try(&document, &modules);
        document_done(&document);
    } else {
        require(problems.n_problems > 0);
    }
    check_problems(&problems, file);
    problems_done(&problems);
    return 0;
}

void document_again(const json_t *json, const struct module_list *list,
                    void (*read)(const struct document *document, const struct module_list *modules)) {
    cleanup_free char *text = json_dumps(json, 0);
    struct problems problems = {0};
    struct document document;

    require(text && document_read(input_file(text, strlen(text)), &problems, &document) == 0);
    if (problems.n_problems == 0)
        read(&document, list);
    if (problems.n_problems > 0)
        problems_print(&problems, stderr);
    require(problems.n_problems == 0);
    document_done(&document);
    problems_done(&problems);
}
