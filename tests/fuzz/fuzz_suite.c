/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Suites (documents.c): what a valid one resolves to is valid, too, and resolves to the same. */
#include "documents.h"
#include "documents/suite.h"
#include "input.h"
#include "run/plan/plan.h"

static json_t *resolved; /* of the first reading */

static void read_resolved(const struct document *document, const struct module_list *modules) {
    struct suite suite;
    json_t *again;

    suite_read(document, "$", document->json, modules, &suite);
    if (document->problems->n_problems == 0) {
        again = suite_resolved(&suite);
        require(json_equal(again, resolved));
        json_decref(again);
    }
    suite_done(&suite);
}

void document_try(const struct document *document, const struct module_list *modules) {
    struct vms_error error = {""};
    struct suite suite;

    suite_read(document, "$", document->json, modules, &suite);
    if (document->problems->n_problems == 0) {
        require(plan_check(&suite, &error) == 0 || error.text[0]);
        resolved = suite_resolved(&suite);
        require(resolved != NULL);
        document_again(resolved, modules, read_resolved);
        json_decref(resolved);
    }
    suite_done(&suite);
}
