/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a journal holds, a run is resumed from it, or it is refused with a sentence; and
 * the record of a resumed run can be written. */
#include "fakes/fixed_run.h"
#include "input.h"
#include "record/write/journal.h"

#include <stdlib.h>

/* The fixed run as it begins: without trials. */
static void begin_run(struct outcome_run *ret_run) {
    fixed_run_init(ret_run);
    for (size_t i = 0; i < ret_run->n_cases; i++) {
        struct outcome_case *outcome = &ret_run->cases[i];

        for (size_t j = 0; j < outcome->n_done; j++)
            outcome_trial_done(&outcome->trials[j]);
        outcome->n_done = 0;
        free(outcome->facts.facts);
        outcome->facts = (struct outcome_facts){0};
    }
}

static void resume(const json_t *lines) {
    struct outcome_run run;
    const json_t *line;
    size_t i;

    begin_run(&run);
    json_array_foreach (lines, i, line) {
        struct vms_error error = {""};

        if (journal_apply(&run, line, &error) < 0)
            require(error.text[0]);
    }
    outcome_run_settle(&run);
    {
        const struct record_context context = {.before = &fixed_machine};
        json_t *record = record_new(&run, &context);

        require(record != NULL);
        json_decref(record);
    }
    outcome_run_done(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *header = NULL, *lines = NULL;
    struct vms_error error = {""};

    if (journal_read(input_file(data, size), &header, &lines, &error) < 0) {
        require(error.text[0]);
        return 0;
    }
    require(json_is_object(header) && json_is_array(lines));
    resume(lines);
    json_decref(header);
    json_decref(lines);
    return 0;
}
