/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Below the rows of a table: what was not compared, and what else differs. */
#include "compare/formats/table.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/words/layout.h"

#define NAMES_SHOWN 3 /* without --details, of what was not compared */

void table_refusals(const struct sheet *sheet, bool all) {
    const struct comparison *comparison = sheet->comparison;
    FILE *file = sheet->file;
    size_t n = all ? comparison->n_refusals : NAMES_SHOWN;

    if (comparison->n_refusals > 0)
        fputs("\nNot compared\n", file);
    for (size_t i = 0; i < comparison->n_refusals && i < n; i++) {
        const struct compare_refusal *refusal = &comparison->refusals[i];
        bool names = comparison->n_sides > 2;

        table_paragraph(sheet, "  ", 4,
                        text_new("%s%s%s: %s", names ? comparison->sides[refusal->other].label : "",
                                 names ? ", " : "", refusal->label, refusal->reason));
    }
    if (comparison->n_refusals > n)
        fprintf(file, "  and %zu more: --details\n", comparison->n_refusals - n);
}

static void print_difference(const struct sheet *sheet, const struct compare_difference *difference) {
    const struct comparison *comparison = sheet->comparison;
    const struct compare_side *second = &comparison->sides[difference->sides[1]];

    if (difference->sides[0] == difference->sides[1])
        table_paragraph(sheet, "  ", 4,
                        text_new("%s, among the runs of %s: %s; %s (%zu of %zu runs differ from the first)",
                                 difference->what, second->label, difference->values[0],
                                 difference->values[1], difference->n_runs, second->n_runs));
    else
        table_paragraph(sheet, "  ", 4,
                        text_new("%s: %s; %s: %s", difference->what, difference->values[0], second->label,
                                 difference->values[1]));
}

/* Whether something is not in the set yet, as several configurations may differ in the same way from the
 * baseline; it is then. Without memory a name may stand twice. */
static bool is_new(json_t *set, const char *name) {
    if (json_object_get(set, name))
        return false;
    (void)json_object_set_new_nocheck(set, name, json_true());
    return true;
}

void table_differences(const struct sheet *sheet, bool all) {
    const struct comparison *comparison = sheet->comparison;
    FILE *file = sheet->file;
    json_auto_t *named = json_object();
    cleanup_free char *text = NULL;
    size_t size, n_named = 0;
    FILE *names;

    if (comparison->n_differences == 0)
        return;
    if (all) {
        fputs("\nOther differences, beside the hypervisor\n", file);
        for (size_t i = 0; i < comparison->n_differences; i++)
            print_difference(sheet, &comparison->differences[i]);
        return;
    }
    names = open_memstream(&text, &size);
    if (!names)
        return;
    fputs("Other differences, beside the hypervisor (--details has the values): ", names);
    for (size_t i = 0; i < comparison->n_differences; i++) {
        if (!is_new(named, comparison->differences[i].what))
            continue;
        if (n_named < 2 * TABLE_CASES_SHOWN)
            fprintf(names, "%s%s", n_named > 0 ? ", " : "", comparison->differences[i].what);
        n_named++;
    }
    if (n_named > 2 * TABLE_CASES_SHOWN)
        fprintf(names, ", and %zu more", n_named - 2 * TABLE_CASES_SHOWN);
    if (fclose(names) == 0) {
        fputc('\n', file);
        layout_paragraph(sheet->file, sheet->columns, "", 0, text);
    }
}
