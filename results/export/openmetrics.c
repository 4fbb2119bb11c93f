/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenMetrics 1.0 text: one family per module and metric, one point per sample with the time at which its
 * trial ended; distributions are summaries with their quantiles. A family's points must stand together, so
 * they are gathered in a temporary file each. */
#include "base/error.h"
#include "export/format.h"
#include "record/origin.h"
#include "record/temporary.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

struct family {
    char *name;
    const char *unit; /* static */
    bool is_summary;
    FILE *points;
};

struct families {
    struct family *families;
    size_t n_families;
};

/* The unit as the family's name ends in it. */
static const char *unit_suffix(const char *unit) {
    static const char *const suffixes[][2] = {{"B/s", "bytes_per_second"},    {"bit/s", "bits_per_second"},
                                              {"flop/s", "flops_per_second"}, {"s", "seconds"},
                                              {"1/s", "per_second"},          {"1", "ratio"}};

    for (size_t i = 0; i < VMS_LENGTH(suffixes); i++)
        if (strcmp(suffixes[i][0], unit) == 0)
            return suffixes[i][1];
    return "unknown";
}

static int begin(struct export *export, struct vms_error *error) {
    export->state = calloc(1, sizeof(struct families));
    return export->state ? 0 : error_memory(error);
}

static FILE *open_points(void) {
    int fd = temporary_open();
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (fd >= 0 && !file)
        (void)close(fd);
    return file;
}

/* The family of that name, made where it is not there. */
static struct family *find_family(struct families *all, const char *name, const char *unit, bool is_summary) {
    struct family *grown;

    for (size_t i = 0; i < all->n_families; i++)
        if (strcmp(all->families[i].name, name) == 0)
            return &all->families[i];
    grown = reallocarray(all->families, all->n_families + 1, sizeof(*grown));
    if (!grown)
        return NULL;
    all->families = grown;
    grown = &all->families[all->n_families];
    *grown = (struct family){
        .name = strdup(name), .unit = unit, .is_summary = is_summary, .points = open_points()};
    if (!grown->name || !grown->points) {
        free(grown->name);
        if (grown->points)
            (void)fclose(grown->points);
        return NULL;
    }
    all->n_families++;
    return grown;
}

static void write_label(FILE *file, bool first, const char *name, const char *value) {
    fprintf(file, "%s%s=\"", first ? "" : ",", name);
    for (; *value; value++)
        switch (*value) {
        case '\n':
            fputs("\\n", file);
            break;
        case '"':
        case '\\':
            fputc('\\', file);
            __attribute__((fallthrough));
        default:
            fputc(*value, file);
        }
    fputc('"', file);
}

static void write_labels(FILE *file, const struct export_case *outcome, const json_t *trial,
                         const char *side) {
    static const char *const of_case[] = {"group", "path"};
    char number[32], key[128];
    const char *name;
    json_t *value;

    write_label(file, true, "configuration", origin_label(reader_document(outcome->reader)));
    write_label(file, false, "run_id", reader_text(outcome->reader, "run_id"));
    for (size_t i = 0; i < VMS_LENGTH(of_case); i++)
        write_label(file, false, of_case[i], export_text(outcome->json, of_case[i]));
    json_object_foreach (json_object_get(outcome->json, "params"), name, value) {
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));

        (void)snprintf(key, sizeof(key), "param_%s", name);
        write_label(file, false, key, text ? text : json_string_value(value));
        free(text);
    }
    write_label(file, false, "side", side);
    (void)snprintf(number, sizeof(number), "%lld",
                   (long long)json_integer_value(json_object_get(trial, "trial")));
    write_label(file, false, "trial", number);
}

/* When the trial ended, in seconds since the epoch. */
static double end_time(const struct export_case *outcome, const json_t *trial) {
    struct tm tm = {0};

    (void)strptime(reader_text(outcome->reader, "started_at"), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return (double)timegm(&tm) + json_number_value(json_object_get(trial, "start_s")) +
           json_number_value(json_object_get(trial, "duration_s"));
}

static void write_point(const struct family *family, const char *suffix, const struct export_case *outcome,
                        const json_t *trial, const char *side, const json_t *quantile, const json_t *value) {
    FILE *file = family->points;

    fprintf(file, "%s%s{", family->name, suffix);
    write_labels(file, outcome, trial, side);
    if (quantile)
        fprintf(file, ",quantile=\"%.17g\"", json_number_value(quantile));
    fputs("} ", file);
    (void)export_value(file, value);
    fprintf(file, " %.6f\n", end_time(outcome, trial));
}

static int add_sample(struct export *export, const struct export_case *outcome, const json_t *trial,
                      const json_t *metric, struct vms_error *error) {
    const json_t *summary = export_summary(outcome->json, export_text(metric, "metric")), *percentile;
    const json_t *percentiles = json_object_get(metric, "percentiles");
    const char *unit = unit_suffix(export_text(summary, "unit")), *side = export_text(summary, "side");
    struct family *family;
    char name[256];
    size_t index;

    (void)snprintf(name, sizeof(name), "vmsuite_%s_%s_%s", export_text(outcome->json, "module"),
                   export_text(metric, "metric"), unit);
    family = find_family(export->state, name, unit, percentiles != NULL);
    if (!family)
        return error_set(error, -ENOMEM, "out of memory or of temporary files");
    if (!json_is_number(json_object_get(metric, "value")))
        export->left_out++;
    else if (!percentiles)
        write_point(family, "", outcome, trial, side, NULL, json_object_get(metric, "value"));
    json_array_foreach (percentiles, index, percentile)
        write_point(family, "", outcome, trial, side, json_object_get(percentile, "q"),
                    json_object_get(percentile, "value"));
    if (percentiles)
        write_point(family, "_count", outcome, trial, side, NULL, json_object_get(metric, "n"));
    return 0;
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    const json_t *trial, *metric;
    size_t i, j;

    json_array_foreach (json_object_get(outcome->json, "trials"), i, trial) {
        const json_t *metrics = json_object_get(trial, "metrics");

        export->left_out += json_array_size(metrics) == 0;
        json_array_foreach (metrics, j, metric) {
            int status = add_sample(export, outcome, trial, metric, error);

            if (status < 0)
                return status;
        }
    }
    return 0;
}

static int copy_points(FILE *file, FILE *points) {
    char buffer[65536];
    size_t got;

    rewind(points);
    while ((got = fread(buffer, 1, sizeof(buffer), points)) > 0)
        if (fwrite(buffer, 1, got, file) != got)
            return -EIO;
    return ferror(points) ? -EIO : 0;
}

static int end(struct export *export, struct vms_error *error) {
    const struct families *all = export->state;
    int status = 0;

    for (size_t i = 0; status == 0 && i < all->n_families; i++) {
        const struct family *family = &all->families[i];

        fprintf(export->file, "# TYPE %s %s\n# UNIT %s %s\n", family->name,
                family->is_summary ? "summary" : "gauge", family->name, family->unit);
        if (copy_points(export->file, family->points) < 0)
            status = error_set(error, -EIO, "cannot write the export: %s", strerror(errno));
    }
    fputs("# EOF\n", export->file);
    return status;
}

static void done(void *state) {
    struct families *all = state;

    for (size_t i = 0; all && i < all->n_families; i++) {
        (void)fclose(all->families[i].points);
        free(all->families[i].name);
    }
    if (all)
        free(all->families);
    free(all);
}

const struct export_format export_openmetrics = {.name = "openmetrics",
                                                 .help = "OpenMetrics text, a point per sample",
                                                 .begin = begin,
                                                 .add = add,
                                                 .end = end,
                                                 .done = done};
