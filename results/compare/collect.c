/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From records to the values that are compared. */
#include "compare/parts.h"
#include "compare/rounds.h"
#include "compare/tails.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "history/machine_kind.h"
#include "module/outcome.h"
#include "record/identity.h"
#include "record/origin.h"
#include "record/reader.h"
#include "record/value.h"
#include "record/view_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct comparison *compare_new(const struct compare_options *options) {
    struct comparison *comparison = calloc(1, sizeof(*comparison));

    if (!comparison)
        return NULL;
    comparison->options = *options;
    comparison->raw = calloc(1, sizeof(*comparison->raw));
    if (comparison->raw)
        comparison->raw->spill = spill_new();
    if (comparison->raw)
        comparison->raw->run_ids = json_object();
    if (!comparison->raw || !comparison->raw->spill || !comparison->raw->run_ids) {
        compare_free(comparison);
        return NULL;
    }
    return comparison;
}

const char *compare_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static int new_side(struct comparison *comparison, const char *label, const json_t *head) {
    const json_t *before = json_object_get(json_object_get(head, "environment"), "before");
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
                                     .virtualization = strdup(compare_text(before, "virtualization")),
                                     .emulated = origin_is_emulated(head),
                                     .instructions = origin_counts_instructions(head),
                                     .facts = environment_facts(head)};
    comparison->n_sides++;
    return sides[n].label && sides[n].virtualization && sides[n].facts && collected[n].machine ? 0 : -ENOMEM;
}

static const char *counted(bool instructions) {
    return instructions ? "instructions" : "real time";
}

/* The first run that is not whole is told, the others are counted. */
static int note_broken(struct compare_side *side, const char *path, const char *status) {
    if (side->n_broken++ > 0)
        return 0;
    side->broken = compare_sentence("%s: the run's status is \"%s\"", path, status);
    return side->broken ? 0 : -ENOMEM;
}

int compare_add_run(struct comparison *comparison, size_t side, const char *label, const char *path,
                    const json_t *head, struct vms_error *error) {
    const char *status = compare_text(head, "status");
    struct compare_collected *raw = comparison->raw;
    int result = 0;

    if (side > comparison->n_sides)
        return error_set(error, -EINVAL, "%s: the sides of a comparison come in order", path);
    if (comparison->n_sides > 0 && origin_counts_instructions(head) != comparison->sides[0].instructions)
        return error_set(error, -EINVAL,
                         "%.200s: its clock counts %s, that of %.100s %s, and those are never compared: take "
                         "the records of one clock at a time",
                         path, counted(!comparison->sides[0].instructions), comparison->sides[0].label,
                         counted(comparison->sides[0].instructions));
    if (side == comparison->n_sides) {
        result = new_side(comparison, label, head);
    } else {
        json_t *facts = environment_facts(head);

        result = facts ? environment_differ(comparison, side, comparison->sides[side].facts, side, facts)
                       : -ENOMEM;
        json_decref(facts);
    }
    if (result == 0 && strcmp(status, outcome_status_name(OUTCOME_OK)) != 0)
        result = note_broken(&comparison->sides[side], path, status);
    if (result == 0 && comparison->options.history &&
        json_object_set_new(raw->run_ids, compare_text(head, "run_id"), json_true()) < 0)
        result = -ENOMEM;
    if (result < 0)
        return error_set(error, result, "%s: out of memory", path);
    result = rounds_add(&comparison->sides[side], head, path, error);
    if (result < 0)
        return result;
    json_decref(raw->modules);
    raw->modules = json_incref(json_object_get(head, "modules"));
    raw->side = side;
    comparison->sides[side].n_runs++;
    raw->sides[side].next = 0;
    return 0;
}

/* The subject of that identity, new where there is none yet. Takes `identity` over. Records of one suite have
 * their cases in the same order, so that the expected place is mostly the right one. */
static struct subject *find_subject(struct collected_side *side, json_t *identity) {
    struct subject *grown;

    for (size_t i = 0; i < side->n_subjects; i++) {
        size_t at = (side->next + i) % side->n_subjects;

        if (json_equal(side->subjects[at].identity, identity)) {
            json_decref(identity);
            side->next = at + 1;
            return &side->subjects[at];
        }
    }
    grown = reallocarray(side->subjects, side->n_subjects + 1, sizeof(*grown));
    if (!grown) {
        json_decref(identity);
        return NULL;
    }
    side->subjects = grown;
    grown[side->n_subjects] = (struct subject){.identity = identity};
    return &grown[side->n_subjects++];
}

/* The series of a metric, or of its tail, new where there is none yet. */
static struct series *find_series(struct subject *subject, const struct view_metric *metric,
                                  const struct tail *tail) {
    cleanup_free char *name =
        compare_sentence("%s%s%s", metric->name, tail ? " " : "", tail ? tail->name : "");
    struct series *grown;

    for (size_t i = 0; name && i < subject->n_series; i++)
        if (strcmp(compare_text(subject->series[i].metric, "metric"), name) == 0)
            return &subject->series[i];
    grown = name ? reallocarray(subject->series, subject->n_series + 1, sizeof(*grown)) : NULL;
    if (!grown)
        return NULL;
    subject->series = grown;
    grown += subject->n_series++;
    *grown = (struct series){.median = metric->shape == VMS_DISTRIBUTION && !tail,
                             .metric = json_pack("{s:s, s:s, s:s, s:s}", "metric", name, "unit",
                                                 units_name(metric->unit), "better",
                                                 value_better_name(metric->better), "side",
                                                 value_side_name(metric->side))};
    return grown->metric ? grown : NULL;
}

/* Appends the values that the case's ok trials gave for a metric, or for its tail, which may be none. */
static int add_values(struct comparison *comparison, struct subject *subject, const struct view_case *outcome,
                      size_t metric, const struct tail *tail) {
    struct compare_collected *raw = comparison->raw;
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));
    struct series *series;
    size_t n = 0;
    int status;

    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], metric);
        double value = !sample ? (double)NAN : tail ? tails_value(tail, sample) : sample->value;

        if (outcome->trials[i].status == OUTCOME_OK && !isnan(value))
            values[++n] = value;
    }
    if (n == 0 && tail) { /* no trial by itself, perhaps all together */
        double merged = tails_merged(tail, outcome, metric);

        if (isnan(merged))
            return 0;
        values[++n] = merged;
    }
    series = find_series(subject, &outcome->metrics[metric], tail);
    if (!series)
        return -ENOMEM;
    if (n == 0)
        return 0;
    values[0] = (double)n;
    series->n_values += n;
    status = spill_append(raw->spill, &series->values, values, n + 1);
    return status < 0
               ? status
               : series_add_run(series, raw->spill, comparison->sides[raw->side].n_runs - 1, values + 1, n);
}

static int add_tails(struct comparison *comparison, struct subject *subject, const struct view_case *outcome,
                     size_t metric) {
    int status = 0;

    for (size_t i = 0; status == 0 && tails_are_of(&outcome->metrics[metric]) && tails_at(i); i++)
        status = add_values(comparison, subject, outcome, metric, tails_at(i));
    return status;
}

static int note_trouble(struct subject *subject, const struct view_case *outcome) {
    if (subject->trouble || outcome->status == OUTCOME_OK)
        return 0;
    subject->trouble = compare_sentence("%s%s%s", outcome_status_name(outcome->status),
                                        *outcome->reason ? ": " : "", outcome->reason);
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
    json_t *identity = identity_new(raw->modules, outcome);
    struct subject *subject = identity ? find_subject(&raw->sides[raw->side], identity) : NULL;
    int status = subject ? note_trouble(subject, outcome) : -ENOMEM;

    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++) {
        if (outcome->metrics[i].better == VMS_NEITHER)
            continue; /* a property, such as a residual: a difference is neither loss nor gain */
        status = add_values(comparison, subject, outcome, i, NULL);
    }
    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++)
        status = add_tails(comparison, subject, outcome, i);
    if (status < 0)
        return compare_fail(error, status, "collecting the values of a case");
    count_trials(&comparison->sides[raw->side], outcome);
    account_add(&subject->account, outcome);
    return 0;
}

int compare_add_record(struct comparison *comparison, size_t side, const char *label, const char *path,
                       const json_t *record, struct vms_error *error) {
    int status = compare_add_run(comparison, side, label, path, record, error);
    struct view_case outcome = {0};
    const json_t *json;
    size_t index;

    json_array_foreach (json_object_get(record, "cases"), index, json) {
        if (status == 0)
            status = view_read_json(json, &outcome, error);
        if (status == 0)
            status = compare_add_case(comparison, &outcome, error);
    }
    reader_case_done(&outcome);
    return status;
}

static void subject_done(struct subject *subject) {
    for (size_t i = 0; i < subject->n_series; i++) {
        spill_row_done(&subject->series[i].values);
        spill_row_done(&subject->series[i].summaries);
        series_unload(&subject->series[i]);
        json_decref(subject->series[i].metric);
    }
    free(subject->series);
    free(subject->trouble);
    json_decref(subject->identity);
}

void collected_free(struct compare_collected *collected, size_t n_sides) {
    if (!collected)
        return;
    for (size_t i = 0; i < n_sides; i++) {
        for (size_t j = 0; j < collected->sides[i].n_subjects; j++)
            subject_done(&collected->sides[i].subjects[j]);
        free(collected->sides[i].subjects);
        free(collected->sides[i].machine);
    }
    spill_free(collected->spill);
    free(collected->sides);
    free(collected->pairs);
    json_decref(collected->modules);
    json_decref(collected->run_ids);
    free(collected);
}
