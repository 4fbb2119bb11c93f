/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cases are the same work, and what differs in those that are not. */
#include "compare/effects/effects.h"

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "compare/comparison/notes.h"
#include "compare/effects/nearest.h"
#include "record/view/tails.h"

#include <string.h>

/* Writes a value as a user would read it. */
static void print_value(FILE *file, const struct view_value *value) {
    char number[NUMBER_TEXT_SIZE];

    if (!value || value->kind == VIEW_NULL)
        fputs("none", file);
    else if (value->kind == VIEW_TEXT)
        fprintf(file, "\"%s\"", value->text);
    else if (value->kind == VIEW_REAL && number_format(value->number, number) > 0)
        fputs(number, file);
    else
        fputs(value->text, file);
}

static size_t print_change(FILE *file, size_t n, const char *name, const struct view_value *a,
                           const struct view_value *b) {
    if ((!a && !b) || (a && b && view_is_same_value(a, b)))
        return n;
    fprintf(file, "%s%s ", n > 0 ? "; " : "", name);
    print_value(file, a);
    fputs(" against ", file);
    print_value(file, b);
    return n + 1;
}

/* "" counts as none. */
static size_t print_change_of_text(FILE *file, size_t n, const char *name, const char *a, const char *b) {
    const struct view_value values[] = {{.kind = VIEW_TEXT, .text = a ? a : ""},
                                        {.kind = VIEW_TEXT, .text = b ? b : ""}};

    return print_change(file, n, name, *values[0].text ? &values[0] : NULL,
                        *values[1].text ? &values[1] : NULL);
}

static size_t print_params(FILE *file, size_t n, const struct identity *a, const struct identity *b) {
    for (size_t i = 0; i < a->n_params; i++)
        n = print_change(file, n, a->params[i].name, &a->params[i].value,
                         identity_find_param(b, a->params[i].name));
    for (size_t i = 0; i < b->n_params; i++)
        if (!identity_find_param(a, b->params[i].name))
            n = print_change(file, n, b->params[i].name, NULL, &b->params[i].value);
    return n;
}

static size_t print_facts(FILE *file, size_t n, const struct identity *a, const struct identity *b) {
    for (size_t i = 0; i < a->n_facts; i++)
        n = print_change_of_text(file, n, a->facts[i].key, a->facts[i].value,
                                 identity_find_fact(b, a->facts[i].key));
    for (size_t i = 0; i < b->n_facts; i++)
        if (!identity_find_fact(a, b->facts[i].key))
            n = print_change_of_text(file, n, b->facts[i].key, NULL, b->facts[i].value);
    return n;
}

/* "message_size 64 against 128; path "loopback" against "network"". Owned; NULL without memory. */
static char *describe_changes(const struct identity *a, const struct identity *b) {
    char *text = NULL;
    size_t size, n;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    n = print_params(file, 0, a, b);
    if (a->workload_version != b->workload_version)
        fprintf(file, "%sworkload version %u against %u", n++ > 0 ? "; " : "", a->workload_version,
                b->workload_version);
    if (a->warmup != b->warmup)
        fprintf(file, "%swarm-ups %u against %u", n++ > 0 ? "; " : "", a->warmup, b->warmup);
    n = print_change_of_text(file, n, "path", a->path, b->path);
    n = print_change_of_text(file, n, "cpus", a->cpus, b->cpus);
    if (a->neighbours != b->neighbours)
        fprintf(file, "%sneighbours %u against %u", n++ > 0 ? "; " : "", a->neighbours, b->neighbours);
    (void)print_facts(file, n, a, b);
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Owned; NULL without memory. */
char *compare_label(const struct collected_side *side, const struct subject *subject) {
    return label_among(&side->among, (size_t)(subject - side->subjects), '=');
}

static struct series *find_series(const struct subject *subject, const char *metric) {
    for (size_t i = 0; i < subject->n_series; i++)
        if (strcmp(subject->series[i].metric->name, metric) == 0)
            return &subject->series[i];
    return NULL;
}

static int add_row(struct comparison *comparison, size_t other, const struct subject *const subjects[2],
                   const struct row_series *pair, const char *different) {
    const struct subject *subject = subjects[0];
    size_t n = comparison->n_rows;
    struct compare_row *rows = reallocarray(comparison->rows, n + 1, sizeof(*rows));
    struct row_series *pairs = reallocarray(comparison->raw->pairs, n + 1, sizeof(*pairs));

    if (rows)
        comparison->rows = rows;
    if (pairs)
        comparison->raw->pairs = pairs;
    if (!rows || !pairs)
        return -ENOMEM;
    pairs[n] = *pair;
    rows[n] = (struct compare_row){.other = other,
                                   .identity = subject->identity,
                                   .metric = pair->sides[0]->metric,
                                   .headline = pair->sides[0] == subject->series,
                                   .median = pair->sides[0]->median,
                                   .label = compare_label(&comparison->raw->sides[0], subject),
                                   .accounts = {subject->account, subjects[1]->account},
                                   .different = different ? strdup(different) : NULL};
    comparison->n_rows++;
    rows[n].title = rows[n].label ? compare_title(rows[n].label, true) : NULL;
    return rows[n].title && (!different || rows[n].different) ? 0 : -ENOMEM;
}

/* A tail that one side alone has enough samples for, and what one side's host alone counted: said only where
 * it was asked for. */
static bool is_silent(const struct comparison *comparison, const struct series *series) {
    const char *metric = series->metric->name;

    return (tails_is_name(metric) || account_is_metric(metric)) && !compare_is_asked(comparison, metric);
}

/* Why a metric cannot be compared although both sides have the case; NULL where it can. */
static const char *series_trouble(const struct series *baseline, const struct series *other) {
    if (!other)
        return tails_is_name(baseline->metric->name) ? "no trial of the other side has enough samples"
                                                     : "the other side does not report it";
    if (!identity_is_same_metric(baseline->metric, other->metric))
        return "unit, direction or side of the metric differ";
    return NULL;
}

static int refuse_metric(struct comparison *comparison, size_t other, const struct subject *subject,
                         const struct series *series, const char *reason) {
    cleanup_free char *label = compare_label(&comparison->raw->sides[0], subject);

    if (!label)
        return -ENOMEM;
    return compare_refuse(comparison, other, text_new("%s %s", label, series->metric->name), strdup(reason));
}

/* A side of a case without any figure, with the first reason. */
static int refuse_unmeasured(struct comparison *comparison, size_t other, const struct subject *baseline,
                             const struct subject *subject, const struct series *series) {
    bool is_other = series->n_runs > 0;
    const struct subject *silent = is_other ? subject : baseline;
    cleanup_free char *reason =
        text_new("no figures in %s: %s", comparison->sides[is_other ? other : 0].label,
                 silent->trouble ? silent->trouble : "no trial is ok");

    return reason ? refuse_metric(comparison, other, baseline, series, reason) : -ENOMEM;
}

/* Metrics that the other side alone reports: the baseline's case was not measured, or its module is older. */
static int refuse_unknown(struct comparison *comparison, size_t other, const struct subject *a,
                          const struct subject *b) {
    cleanup_free char *reason = a->trouble
                                    ? text_new("no figures in %s: %s", comparison->sides[0].label, a->trouble)
                                    : strdup("the baseline does not report it");
    int status = reason ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < b->n_series; i++)
        if (!find_series(a, b->series[i].metric->name) && !is_silent(comparison, &b->series[i]))
            status = refuse_metric(comparison, other, a, &b->series[i], reason);
    if (status == 0 && a->n_series + b->n_series == 0)
        status =
            compare_refuse(comparison, other, compare_label(&comparison->raw->sides[0], a), strdup(reason));
    return status;
}

static int add_rows(struct comparison *comparison, size_t other, struct subject *a, struct subject *b,
                    const char *different) {
    int status = 0;

    a->paired = b->paired = true;
    for (size_t i = 0; status == 0 && i < a->n_series; i++) {
        struct row_series pair = {{&a->series[i], find_series(b, a->series[i].metric->name)}};
        const char *trouble = series_trouble(pair.sides[0], pair.sides[1]);

        if (!pair.sides[1] && is_silent(comparison, pair.sides[0]))
            continue;
        if (!pair.sides[1] && b->trouble) /* a case that was never measured has no metrics */
            status = refuse_unmeasured(comparison, other, a, b, pair.sides[0]);
        else if (trouble)
            status = refuse_metric(comparison, other, a, pair.sides[0], trouble);
        else if (pair.sides[0]->n_runs == 0 || pair.sides[1]->n_runs == 0)
            status = refuse_unmeasured(comparison, other, a, b, pair.sides[0]);
        else
            status = add_row(comparison, other, (const struct subject *const[]){a, b}, &pair, different);
    }
    return status == 0 ? refuse_unknown(comparison, other, a, b) : status;
}

static int refuse_pair(struct comparison *comparison, size_t other, struct subject *a, struct subject *b,
                       const char *changes) {
    a->paired = b->paired = true;
    return compare_refuse(comparison, other, compare_label(&comparison->raw->sides[0], a),
                          text_new("not the same work: %s", changes));
}

static int pair_inexactly(struct comparison *comparison, size_t other) {
    struct collected_side *sides = comparison->raw->sides;
    struct nearest open;
    int status = nearest_init(&open, &sides[other]);

    for (size_t i = 0; status == 0 && i < sides[0].n_subjects; i++) {
        struct subject *subject = &sides[0].subjects[i];
        struct subject *nearest = subject->paired ? NULL : nearest_find(&open, subject->identity);
        cleanup_free char *changes = nearest ? describe_changes(subject->identity, nearest->identity) : NULL;

        if (!nearest)
            continue;
        if (!changes)
            status = -ENOMEM;
        else if (comparison->options.allow_different)
            status = add_rows(comparison, other, subject, nearest, changes);
        else
            status = refuse_pair(comparison, other, subject, nearest, changes);
    }
    nearest_done(&open);
    return status;
}

static int refuse_lonely(struct comparison *comparison, size_t other, size_t side) {
    struct collected_side *collected = &comparison->raw->sides[side];
    int status = 0;

    for (size_t i = 0; status == 0 && i < collected->n_subjects; i++)
        if (!collected->subjects[i].paired)
            status = compare_refuse(comparison, other, compare_label(collected, &collected->subjects[i]),
                                    text_new("only in %s", comparison->sides[side].label));
    return status;
}

/* The side's case that is the same work; mostly the one at the same place. */
static struct subject *find_same(const struct identity *identity, struct collected_side *side, size_t place) {
    if (place >= side->n_subjects || !identity_is_same(identity, side->subjects[place].identity))
        place = identity_index_find(&side->index, identity);
    return place == SIZE_MAX ? NULL : &side->subjects[place];
}

int compare_pair(struct comparison *comparison, size_t other) {
    struct collected_side *sides = comparison->raw->sides;
    int status = 0;

    for (size_t i = 0; i < sides[0].n_subjects; i++)
        sides[0].subjects[i].paired = false;
    for (size_t i = 0; status == 0 && i < sides[0].n_subjects; i++) {
        struct subject *same = find_same(sides[0].subjects[i].identity, &sides[other], i);

        if (same)
            status = add_rows(comparison, other, &sides[0].subjects[i], same, NULL);
    }
    if (status == 0)
        status = pair_inexactly(comparison, other);
    if (status == 0)
        status = refuse_lonely(comparison, other, 0);
    return status == 0 ? refuse_lonely(comparison, other, other) : status;
}
