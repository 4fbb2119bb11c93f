/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/findings.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "compare/compare.h"
#include "compare/formats/formats.h"
#include "compare/load.h"
#include "output/output.h"
#include "output/terminal.h"
#include "report/report.h"
#include "study/boot_times.h"

#include <string.h>

/* The study's page and its comparisons are CLOCK-NAME. */
static char *new_path(const struct study_run *run, enum study_clock clock, const char *name,
                      struct vms_error *error) {
    char *path = text_new("%s/%s-%s", run->output, study_clock_name(clock), name);

    if (!path) {
        (void)error_memory(error);
        return NULL;
    }
    return path;
}

static int write_comparison(const struct study_run *run, enum study_clock clock,
                            const struct comparison *comparison, const char *format, const char *name,
                            struct vms_error *error) {
    cleanup_free char *path = new_path(run, clock, name, error);
    struct output file;
    int status = path ? output_open(path, &file, error) : -ENOMEM;

    if (status < 0)
        return status;
    status = compare_write(file.file, comparison, format, &(struct compare_view){0}, error);
    return output_end(&file, status, error);
}

static int compare(const struct study_run *run, enum study_clock clock, const struct record_list *records,
                   size_t n_baseline, struct vms_error *error) {
    struct comparison *comparison = compare_new(&compare_defaults);
    int status = comparison ? compare_load(comparison, records->paths, records->n_paths, n_baseline, error)
                            : error_memory(error);

    if (status == 0)
        status = write_comparison(run, clock, comparison, "table", "comparison.txt", error);
    if (status == 0)
        status = write_comparison(run, clock, comparison, "markdown", "comparison.md", error);
    if (status == 0)
        status = write_comparison(run, clock, comparison, "json", "comparison.json", error);
    if (status == 0)
        terminal_print(stderr, "%s, against %s:\n", study_clock_words(clock), comparison->sides[0].label);
    for (size_t i = 0; status == 0 && i < comparison->n_answers; i++)
        terminal_print(stderr, "  %s\n", comparison->answers[i].sentence);
    compare_free(comparison);
    return status;
}

/* With those of the baseline, `n_baseline` of them, first. */
static int write_report(const struct study_run *run, enum study_clock clock,
                        const struct record_list *records, size_t n_baseline, struct vms_error *error) {
    cleanup_free char *path = new_path(run, clock, "report.html", error);
    struct reader **readers = NULL;
    struct report *report = NULL;
    int status = path ? reader_open_all(records->paths, records->n_paths, &readers, error) : -ENOMEM;

    if (status == 0)
        status = report_new(readers, records->n_paths, n_baseline > 0 ? reader_head(readers[0])->label : NULL,
                            &report, error);
    if (status == 0)
        status = report_write_page(path, report, error);
    if (status == 0)
        terminal_print(stderr, "report: %s\n", path);
    report_free(report);
    reader_close_all(readers, records->n_paths);
    return status;
}

/* The records of a clock, those of the baseline first. */
static int collect(const struct study_run *run, enum study_clock clock, struct record_list *records,
                   size_t *ret_n_baseline, struct vms_error *error) {
    const struct study *study = run->study;
    int status = 0;

    if (study->entries[study->baseline].has[clock])
        status = run_records(run, study->baseline, clock, records, error);
    *ret_n_baseline = records->n_paths;
    for (size_t i = 0; status == 0 && i < study->n_entries; i++)
        if (i != study->baseline && study->entries[i].has[clock])
            status = run_records(run, i, clock, records, error);
    return status;
}

int findings_look(const struct study_run *run, enum study_clock clock, struct looks *looks, size_t round,
                  bool *ret_sure, struct vms_error *error) {
    struct record_list records = {0};
    size_t n_baseline = 0;
    int status = collect(run, clock, &records, &n_baseline, error);
    const struct set_records seen = {records.paths, records.n_paths, n_baseline};

    if (status == 0 && n_baseline > 0 && n_baseline < records.n_paths)
        status = looks_take(looks, round, &seen, ret_sure, error);
    records_done(&records);
    return status;
}

int findings_write(const struct study_run *run, enum study_clock clock, struct vms_error *error) {
    struct record_list records = {0};
    size_t n_baseline = 0;
    int status = collect(run, clock, &records, &n_baseline, error);

    if (status < 0) {
        records_done(&records);
        return status;
    }
    if (n_baseline == 0 && records.n_paths > 0)
        terminal_print(stderr, "%s: nothing is compared, for %s, the baseline, has no record\n",
                       study_clock_words(clock), run->study->entries[run->study->baseline].name);
    else if (n_baseline < records.n_paths)
        status = compare(run, clock, &records, n_baseline, error);
    /* Boots that share the processors take their time from each other. */
    if (status == 0 && records.n_paths > 0 && clock == STUDY_REAL_TIME)
        status = boot_times_write(run, clock, error);
    if (status == 0 && records.n_paths > 0)
        status = write_report(run, clock, &records, n_baseline, error);
    records_done(&records);
    return status;
}
