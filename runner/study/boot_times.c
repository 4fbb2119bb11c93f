/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/boot_times.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "output/output.h"
#include "record/file/store.h"
#include "stats/stats.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define NESTED "nested" /* the member that holds the life by another clock */

struct boot_time {
    const char *name;
    size_t n;
    double median, least, most; /* in the record's unit; NaN where it is not known */
};

/* What is compared of guests' lives: a member of "guest", or "nested.", and how it is printed. */
static const struct life_row {
    const char *member, *words, *unit;
    double scale;
} life_rows[] = {
    {"boot_s", "boot to the first process", "s", 1},
    {"ready_s", "boot until it is ready to measure", "s", 1},
    {"answer_s", "boot to the first answer of its program", "s", 1},
    {"stop_s", "stop, from powering off to the end of the monitor", "s", 1},
    {"kernel_s", "the kernel's part of the boot, by the guest's own clock", "s", 1},
    {"nested.boot_s", "boot to the first process, by the clock of the machine below the guest", "s", 1},
    {"nested.ready_s", "boot until it is ready to measure, by that clock", "s", 1},
    {"nested.answer_s", "boot to the first answer of its program, by that clock", "s", 1},
    {"nested.stop_s", "stop, from powering off to the end of what booted it, by that clock", "s", 1},
    {"monitor_memory", "memory of the monitor beside the guest's", "MB", 1e-6},
    {"save_s", "saving the guest's state", "s", 1},
    {"restore_s", "start from that state", "s", 1},
    {"guests_per_gigabyte", "guests that fit into 10^9 bytes", "guests", 1},
};

static double member_of(const json_t *record, const char *member) {
    const json_t *guest = json_object_get(record, "guest");
    const json_t *number = strncmp(member, NESTED ".", strlen(NESTED ".")) == 0
                               ? json_object_get(json_object_get(guest, NESTED), member + strlen(NESTED "."))
                               : json_object_get(guest, member);

    return json_is_number(number) ? json_number_value(number) : (double)NAN;
}

static int read_times(const struct study_run *run, size_t entry, enum study_clock clock, const char *member,
                      struct boot_time *ret_time, struct vms_error *error) {
    struct boot_time time = {run->study->entries[entry].name, 0, NAN, NAN, NAN};
    cleanup_free double *seconds = NULL;
    struct stats_distribution distribution;
    struct record_list records = {0};
    int status = run_records(run, entry, clock, &records, error);

    seconds = calloc(records.n_paths + 1, sizeof(*seconds));
    if (!seconds)
        status = error_memory(error);
    for (size_t i = 0; status == 0 && i < records.n_paths; i++) {
        json_auto_t *record = store_read(records.paths[i], error);

        status = record ? 0 : -EIO;
        seconds[time.n] = member_of(record, member);
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

/* Three digits: what takes milliseconds does not take 0.0 s. */
static void print_number(FILE *file, const char *before, double number) {
    fprintf(file, number < 999.5 ? "%s%.3g" : "%s%.0f", before, number);
}

static void print_times(FILE *file, enum study_clock clock, const struct life_row *row,
                        const struct boot_time *times, size_t n, const struct boot_time *baseline) {
    fprintf(file, "%s, %s:\n", row->words, study_clock_words(clock));
    for (size_t i = 0; i < n; i++) {
        if (times[i].n == 0)
            continue;
        fprintf(file, "  %-16s ", times[i].name);
        print_number(file, "", row->scale * times[i].median);
        fprintf(file, " %s", row->unit);
        print_number(file, " (", row->scale * times[i].least);
        print_number(file, " to ", row->scale * times[i].most);
        fprintf(file, " %s, %zu boot%s)", row->unit, times[i].n, times[i].n == 1 ? "" : "s");
        if (&times[i] != baseline && baseline->median > 0)
            fprintf(file, ", %.2fx of %s", times[i].median / baseline->median, baseline->name);
        fputc('\n', file);
    }
}

/* One row for all configurations; nothing where no boot has it. */
static int write_row(const struct study_run *run, enum study_clock clock, const struct life_row *row,
                     struct boot_time *times, FILE *file, struct vms_error *error) {
    const struct study *study = run->study;
    size_t n_boots = 0;
    int status = 0;

    for (size_t i = 0; status == 0 && i < study->n_entries; i++) {
        status = read_times(run, i, clock, row->member, &times[i], error);
        n_boots += times[i].n;
    }
    if (status < 0 || n_boots == 0)
        return status;
    print_times(stderr, clock, row, times, study->n_entries, &times[study->baseline]);
    print_times(file, clock, row, times, study->n_entries, &times[study->baseline]);
    return 0;
}

static int write_file(const struct study_run *run, enum study_clock clock, const char *text,
                      struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct output output;
    int status;

    path = text_new("%s/%s-boots.txt", run->output, study_clock_name(clock));
    if (!path)
        return error_memory(error);
    status = output_open(path, &output, error);
    if (status < 0)
        return status;
    fputs(text, output.file);
    return output_commit(&output, error);
}

int boot_times_write(const struct study_run *run, enum study_clock clock, struct vms_error *error) {
    cleanup_free struct boot_time *times = calloc(run->study->n_entries, sizeof(*times));
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = times ? open_memstream(&text, &size) : NULL;
    int status = file ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(life_rows); i++)
        status = write_row(run, clock, &life_rows[i], times, file, error);
    if (file && fclose(file) != 0)
        status = error_memory(error);
    return status == 0 && *text ? write_file(run, clock, text, error) : status;
}
