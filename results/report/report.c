/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/report.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "compare/compare.h"
#include "compare/load.h"
#include "output/output.h"
#include "record/file/store.h"
#include "report/report_parts.h"
#include "report/spec.h"
#include "virtualization/hypervisors.h"

#include <string.h>

void report_free(struct report *report) {
    if (!report)
        return;
    report_forget_history(report);
    figures_done(&report->figures);
    compare_free(report->comparison);
    series_done(&report->series);
    conditions_done(&report->conditions);
    free(report);
}

/* Whether the record is of the configuration that is called so, by its name or its label. */
static bool is_of(struct reader *reader, const char *configuration) {
    return strcmp(reader_head(reader)->configuration, configuration) == 0 ||
           strcmp(reader_head(reader)->label, configuration) == 0;
}

/* The label of the configuration that is called "native", else of the only one that was measured on a native
 * machine; NULL where there is none, or there are several. The order of the records says nothing: a shell
 * sorts them by name. */
static const char *find_native(const struct report *report) {
    const char *found = NULL;

    for (size_t i = 0; i < report->n_readers; i++)
        if (is_of(report->readers[i], virtualization_native))
            return reader_head(report->readers[i])->label;
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct view_head *head = reader_head(report->readers[i]);

        if (strcmp(head->machine.virtualization, virtualization_native) != 0)
            continue;
        if (found && strcmp(found, head->label) != 0)
            return NULL;
        found = head->label;
    }
    return found;
}

static bool has_several(const struct report *report) {
    for (size_t i = 1; i < report->n_readers; i++)
        if (strcmp(reader_head(report->readers[i])->label, reader_head(report->readers[0])->label) != 0)
            return true;
    return false;
}

/* Compares all configurations with the baseline's. */
static int compare(struct report *report, const char *baseline, struct vms_error *error) {
    cleanup_free char **paths = calloc(report->n_readers + 1, sizeof(*paths));
    size_t n = 0, n_baseline;

    if (!paths)
        return error_memory(error);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_of(report->readers[i], baseline))
            paths[n++] = (char *)reader_path(report->readers[i]);
    n_baseline = n;
    for (size_t i = 0; i < report->n_readers; i++)
        if (!is_of(report->readers[i], baseline))
            paths[n++] = (char *)reader_path(report->readers[i]);
    if (n_baseline == 0)
        return error_set(error, -EINVAL, "no record has the configuration \"%s\"", baseline);
    if (n_baseline == n)
        return 0;
    report->comparison = compare_new(&compare_defaults);
    if (!report->comparison)
        return error_memory(error);
    return compare_load(report->comparison, paths, n, n_baseline, error);
}

int report_new(struct reader *const *readers, size_t n_readers, const char *baseline,
               struct report **ret_report, struct vms_error *error) {
    struct report *report = calloc(1, sizeof(*report));
    int status;

    if (!report)
        return error_memory(error);
    report->readers = readers;
    report->n_readers = n_readers;
    baseline = baseline ? baseline : find_native(report);
    if (!baseline && has_several(report))
        report->why_not = "Nothing is compared: no configuration is native, or several are. Name the one to "
                          "compare with: <code>--baseline NAME</code>.";
    status = baseline ? compare(report, baseline, error) : 0;
    if (status == 0)
        status = series_collect(readers, n_readers, &report->series, error);
    if (status == 0)
        status = conditions_collect(readers, n_readers, &report->conditions, error);
    if (status == 0)
        status =
            figures_make(&report->series, &report->conditions, report->comparison, &report->figures, error);
    if (status < 0)
        report_free(report);
    else
        *ret_report = report;
    return status;
}

int report_write_page(const char *path, const struct report *report, struct vms_error *error) {
    struct output file;
    int status = output_open(path, &file, error);

    if (status < 0)
        return status;
    status = report_write(file.file, report, error);
    return output_end(&file, status, error);
}

/* The figure's specification as a file of its own, with its title drawn. */
static int write_figure(const char *folder, const struct figure *figure, struct vms_error *error) {
    cleanup_free char *path = text_new("%s/%s.vg.json", folder, figure->id);
    json_auto_t *spec = figure_spec(figure);
    int status;

    if (!spec || !path || json_object_set_new(spec, "title", json_string(figure->title)) < 0)
        status = error_memory(error);
    else
        status = store_write(path, spec, error);
    return status;
}

int report_write_figures(const char *folder, const struct report *report, struct vms_error *error) {
    int status = output_make_folder(folder, error);

    for (size_t i = 0; status == 0 && i < report->figures.n_figures; i++)
        status = write_figure(folder, &report->figures.figures[i], error);
    return status;
}
