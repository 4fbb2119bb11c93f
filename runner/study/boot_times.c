/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/boot_times.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/output.h"
#include "stats/stats.h"

#include <jansson.h>
#include <math.h>

struct boot_time {
    const char *name;
    size_t n;
    double median, least, most; /* seconds; NaN where no guest was booted */
};

static double boot_s_of(const char *path) {
    json_auto_t *record = json_load_file(path, 0, NULL);
    const json_t *seconds = json_object_get(json_object_get(record, "guest"), "boot_s");

    return json_is_number(seconds) ? json_number_value(seconds) : (double)NAN;
}

static int read_times(const struct study_run *run, size_t entry, enum study_clock clock,
                      struct boot_time *ret_time) {
    struct boot_time time = {run->study->entries[entry].configurations[STUDY_REAL_TIME].name, 0, NAN, NAN,
                             NAN};
    cleanup_free double *seconds = NULL;
    struct stats_distribution distribution;
    struct record_list records = {0};
    int status = run_records(run, entry, clock, &records);

    seconds = calloc(records.n_paths + 1, sizeof(*seconds));
    if (!seconds)
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < records.n_paths; i++) {
        seconds[time.n] = boot_s_of(records.paths[i]);
        time.n += isfinite(seconds[time.n]) != 0;
    }
    records_done(&records);
    if (status == 0 && time.n > 0) {
        stats_distribute(seconds, time.n, &distribution);
        time.median = distribution.quantiles[1];
        time.least = distribution.quantiles[0];
        time.most = distribution.quantiles[STATS_QUANTILES - 1];
    }
    *ret_time = time;
    return status;
}

static void print_times(FILE *file, enum study_clock clock, const struct boot_time *times, size_t n,
                        const struct boot_time *baseline) {
    fprintf(file, "boot to the first process, %s:\n", study_clock_words(clock));
    for (size_t i = 0; i < n; i++) {
        if (times[i].n == 0)
            continue;
        fprintf(file, "  %-16s %.1f s (%.1f to %.1f s, %zu boot%s)", times[i].name, times[i].median,
                times[i].least, times[i].most, times[i].n, times[i].n == 1 ? "" : "s");
        if (&times[i] != baseline && baseline->median > 0)
            fprintf(file, ", %.2fx of %s", times[i].median / baseline->median, baseline->name);
        fputc('\n', file);
    }
}

static int write_file(const struct study_run *run, enum study_clock clock, const struct boot_time *times,
                      struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct output output;
    int status;

    if (asprintf(&path, "%s/%s-boots.txt", run->output, study_clock_name(clock)) < 0) {
        path = NULL;
        return error_memory(error);
    }
    status = output_open(path, &output, error);
    if (status < 0)
        return status;
    print_times(output.file, clock, times, run->study->n_entries, &times[run->study->baseline]);
    return output_commit(&output, error);
}

int boot_times_write(const struct study_run *run, enum study_clock clock, struct vms_error *error) {
    const struct study *study = run->study;
    cleanup_free struct boot_time *times = calloc(study->n_entries, sizeof(*times));
    size_t n_boots = 0;
    int status = times ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < study->n_entries; i++) {
        status = read_times(run, i, clock, &times[i]);
        n_boots += times[i].n;
    }
    if (status < 0)
        return error_memory(error);
    if (n_boots == 0)
        return 0;
    print_times(stderr, clock, times, study->n_entries, &times[study->baseline]);
    return write_file(run, clock, times, error);
}
