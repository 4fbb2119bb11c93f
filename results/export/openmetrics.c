/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenMetrics 1.0 text: one family per module and metric, one point per sample with the time at which its
 * trial ended; distributions are summaries with their quantiles. A family's points must stand together, so
 * they are gathered in a temporary file each, in lines that leave out what the points of a case share. What
 * is done a point or a trial is done without printf and without memory of its own: there are millions. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/number.h"
#include "base/text.h"
#include "export/format.h"
#include "record/file/temporary.h"
#include "record/value.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* The lines of its file are a case's labels behind CASE_MARK, and then a point each of that case: as it is to
 * be written, without the family's name and those labels. No line feed is in either: labels are escaped. */
struct family {
    char *name;
    const char *unit; /* static */
    bool is_summary;
    FILE *points;
    struct buffer recent; /* the last lines, not in the file yet */
    size_t of_case;       /* whose labels were written last, as n_cases counts */
};

#define CASE_MARK '='

#define RECENT_SIZE ((size_t)1 << 15)

struct families {
    struct family *families;
    size_t n_families;
    /* owned: of each metric of the case its family's place from 1; 0: not looked for yet */
    size_t *of_metrics;
    size_t n_cases;             /* so far, this one too */
    struct buffer case_labels;  /* of this case */
    struct buffer trial_labels; /* of this trial, beyond those */
    struct buffer time;         /* when the trial ended: " 1767225600.000000", or nothing */
};

/* The unit as the family's name ends in it. */
static const char *unit_suffix(const struct view_metric *metric) {
    static const char *const suffixes[] = {[VMS_BYTES_PER_SECOND] = "bytes_per_second",
                                           [VMS_BITS_PER_SECOND] = "bits_per_second",
                                           [VMS_FLOP_PER_SECOND] = "flops_per_second",
                                           [VMS_UNIT_SECONDS] = "seconds",
                                           [VMS_PER_SECOND] = "per_second",
                                           [VMS_RATIO] = "ratio"};

    return metric->is_summarised ? suffixes[metric->unit] : "unknown";
}

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    export->state = calloc(1, sizeof(struct families));
    return export->state ? 0 : -ENOMEM;
}

static FILE *open_points(void) {
    int fd = temporary_open();
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (fd >= 0 && !file)
        (void)close(fd);
    return file;
}

/* The family of that name, made where it is not there. Takes `name` over. */
static struct family *find_family(struct families *all, char *name, const char *unit, bool is_summary) {
    struct family *grown;

    for (size_t i = 0; i < all->n_families; i++)
        if (strcmp(all->families[i].name, name) == 0) {
            free(name);
            return &all->families[i];
        }
    grown = reallocarray(all->families, all->n_families + 1, sizeof(*grown));
    if (grown)
        all->families = grown;
    if (grown) {
        grown += all->n_families;
        *grown =
            (struct family){.name = name, .unit = unit, .is_summary = is_summary, .points = open_points()};
    }
    if (!grown || !grown->points) {
        free(name);
        return NULL;
    }
    all->n_families++;
    return grown;
}

static int add_label(struct buffer *labels, const char *name, const char *value) {
    cleanup_free char *clean_name = escape_text(ESCAPE_OPENMETRICS_NAME, name);
    cleanup_free char *clean = escape_text(ESCAPE_OPENMETRICS, value);

    if (!clean || !clean_name)
        return -ENOMEM;
    if (labels->length > 0)
        buffer_add_char(labels, ',');
    buffer_add_text(labels, clean_name);
    buffer_add_text(labels, "=\"");
    buffer_add_text(labels, clean);
    buffer_add_char(labels, '"');
    return 0;
}

/* `name` is one of our own words, and not the first label. */
static void add_number_label(struct buffer *labels, const char *name, uint64_t number) {
    buffer_add_char(labels, ',');
    buffer_add_text(labels, name);
    buffer_add_text(labels, "=\"");
    buffer_add_whole(labels, number);
    buffer_add_char(labels, '"');
}

/* What distinguishes the case from all others. */
static int add_case_labels(struct buffer *labels, const struct export_case *item) {
    const struct view_case *outcome = item->outcome;
    const struct {
        const char *name, *value;
    } texts[] = {{"configuration", item->head->label},
                 {"run_id", item->head->run_id},
                 {"group", outcome->group},
                 {"path", outcome->path},
                 {"cpus", outcome->cpus}};
    int status = 0;

    labels->length = 0;
    for (size_t i = 0; status == 0 && i < VMS_LENGTH(texts); i++)
        if (*texts[i].value)
            status = add_label(labels, texts[i].name, texts[i].value);
    add_number_label(labels, "case", outcome->id);
    if (outcome->neighbours > 0)
        add_number_label(labels, "neighbours", outcome->neighbours);
    for (size_t i = 0; status == 0 && i < outcome->n_params; i++) {
        cleanup_free char *name = NULL;

        name = text_new("param_%s", outcome->params[i].name);
        if (!name)
            return -ENOMEM;
        status = add_label(labels, name, outcome->params[i].value.text);
    }
    return status;
}

/* When the run began, in seconds since the epoch; NaN where the record does not say. */
static double start_time(const struct view_head *head) {
    struct tm tm = {0};

    return strptime(head->started_at, "%Y-%m-%dT%H:%M:%SZ", &tm) ? (double)timegm(&tm) : (double)NAN;
}

/* A trial of a case, whose labels are there. What is the same for many points is made once. */
struct point {
    struct family *family;
    const char *side;
};

#define TIME_MAX 1e12 /* far beyond the year 9999, and its microseconds still fit 64 bits */

/* The fraction of a number of seconds is taken apart before it is multiplied, so that no digit is lost. */
static void set_time(struct buffer *out, double ended) {
    double whole = floor(fabs(ended));
    uint64_t microseconds;

    out->length = 0;
    if (!(whole < TIME_MAX)) /* NaN too */
        return;
    microseconds = (uint64_t)whole * 1000000 + (uint64_t)rint((fabs(ended) - whole) * 1e6);
    buffer_add_text(out, ended < 0 ? " -" : " ");
    buffer_add_whole(out, microseconds / 1000000);
    buffer_add_char(out, '.');
    for (uint64_t place = 100000; place > 0; place /= 10)
        buffer_add_char(out, (char)('0' + microseconds / place % 10));
}

/* Writes the lines that are not in the file yet where they are many, or `now`. */
static int keep_points(struct family *family, bool now) {
    const size_t length = family->recent.length;

    if (family->recent.failed)
        return -ENOMEM;
    if (length == 0 || (length < RECENT_SIZE && !now))
        return 0;
    family->recent.length = 0;
    return fwrite(family->recent.bytes, 1, length, family->points) == length ? 0 : -EIO;
}

static int write_point(const struct families *all, const struct point *point, const char *suffix,
                       const double *quantile, double value) {
    struct buffer *out = &point->family->recent;

    if (point->family->of_case != all->n_cases) {
        buffer_add_char(out, CASE_MARK);
        buffer_add(out, all->case_labels.bytes, all->case_labels.length);
        buffer_add_char(out, '\n');
        point->family->of_case = all->n_cases;
    }
    buffer_add_text(out, suffix);
    buffer_add_char(out, '{');
    buffer_add(out, all->trial_labels.bytes, all->trial_labels.length);
    if (*point->side) { /* one of our own words */
        buffer_add_text(out, ",side=\"");
        buffer_add_text(out, point->side);
        buffer_add_char(out, '"');
    }
    if (quantile) {
        buffer_add_text(out, ",quantile=\"");
        buffer_add_number(out, *quantile);
        buffer_add_char(out, '"');
    }
    buffer_add_text(out, "} ");
    buffer_add_number(out, value);
    if (all->time.length > 0)
        buffer_add(out, all->time.bytes, all->time.length);
    buffer_add_char(out, '\n');
    return keep_points(point->family, false);
}

static int write_summary(const struct families *all, const struct point *point,
                         const struct view_distribution *distribution) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < distribution->n_quantiles; i++)
        if (!isnan(distribution->quantiles[i].value))
            status =
                write_point(all, point, "", &distribution->quantiles[i].q, distribution->quantiles[i].value);
    return status == 0 ? write_point(all, point, "_count", NULL, (double)distribution->n) : status;
}

/* The family of a metric's samples, which is looked for by name once in a case. */
static struct family *family_of(struct families *all, const struct view_case *outcome,
                                const struct view_sample *sample) {
    const struct view_metric *metric = &outcome->metrics[sample->metric];
    const char *unit = unit_suffix(metric);
    cleanup_free char *name = NULL;
    struct family *family;
    char *clean;

    if (all->of_metrics[sample->metric] > 0)
        return &all->families[all->of_metrics[sample->metric] - 1];
    name = text_new("vmsuite_%s_%s_%s", outcome->module, metric->name, unit);
    if (!name)
        return NULL;
    clean = escape_text(ESCAPE_OPENMETRICS_NAME, name);
    family = clean ? find_family(all, clean, unit, sample->distribution != NULL) : NULL;
    if (family)
        all->of_metrics[sample->metric] = (size_t)(family - all->families) + 1;
    return family;
}

static int add_sample(struct export *export, const struct export_case *item, struct point *point,
                      const struct view_sample *sample, struct vms_error *error) {
    const struct view_metric *metric = &item->outcome->metrics[sample->metric];
    struct families *all = export->state;

    point->side = metric->is_summarised ? value_side_name(metric->side) : "";
    point->family = family_of(all, item->outcome, sample);
    if (!point->family)
        return error_set(error, -EMFILE, "out of memory or of temporary files (in $TMPDIR, else /var/tmp)");
    if (point->family->is_summary != (sample->distribution != NULL) || isnan(sample->value)) {
        export->left_out++;
        return 0;
    }
    return sample->distribution ? write_summary(all, point, sample->distribution)
                                : write_point(all, point, "", NULL, sample->value);
}

static int add_trial(struct export *export, const struct export_case *item, double started,
                     const struct view_trial *trial, struct vms_error *error) {
    struct families *all = export->state;
    struct point point;
    int status;

    all->trial_labels.length = 0;
    add_number_label(&all->trial_labels, "trial", trial->trial);
    set_time(&all->time, started + trial->start_s + trial->duration_s);
    status = all->trial_labels.failed || all->time.failed ? -ENOMEM : 0;
    export->left_out += trial->n_samples == 0;
    for (size_t i = 0; status == 0 && i < trial->n_samples; i++)
        status = add_sample(export, item, &point, &trial->samples[i], error);
    return status;
}

static int add(struct export *export, const struct export_case *item, struct vms_error *error) {
    struct families *all = export->state;
    const double started = start_time(item->head);
    int status = add_case_labels(&all->case_labels, item);

    all->n_cases++;
    free(all->of_metrics);
    all->of_metrics = calloc(item->outcome->n_metrics + 1, sizeof(*all->of_metrics));
    if (!all->of_metrics || all->case_labels.failed)
        return -ENOMEM;
    for (size_t i = 0; status == 0 && i < item->outcome->n_trials; i++)
        status = add_trial(export, item, started, &item->outcome->trials[i], error);
    return status;
}

/* Writes a line of a family as the point that it is, or keeps the labels that it holds. */
static void put_line(struct buffer *out, const struct family *family, const char *line, size_t length,
                     struct buffer *case_labels) {
    const char *rest;

    if (*line == CASE_MARK) {
        case_labels->length = 0;
        buffer_add(case_labels, line + 1, length - 2); /* without the line feed */
        return;
    }
    rest = strchr(line, '{') + 1;
    buffer_add_text(out, family->name);
    buffer_add(out, line, (size_t)(rest - line));
    buffer_add(out, case_labels->bytes, case_labels->length);
    buffer_add(out, rest, length - (size_t)(rest - line));
}

static void put_head(struct buffer *out, const struct family *family) {
    buffer_add_text(out, "# TYPE ");
    buffer_add_text(out, family->name);
    buffer_add_text(out, family->is_summary ? " summary\n# UNIT " : " gauge\n# UNIT ");
    buffer_add_text(out, family->name);
    buffer_add_char(out, ' ');
    buffer_add_text(out, family->unit);
    buffer_add_char(out, '\n');
}

static int copy_points(struct export *export, struct family *family) {
    struct buffer *labels = &((struct families *)export->state)->case_labels;
    cleanup_free char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int status = keep_points(family, true);

    rewind(family->points);
    while (status == 0 && (length = getline(&line, &size, family->points)) > 0) {
        put_line(&export->out, family, line, (size_t)length, labels);
        status = labels->failed ? -ENOMEM : export_flush(export, false);
    }
    return status == 0 && !feof(family->points) ? -EIO : status;
}

static int end(struct export *export, struct vms_error *error) {
    const struct families *all = export->state;
    int status = 0;

    (void)error;
    for (size_t i = 0; status == 0 && i < all->n_families; i++) {
        struct family *family = &all->families[i];

        put_head(&export->out, family);
        status = copy_points(export, family);
    }
    buffer_add_text(&export->out, "# EOF\n");
    return status;
}

static void done(void *state) {
    struct families *all = state;

    if (!all)
        return;
    for (size_t i = 0; i < all->n_families; i++) {
        (void)fclose(all->families[i].points);
        buffer_done(&all->families[i].recent);
        free(all->families[i].name);
    }
    buffer_done(&all->case_labels);
    buffer_done(&all->trial_labels);
    buffer_done(&all->time);
    free(all->families);
    free(all->of_metrics);
    free(all);
}

const struct export_format export_openmetrics = {.name = "openmetrics",
                                                 .help = "OpenMetrics text, a point per sample",
                                                 .begin = begin,
                                                 .add = add,
                                                 .end = end,
                                                 .done = done};
