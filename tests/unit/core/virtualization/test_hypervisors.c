/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of hypervisors, and the papers that show it: docs/detection.md, the manual and the schema. */
#include "unit/descriptors.h"
#include "virtualization/hypervisors.h"

#include "guest/launchers/launcher.h"
#include "virtualization/virtualization.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A file of the project. The caller frees. */
static char *read_paper(const char *path) {
    char full[512], *text = NULL;
    size_t size = 0;
    FILE *file;

    assert_non_null(getenv("VMSUITE_SOURCE"));
    (void)snprintf(full, sizeof(full), "%s/%s", getenv("VMSUITE_SOURCE"), path);
    file = fopen(full, "r");
    if (!file)
        fail_msg("%s cannot be opened", full);
    assert_true(getdelim(&text, &size, '\0', file) > 0);
    (void)fclose(file);
    return text;
}

static void write_list(FILE *out, const char *const *texts) {
    for (size_t i = 0; i < HYPERVISOR_TEXTS && texts[i]; i++)
        (void)fprintf(out, "%s`%s`", i ? ", " : "", texts[i]);
}

/* A row of the page's table. */
static void write_row(FILE *out, const struct hypervisor *row) {
    const char *separator = "";

    (void)fprintf(out, "| %s | ", row->name);
    write_list(out, row->cpuid);
    (void)fputs(" | ", out);
    write_list(out, row->dmi);
    (void)fputs(" | ", out);
    write_list(out, row->acpi);
    (void)fputs(" | ", out);
    write_list(out, row->tree);
    (void)fputs(" | ", out);
    write_list(out, row->pci);
    (void)fputs(" | ", out);
    write_list(out, row->kernel);
    (void)fputs(" | ", out);
    for (size_t i = 0; i < sizeof(row->wears) / sizeof(row->wears[0]) && row->wears[i]; i++) {
        (void)fprintf(out, "%s%s", separator, hypervisor_of(row->wears[i])->name);
        separator = ", ";
    }
    (void)fputs(" |\n", out);
}

static void papers__the_page_shows_the_table(void **state) {
    char *page = read_paper("docs/detection.md"), *rows = NULL;
    size_t size;
    FILE *out = open_memstream(&rows, &size);

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < n_hypervisors; i++)
        write_row(out, &hypervisors[i]);
    assert_int_equal(fclose(out), 0);
    if (!strstr(page, rows))
        (void)fputs(rows, stderr);
    if (!strstr(page, rows))
        fail_msg("the table in docs/detection.md must be as above");
    free(rows);
    free(page);
}

static void assert_names(const char *path, const char *before, const char *behind) {
    char *paper = read_paper(path);

    for (unsigned list = 0; list < 2; list++) {
        size_t n;
        const char *const *names = list ? container_names(&n) : virtualization_names(&n);

        for (size_t i = 0; i < n; i++) {
            char mark[64];

            (void)snprintf(mark, sizeof(mark), "%s%s%s", before, names[i], behind);
            if (!strstr(paper, mark))
                fail_msg("%s does not show %s", path, mark);
        }
    }
    free(paper);
}

static void papers__manual_and_schema_show_every_answer(void **state) {
    (void)state;
    assert_names("results/schema/configuration.schema.json", "\"", "\"");
    assert_names("runner/manual/prose/env.mdoc", ".It ", "\n");
}

static void table__names_are_unique(void **state) {
    (void)state;
    for (size_t i = 0; i < n_hypervisors; i++) {
        assert_ptr_equal(hypervisor_find(hypervisors[i].name), &hypervisors[i]);
        assert_true(hypervisors[i].id == HYPERVISOR_OTHER ||
                    hypervisor_of(hypervisors[i].id) == &hypervisors[i]);
    }
    assert_null(hypervisor_find("native"));
    assert_null(hypervisor_of(HYPERVISOR_OTHER));
}

static void assert_unlike(const char *const *these, const char *const *those) {
    for (size_t i = 0; i < HYPERVISOR_TEXTS && these[i]; i++)
        for (size_t j = 0; j < HYPERVISOR_TEXTS && those[j]; j++)
            assert_string_not_equal(these[i], those[j]);
}

static void table__a_mark_speaks_for_one(void **state) {
    (void)state;
    for (size_t i = 0; i < n_hypervisors; i++)
        for (size_t k = i + 1; k < n_hypervisors; k++) {
            const struct hypervisor *a = &hypervisors[i], *b = &hypervisors[k];

            assert_unlike(a->cpuid, b->cpuid);
            assert_unlike(a->dmi, b->dmi);
            assert_unlike(a->acpi, b->acpi);
            assert_unlike(a->pci, b->pci);
            assert_unlike(a->lines, b->lines);
        }
}

/* What guests are booted as is an answer that detection can give. */
static void papers__launchers_name_rows_of_the_table(void **state) {
    size_t n = 0;

    (void)state;
    for (const struct launcher *const *launcher = launchers; *launcher; launcher++)
        for (const struct launcher_kind *kind = (*launcher)->kinds; kind && kind->name; kind++, n++)
            if (kind->virtualization && !hypervisor_find(kind->virtualization))
                fail_msg("%s %s boots \"%s\", which is no hypervisor", (*launcher)->name, kind->name,
                         kind->virtualization);
    assert_true(n > 5);
}

static void words__are_found_as_words(void **state) {
    (void)state;
    assert_true(text_has_word("VMware7,1", "vmware"));
    assert_true(text_has_word("Xen HVM domU", "HVM domU"));
    assert_false(text_has_word("Xenon", "Xen"));
    assert_false(text_has_word("MyXen", "Xen"));
    assert_false(text_has_word("", "Xen"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(papers__the_page_shows_the_table),
        cmocka_unit_test(papers__manual_and_schema_show_every_answer),
        cmocka_unit_test(table__names_are_unique),
        cmocka_unit_test(table__a_mark_speaks_for_one),
        cmocka_unit_test(papers__launchers_name_rows_of_the_table),
        cmocka_unit_test(words__are_found_as_words),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
