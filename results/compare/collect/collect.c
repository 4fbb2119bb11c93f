/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From records to the values that are compared. */
#include "compare/collect/collect.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "compare/collect/collected.h"
#include "compare/collect/environment.h"
#include "compare/collect/rounds.h"
#include "compare/comparison/notes.h"
#include "history/machine_kind.h"
#include "module/outcome.h"
#include "record/read/reader.h"
#include "record/view/view_read.h"

#include <stdlib.h>
#include <string.h>

static int new_side(struct comparison *comparison, const char *label, const struct view_head *head) {
    size_t n = comparison->n_sides;
    struct compare_side *sides = reallocarray(comparison->sides, n + 1, sizeof(*sides));
    struct collected_side *collected = reallocarray(comparison->raw->sides, n + 1, sizeof(*collected));

    if (sides)
        comparison->sides = sides;
    if (collected)
        comparison->raw->sides = collected;
    if (!sides || !collected)
        return -ENOMEM;
    collected[n] = (struct collected_side){.machine = machine_kind(head)};
    sides[n] = (struct compare_side){.label = strdup(label),
                                     .virtualization = strdup(head->machine.virtualization),
                                     .emulated = head->is_emulated,
                                     .instructions = head->counts_instructions,
                                     .facts = environment_new(&comparison->arena, head)};
    comparison->n_sides++;
    return sides[n].label && sides[n].virtualization && sides[n].facts && collected[n].machine ? 0 : -ENOMEM;
}

static const char *counted(bool instructions) {
    return instructions ? "instructions" : "real time";
}

/* The first run that is not whole is reported, the others are counted. */
static int note_broken(struct compare_side *side, const char *path, enum outcome_status status) {
    if (status == OUTCOME_OK || side->n_broken++ > 0)
        return 0;
    side->broken = text_new("%s: the run's status is \"%s\"", path, outcome_status_name(status));
    return side->broken ? 0 : -ENOMEM;
}

static int note_environment(struct comparison *comparison, size_t side, const struct view_head *head) {
    const struct environment *facts;

    arena_reset(&comparison->raw->scratch);
    facts = environment_new(&comparison->raw->scratch, head);
    return facts ? environment_differ(comparison, side, comparison->sides[side].facts, side, facts) : -ENOMEM;
}

static int note_run_id(struct comparison *comparison, const struct view_head *head) {
    struct earlier_known *known = &comparison->raw->run_ids;
    char **grown;

    if (!comparison->options.history)
        return 0;
    grown = reallocarray(known->ids, known->n + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    known->ids = grown;
    grown[known->n] = strdup(head->run_id);
    return grown[known->n++] ? 0 : -ENOMEM;
}

int compare_add_run(struct comparison *comparison, size_t side, const char *label, const char *path,
                    const struct view_head *head, struct vms_error *error) {
    struct compare_collected *raw = comparison->raw;
    int status;

    if (side > comparison->n_sides)
        return error_set(error, -EINVAL, "%s: the sides of a comparison come in order", path);
    if (comparison->n_sides > 0 && head->counts_instructions != comparison->sides[0].instructions)
        return error_set(error, -EINVAL,
                         "%.200s: its clock counts %s, that of %.100s %s, and those are never compared: take "
                         "the records of one clock at a time",
                         path, counted(!comparison->sides[0].instructions), comparison->sides[0].label,
                         counted(comparison->sides[0].instructions));
    status = side == comparison->n_sides ? new_side(comparison, label, head)
                                         : note_environment(comparison, side, head);
    if (status == 0)
        status = note_broken(&comparison->sides[side], path, head->status);
    if (status == 0)
        status = note_run_id(comparison, head);
    if (status < 0)
        return error_set(error, status, "%s: " ERROR_MEMORY, path);
    status = rounds_add(&comparison->sides[side], &head->run_set, path, error);
    if (status < 0)
        return status;
    raw->head = head;
    raw->side = side;
    comparison->sides[side].n_runs++;
    raw->sides[side].next = 0;
    return 0;
}

static struct subject *new_subject(struct comparison *comparison, struct collected_side *side,
                                   const struct view_case *outcome) {
    const struct identity *identity = identity_new(&comparison->arena, comparison->raw->head, outcome);
    struct subject *grown =
        identity ? reallocarray(side->subjects, side->n_subjects + 1, sizeof(*grown)) : NULL;

    if (!grown)
        return NULL;
    side->subjects = grown;
    if (identity_index_add(&side->index, identity, side->n_subjects) < 0)
        return NULL;
    grown[side->n_subjects] = (struct subject){.identity = identity};
    return &grown[side->n_subjects++];
}

/* The side's subject that is the case's work, new where there is none yet. Records of one suite have their
 * cases in the same order, so that the expected place is mostly the right one. */
static struct subject *find_subject(struct comparison *comparison, struct collected_side *side,
                                    const struct view_case *outcome) {
    const struct identity *identity;
    size_t at = side->next;

    arena_reset(&comparison->raw->scratch);
    identity = identity_new(&comparison->raw->scratch, comparison->raw->head, outcome);
    if (!identity)
        return NULL;
    if (at >= side->n_subjects || !identity_is_same(side->subjects[at].identity, identity))
        at = identity_index_find(&side->index, identity);
    if (at == SIZE_MAX)
        return new_subject(comparison, side, outcome);
    side->next = at + 1;
    return &side->subjects[at];
}

static int note_trouble(struct subject *subject, const struct view_case *outcome) {
    if (subject->trouble || outcome->status == OUTCOME_OK)
        return 0;
    subject->trouble = text_new("%s%s%s", outcome_status_name(outcome->status), *outcome->reason ? ": " : "",
                                outcome->reason);
    return subject->trouble ? 0 : -ENOMEM;
}

static void count_trials(struct compare_side *side, const struct view_case *outcome) {
    side->n_trials += outcome->n_trials;
    for (size_t i = 0; i < outcome->n_trials; i++)
        side->n_flagged += outcome->trials[i].n_flags > 0;
}

int compare_add_case(struct comparison *comparison, const struct view_case *outcome,
                     struct vms_error *error) {
    struct compare_collected *raw = comparison->raw;
    struct subject *subject = find_subject(comparison, &raw->sides[raw->side], outcome);
    int status = subject ? note_trouble(subject, outcome) : -ENOMEM;

    if (status == 0)
        status = series_add_case(comparison, subject, outcome);
    if (status < 0)
        return compare_fail(error, status, "collecting the values of a case");
    count_trials(&comparison->sides[raw->side], outcome);
    account_add(&subject->account, outcome);
    return 0;
}

int compare_add_record(struct comparison *comparison, size_t side, const char *label, const char *path,
                       json_t *record, struct vms_error *error) {
    struct view_case outcome = {0};
    const char *sentence = "";
    struct view_head head;
    const json_t *json;
    size_t index;
    int status = view_read_head(json_incref(record), &head, &sentence);

    status = status < 0 ? error_set(error, status, "%.200s: %s", path, sentence)
                        : compare_add_run(comparison, side, label, path, &head, error);
    json_array_foreach (json_object_get(record, "cases"), index, json) {
        if (status == 0)
            status = view_read_json(json, &outcome, error);
        if (status == 0)
            status = compare_add_case(comparison, &outcome, error);
    }
    reader_case_done(&outcome);
    view_head_done(&head);
    return status;
}

int collected_finish(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_sides; i++) {
        struct collected_side *side = &comparison->raw->sides[i];

        side->cases = calloc(side->n_subjects + 1, sizeof(struct identity *));
        for (size_t j = 0; side->cases && j < side->n_subjects; j++)
            side->cases[j] = side->subjects[j].identity;
        status = side->cases ? label_cases_init(&side->among, side->cases, side->n_subjects) : -ENOMEM;
    }
    return status;
}

static void subject_done(struct subject *subject) {
    for (size_t i = 0; i < subject->n_series; i++) {
        spill_row_done(&subject->series[i].values);
        spill_row_done(&subject->series[i].summaries);
        series_unload(&subject->series[i]);
        free(subject->series[i].samples);
    }
    free(subject->series);
    free(subject->trouble);
}

void collected_free(struct compare_collected *collected, size_t n_sides) {
    if (!collected)
        return;
    for (size_t i = 0; i < n_sides; i++) {
        for (size_t j = 0; j < collected->sides[i].n_subjects; j++)
            subject_done(&collected->sides[i].subjects[j]);
        identity_index_done(&collected->sides[i].index);
        label_cases_done(&collected->sides[i].among);
        free(collected->sides[i].cases);
        free(collected->sides[i].subjects);
        free(collected->sides[i].machine);
    }
    spill_free(collected->spill);
    free(collected->sides);
    free(collected->pairs);
    for (size_t i = 0; i < collected->run_ids.n; i++)
        free(collected->run_ids.ids[i]);
    free(collected->run_ids.ids);
    arena_done(&collected->scratch);
    free(collected);
}
