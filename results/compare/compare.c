/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/environment.h"
#include "compare/parts.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "compare/gate.h"
#include "compare/learned.h"
#include "compare/neighbours.h"
#include "compare/pool.h"
#include "compare/rounds.h"
#include "record/origin.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

const struct compare_options compare_defaults = {
    .margin = COMPARE_MARGIN, .run_shift = NAN, .seed = 1, .error = COMPARE_ERROR};

static const char *const verdict_names[] = {
    [COMPARE_SLOWER] = "slower",           [COMPARE_FASTER] = "faster",
    [COMPARE_EQUIVALENT] = "equivalent",   [COMPARE_UNDECIDED] = "undecided",
    [COMPARE_UNCONFIRMED] = "unconfirmed", [COMPARE_UNTESTED] = "untested"};

static const struct {
    const char *name;
    compare_writer *write;
} formats[] = {{"table", compare_write_table},
               {"markdown", compare_write_markdown},
               {"json", compare_write_json},
               {"csv", compare_write_csv},
               {"junit", compare_write_junit}};

const char *compare_verdict_name(enum compare_verdict verdict) {
    return verdict_names[verdict];
}

const char *compare_format_name(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index].name : NULL;
}

int compare_write(FILE *file, const struct comparison *comparison, const char *format,
                  const struct compare_view *view, struct vms_error *error) {
    for (size_t i = 0; i < VMS_LENGTH(formats); i++) {
        int status;

        if (strcmp(formats[i].name, format) != 0)
            continue;
        status = formats[i].write(file, comparison, view);
        if (status == 0 && (fflush(file) != 0 || ferror(file)))
            status = -EIO;
        return status < 0 ? error_set(error, status, "writing the comparison: %s", strerror(-status)) : 0;
    }
    return error_set(error, -ENOENT, "no format \"%s\"", format);
}

char *compare_sentence(const char *format, ...) {
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

int compare_fail(struct vms_error *error, int status, const char *what) {
    if (status == -ENOMEM)
        return error_set(error, status, "%s: " ERROR_MEMORY, what);
    return error_set(error, status, "%s: the temporary file (in $TMPDIR, else /var/tmp): %s", what,
                     strerror(-status));
}

int compare_warn(struct comparison *comparison, char *sentence) {
    char **grown = reallocarray(comparison->warnings, comparison->n_warnings + 1, sizeof(*grown));

    if (grown)
        comparison->warnings = grown;
    if (!grown || !sentence) {
        free(sentence);
        return -ENOMEM;
    }
    grown[comparison->n_warnings++] = sentence;
    return 0;
}

int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason) {
    struct compare_refusal *grown =
        reallocarray(comparison->refusals, comparison->n_refusals + 1, sizeof(*grown));

    if (grown)
        comparison->refusals = grown;
    if (!grown || !label || !reason) {
        free(label);
        free(reason);
        return -ENOMEM;
    }
    grown[comparison->n_refusals++] =
        (struct compare_refusal){.other = other, .label = label, .reason = reason};
    return 0;
}

/* Tested rows first, the worst on top; what has no share of a loss stands before what has. */
double compare_badness(const struct compare_row *row) {
    return isnan(row->finding.effect.estimate)        ? -INFINITY
           : row->finding.scale == COMPARE_DIFFERENCE ? (isnan(row->finding.loss) ? 10 : row->finding.loss)
                                                      : row->finding.effect.estimate;
}

static int compare_rows(const void *a, const void *b) {
    const struct compare_row *x = a, *y = b;
    double bad_x = compare_badness(x), bad_y = compare_badness(y);
    int difference = (x->other > y->other) - (x->other < y->other);

    if (difference == 0)
        difference = (int)x->identity->resource - (int)y->identity->resource;
    if (difference == 0)
        difference = (x->finding.weight > 0 ? 0 : 1) - (y->finding.weight > 0 ? 0 : 1);
    if (difference == 0)
        difference = (bad_x < bad_y) - (bad_x > bad_y);
    if (difference == 0)
        difference = strcmp(x->label, y->label);
    return difference ? difference : strcmp(x->metric->name, y->metric->name);
}

/* What is emulated tells about mechanisms; beside what is not, the emulator itself is in the loss. */
static int warn_of_origin(struct comparison *comparison) {
    const struct compare_side *first = &comparison->sides[0];
    bool any = false;
    int status = 0;

    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        any |= side->emulated;
        if (status == 0 && side->emulated != first->emulated)
            status = compare_warn(
                comparison,
                compare_sentence("only one of %s and %s is emulated hardware: the loss includes what "
                                 "emulation costs",
                                 first->label, side->label));
    }
    if (status == 0 && any)
        status = compare_warn(comparison, strdup(ORIGIN_EMULATED));
    if (status == 0 && first->instructions)
        status = compare_warn(comparison, strdup(ORIGIN_INSTRUCTIONS));
    return status;
}

static int warn_of_broken_runs(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        if (side->n_broken == 1)
            status = compare_warn(comparison, compare_sentence("%s", side->broken));
        else if (side->n_broken > 1)
            status = compare_warn(comparison,
                                  compare_sentence("%s: %zu of %zu runs are incomplete, the first of them %s",
                                                   side->label, side->n_broken, side->n_runs, side->broken));
    }
    return status;
}

static int warn_of_selection(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_sides; i++)
        if (comparison->sides[i].n_selected > 0)
            status = compare_warn(
                comparison,
                compare_sentence("%s: %zu figures have more than %zu trials: of each run as many were "
                                 "drawn at random (--seed), and described",
                                 comparison->sides[i].label, comparison->sides[i].n_selected,
                                 POOL_VALUES_MAX));
    return status;
}

static int warn_of_noise(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        if (side->n_flagged > 0 &&
            compare_warn(comparison,
                         compare_sentence("%s: %zu of %zu trials were disturbed; runs then differ more, "
                                          "which only several runs of each configuration show",
                                          side->label, side->n_flagged, side->n_trials)) < 0)
            return -ENOMEM;
    }
    return 0;
}

int compare_finish(struct comparison *comparison, struct vms_error *error) {
    int status = 0;

    if (comparison->n_sides < 2)
        return error_set(error, -EINVAL,
                         "a comparison takes a baseline and at least one other configuration");
    earlier_known_sort(&comparison->raw->run_ids);
    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++) {
        status = compare_pair(comparison, i);
        if (status == 0)
            status =
                environment_differ(comparison, 0, comparison->sides[0].facts, i, comparison->sides[i].facts);
    }
    if (status == 0)
        status = compare_describe(comparison);
    if (status == 0)
        status = compare_measure(comparison);
    if (status == 0)
        status = compare_judge(comparison);
    if (status == 0)
        status = neighbours_measure(comparison);
    collected_free(comparison->raw, comparison->n_sides);
    comparison->raw = NULL;
    if (status == 0 && comparison->n_rows > 0)
        qsort(comparison->rows, comparison->n_rows, sizeof(*comparison->rows), compare_rows);
    if (status == 0)
        status = compare_answer(comparison);
    if (status == 0)
        status = warn_of_origin(comparison);
    if (status == 0)
        status = warn_of_broken_runs(comparison);
    if (status == 0)
        status = warn_of_selection(comparison);
    if (status == 0)
        status = learned_warn(comparison);
    if (status == 0)
        status = rounds_warn(comparison);
    if (status == 0)
        status = warn_of_noise(comparison);
    if (status < 0 && *comparison->trouble.text)
        return error_set(error, status, "%s", comparison->trouble.text);
    return status < 0 ? compare_fail(error, status, "comparing") : 0;
}

static void row_done(struct compare_row *row) {
    free(row->label);
    free(row->title);
    free(row->different);
}

void compare_free(struct comparison *comparison) {
    if (!comparison)
        return;
    collected_free(comparison->raw, comparison->n_sides);
    for (size_t i = 0; i < comparison->n_sides; i++) {
        free(comparison->sides[i].label);
        free(comparison->sides[i].virtualization);
        free(comparison->sides[i].broken);
        free(comparison->sides[i].rounds);
    }
    for (size_t i = 0; i < comparison->n_rows; i++)
        row_done(&comparison->rows[i]);
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        free(comparison->refusals[i].label);
        free(comparison->refusals[i].reason);
    }
    for (size_t i = 0; i < comparison->n_differences; i++) {
        free(comparison->differences[i].what);
        free(comparison->differences[i].values[0]);
        free(comparison->differences[i].values[1]);
    }
    for (size_t i = 0; i < comparison->n_answers; i++)
        free(comparison->answers[i].sentence);
    for (size_t i = 0; i < comparison->n_warnings; i++)
        free(comparison->warnings[i]);
    gate_free(comparison->gate);
    neighbours_done(comparison);
    arena_done(&comparison->arena);
    free(comparison->sides);
    free(comparison->rows);
    free(comparison->refusals);
    free(comparison->differences);
    free(comparison->answers);
    free(comparison->warnings);
    free(comparison);
}
