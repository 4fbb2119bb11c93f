/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Studies (documents.c): what a valid one resolves to is a study that says the same. */
#include "documents.h"
#include "input.h"
#include "study/study.h"

static json_t *resolved; /* of the first reading */

static void read_resolved(const struct document *document, const struct module_list *modules) {
    const struct study_overrides none = {0};
    struct study study = {0};

    if (study_read(document, &none, modules, &study) == 0)
        require(json_equal(study.json, resolved));
    study_done(&study);
}

void document_try(const struct document *document, const struct module_list *modules) {
    const struct study_overrides none = {.otherwise = "quick"};
    size_t before = document->problems->n_problems; /* keys that appear twice */
    struct study study = {0};
    int status = study_read(document, &none, modules, &study);

    require((status == 0) == (document->problems->n_problems == before));
    if (status == 0) {
        require(study.json && study.suite && study.baseline < study.n_entries);
        resolved = study.json;
        document_again(resolved, modules, read_resolved);
    }
    study_done(&study);
}
