/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cases are the same work, and what differs in those that are not. */
#include "compare/parts.h"
#include "compare/tails.h"

#include "base/cleanup.h"

#include <string.h>

static const json_t *part(const struct subject *subject, const char *key) {
    return json_object_get(subject->identity, key);
}

static bool same_part(const struct subject *a, const struct subject *b, const char *key) {
    return json_equal(part(a, key), part(b, key));
}

/* Writes a value as a user would read it. */
static void print_value(FILE *file, const json_t *value) {
    if (!value || json_is_null(value))
        fputs("none", file);
    else if (json_is_string(value))
        fprintf(file, "\"%s\"", json_string_value(value));
    else if (json_is_real(value))
        fprintf(file, "%.6g", json_real_value(value));
    else
        (void)json_dumpf(value, file, JSON_ENCODE_ANY | JSON_COMPACT);
}

static size_t print_change(FILE *file, size_t n, const char *name, const json_t *a, const json_t *b) {
    if (json_equal(a, b) || (!a && !b))
        return n;
    fprintf(file, "%s%s ", n > 0 ? "; " : "", name);
    print_value(file, a);
    fputs(" against ", file);
    print_value(file, b);
    return n + 1;
}

/* Members of two objects that differ. */
static size_t print_changes(FILE *file, size_t n, const json_t *a, const json_t *b) {
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)a, key, value)
        n = print_change(file, n, key, value, json_object_get(b, key));
    json_object_foreach ((json_t *)b, key, value)
        if (!json_object_get(a, key))
            n = print_change(file, n, key, NULL, value);
    return n;
}

/* "message_size 64 against 128; path "loopback" against "network"". Owned; NULL without memory. */
static char *tell_changes(const struct subject *a, const struct subject *b) {
    char *text = NULL;
    size_t size, n = 0;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    n = print_changes(file, n, part(a, "params"), part(b, "params"));
    n = print_change(file, n, "workload version", part(a, "workload_version"), part(b, "workload_version"));
    n = print_change(file, n, "path", part(a, "path"), part(b, "path"));
    n = print_change(file, n, "cpus", part(a, "cpus"), part(b, "cpus"));
    (void)print_changes(file, n, part(a, "facts"), part(b, "facts"));
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Whether the parameter differs between cases of the subject's group and module. */
static bool varies(const struct collected_side *side, const struct subject *subject, const char *key,
                   const json_t *value) {
    for (size_t i = 0; i < side->n_subjects; i++) {
        const struct subject *other = &side->subjects[i];

        if (same_part(subject, other, "group") && same_part(subject, other, "module") &&
            !json_equal(value, json_object_get(part(other, "params"), key)))
            return true;
    }
    return false;
}

/* The same for what is no parameter: "module" (of which only the group has to be the same) or "cpus". */
static bool setting_varies(const struct collected_side *side, const struct subject *subject,
                           const char *key) {
    for (size_t i = 0; i < side->n_subjects; i++)
        if (same_part(subject, &side->subjects[i], "group") && !same_part(subject, &side->subjects[i], key))
            return true;
    return false;
}

/* "tcp-small message_size=64 cpus=0-1", as label_new() has it. Owned. */
static char *new_label(const struct collected_side *side, const struct subject *subject) {
    char *text = NULL;
    const char *key;
    json_t *value;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    fputs(compare_text(subject->identity, "group"), file);
    if (setting_varies(side, subject, "module"))
        fprintf(file, " module=%s", compare_text(subject->identity, "module"));
    json_object_foreach ((json_t *)part(subject, "params"), key, value) {
        if (!varies(side, subject, key, value))
            continue;
        fprintf(file, " %s=", key);
        if (json_is_string(value))
            fputs(json_string_value(value), file);
        else
            print_value(file, value);
    }
    if (*compare_text(subject->identity, "cpus") && setting_varies(side, subject, "cpus"))
        fprintf(file, " cpus=%s", compare_text(subject->identity, "cpus"));
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static struct series *find_series(const struct subject *subject, const char *metric) {
    for (size_t i = 0; i < subject->n_series; i++)
        if (strcmp(compare_text(subject->series[i].metric, "metric"), metric) == 0)
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
                                   .identity = json_incref(subject->identity),
                                   .metric = json_incref(pair->sides[0]->metric),
                                   .headline = pair->sides[0] == subject->series,
                                   .median = pair->sides[0]->median,
                                   .label = new_label(&comparison->raw->sides[0], subject),
                                   .accounts = {subject->account, subjects[1]->account},
                                   .different = different ? strdup(different) : NULL};
    comparison->n_rows++;
    rows[n].title = rows[n].label ? compare_title(rows[n].label, true) : NULL;
    return rows[n].title && (!different || rows[n].different) ? 0 : -ENOMEM;
}

/* A tail that one side alone has samples enough for: said only where it was asked for. */
static bool is_silent(const struct comparison *comparison, const struct series *series) {
    const char *metric = compare_text(series->metric, "metric");

    return tails_is_name(metric) && !compare_is_asked(comparison, metric);
}

/* Why a metric cannot be compared although both sides have the case; NULL where it can. */
static const char *series_trouble(const struct series *baseline, const struct series *other) {
    if (!other)
        return tails_is_name(compare_text(baseline->metric, "metric"))
                   ? "no trial of the other side has samples enough"
                   : "the other side does not report it";
    if (!json_equal(baseline->metric, other->metric))
        return "unit, direction or side of the metric differ";
    return NULL;
}

static int refuse_metric(struct comparison *comparison, size_t other, const struct subject *subject,
                         const struct series *series, const char *reason) {
    cleanup_free char *label = new_label(&comparison->raw->sides[0], subject);

    if (!label)
        return -ENOMEM;
    return compare_refuse(comparison, other,
                          compare_sentence("%s %s", label, compare_text(series->metric, "metric")),
                          strdup(reason));
}

/* A side of a case without any figure, told with the first reason. */
static int refuse_unmeasured(struct comparison *comparison, size_t other, const struct subject *baseline,
                             const struct subject *subject, const struct series *series) {
    bool is_other = series->n_runs > 0;
    const struct subject *silent = is_other ? subject : baseline;
    cleanup_free char *reason =
        compare_sentence("no figures in %s: %s", comparison->sides[is_other ? other : 0].label,
                         silent->trouble ? silent->trouble : "no trial is ok");

    return reason ? refuse_metric(comparison, other, baseline, series, reason) : -ENOMEM;
}

/* Metrics that the other side alone reports: the baseline's case was not measured, or its module is older. */
static int refuse_unknown(struct comparison *comparison, size_t other, const struct subject *a,
                          const struct subject *b) {
    cleanup_free char *reason =
        a->trouble ? compare_sentence("no figures in %s: %s", comparison->sides[0].label, a->trouble)
                   : strdup("the baseline does not report it");
    int status = reason ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < b->n_series; i++)
        if (!find_series(a, compare_text(b->series[i].metric, "metric")) &&
            !is_silent(comparison, &b->series[i]))
            status = refuse_metric(comparison, other, a, &b->series[i], reason);
    if (status == 0 && a->n_series + b->n_series == 0)
        status = compare_refuse(comparison, other, new_label(&comparison->raw->sides[0], a), strdup(reason));
    return status;
}

static int add_rows(struct comparison *comparison, size_t other, struct subject *a, struct subject *b,
                    const char *different) {
    int status = 0;

    a->paired = b->paired = true;
    for (size_t i = 0; status == 0 && i < a->n_series; i++) {
        struct row_series pair = {
            {&a->series[i], find_series(b, compare_text(a->series[i].metric, "metric"))}};
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

/* How far two cases of one group and module are from being the same work; SIZE_MAX: other group or module. */
static size_t count_changes(const struct subject *a, const struct subject *b) {
    const json_t *params = part(b, "params");
    const char *key;
    json_t *value;
    size_t n = 0;

    if (!same_part(a, b, "group") || !same_part(a, b, "module"))
        return SIZE_MAX;
    json_object_foreach ((json_t *)part(a, "params"), key, value)
        n += !json_equal(value, json_object_get(params, key));
    json_object_foreach ((json_t *)params, key, value)
        n += !json_object_get(part(a, "params"), key);
    /* Other parameters make another case; these are the same case done otherwise. */
    return 4 * n + !same_part(a, b, "workload_version") + !same_part(a, b, "path") +
           !same_part(a, b, "cpus") + !same_part(a, b, "facts");
}

static struct subject *find_nearest(const struct subject *subject, struct collected_side *side) {
    struct subject *nearest = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < side->n_subjects; i++) {
        size_t changes = side->subjects[i].paired ? SIZE_MAX : count_changes(subject, &side->subjects[i]);

        if (changes < least) {
            least = changes;
            nearest = &side->subjects[i];
        }
    }
    return nearest;
}

static int refuse_pair(struct comparison *comparison, size_t other, struct subject *a, struct subject *b,
                       const char *changes) {
    a->paired = b->paired = true;
    return compare_refuse(comparison, other, new_label(&comparison->raw->sides[0], a),
                          compare_sentence("not the same work: %s", changes));
}

static int pair_inexactly(struct comparison *comparison, size_t other) {
    struct collected_side *sides = comparison->raw->sides;
    int status = 0;

    for (size_t i = 0; status == 0 && i < sides[0].n_subjects; i++) {
        struct subject *subject = &sides[0].subjects[i];
        struct subject *nearest = subject->paired ? NULL : find_nearest(subject, &sides[other]);
        cleanup_free char *changes = nearest ? tell_changes(subject, nearest) : NULL;

        if (!nearest)
            continue;
        if (!changes)
            status = -ENOMEM;
        else if (comparison->options.allow_different)
            status = add_rows(comparison, other, subject, nearest, changes);
        else
            status = refuse_pair(comparison, other, subject, nearest, changes);
    }
    return status;
}

static int refuse_lonely(struct comparison *comparison, size_t other, size_t side) {
    struct collected_side *collected = &comparison->raw->sides[side];
    int status = 0;

    for (size_t i = 0; status == 0 && i < collected->n_subjects; i++)
        if (!collected->subjects[i].paired)
            status = compare_refuse(comparison, other, new_label(collected, &collected->subjects[i]),
                                    compare_sentence("only in %s", comparison->sides[side].label));
    return status;
}

int compare_pair(struct comparison *comparison, size_t other) {
    struct collected_side *sides = comparison->raw->sides;
    int status = 0;

    for (size_t i = 0; i < sides[0].n_subjects; i++)
        sides[0].subjects[i].paired = false;
    for (size_t i = 0; status == 0 && i < sides[0].n_subjects; i++)
        for (size_t j = 0; j < sides[other].n_subjects; j++)
            if (json_equal(sides[0].subjects[i].identity, sides[other].subjects[j].identity)) {
                status = add_rows(comparison, other, &sides[0].subjects[i], &sides[other].subjects[j], NULL);
                break;
            }
    if (status == 0)
        status = pair_inexactly(comparison, other);
    if (status == 0)
        status = refuse_lonely(comparison, other, 0);
    return status == 0 ? refuse_lonely(comparison, other, other) : status;
}
