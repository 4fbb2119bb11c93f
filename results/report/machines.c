/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What failed, what the records warn of, and what each machine is. */
#include "report/html.h"
#include "report/report_parts.h"

#include <string.h>

static void write_warnings(FILE *file, const struct view_head *head) {
    for (size_t i = 0; i < head->n_warnings; i++) {
        fputs("<li><b>", file);
        html_text(file, head->label);
        fputs("</b>: ", file);
        html_text(file, head->warnings[i]);
        fputs("</li>\n", file);
    }
}

static size_t count_warnings(const struct report *report) {
    size_t n = 0;

    for (size_t i = 0; i < report->n_readers; i++)
        n += reader_head(report->readers[i])->n_warnings;
    return n;
}

static void write_failure(FILE *file, const struct series_failure *failure) {
    fputs("<li><b>", file);
    html_text(file, failure->configuration);
    fputs("</b>, ", file);
    html_text(file, failure->label);
    fputs(": ", file);
    html_text(file, outcome_status_name(failure->status));
    fputs(", ", file);
    html_text(file, failure->reason);
    fputs("</li>\n", file);
}

void report_trouble(FILE *file, const struct report *report) {
    const struct series_list *series = &report->series;

    fprintf(file,
            "<details class=\"part\" id=\"trouble\"><summary><h2>Warnings (%zu) and failed cases "
            "(%zu)</h2></summary>\n",
            count_warnings(report), series->n_failures);
    if (count_warnings(report) == 0 && series->n_failures == 0)
        fputs("<p>No case failed, and the records hold no warning.</p>\n", file);
    if (series->n_failures > 0) {
        fputs("<h3>Incomplete cases</h3>\n<ul>\n", file);
        for (size_t i = 0; i < series->n_failures; i++)
            write_failure(file, &series->failures[i]);
        fputs("</ul>\n", file);
    }
    if (count_warnings(report) > 0) {
        fputs("<h3>Warnings</h3>\n<ul>\n", file);
        for (size_t i = 0; i < report->n_readers; i++)
            write_warnings(file, reader_head(report->readers[i]));
        fputs("</ul>\n", file);
    }
    fputs("</details>\n", file);
}

static const struct view_machine *machine_of(const struct report *report, size_t index) {
    return &reader_head(report->readers[index])->machine;
}

static bool is_same_machine(const struct view_machine *a, const struct view_machine *b) {
    if (strcmp(a->virtualization, b->virtualization) != 0 || strcmp(a->container, b->container) != 0 ||
        a->n_facts != b->n_facts)
        return false;
    for (size_t i = 0; i < a->n_facts; i++)
        if (strcmp(a->facts[i].name, b->facts[i].name) != 0 || a->facts[i].status != b->facts[i].status ||
            !view_is_same_value(&a->facts[i].value, &b->facts[i].value))
            return false;
    return true;
}

/* The first record of its configuration and folder stands for the others. */
static bool is_column(const struct report *report, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(reader_head(report->readers[i])->label, reader_head(report->readers[index])->label) == 0 &&
            is_same_machine(machine_of(report, i), machine_of(report, index)))
            return false;
    return true;
}

static void write_fact(FILE *file, const struct view_machine_fact *fact) {
    fputs("<td class=\"what\">", file);
    if (fact && fact->value.kind != VIEW_NULL) {
        html_text(file, fact->value.text);
    } else {
        fputs("<i>", file);
        html_text(file, fact ? fact->reason : "not recorded");
        fputs("</i>", file);
    }
    fputs("</td>", file);
}

static bool fact_differs(const struct report *report, const char *name) {
    const struct view_machine_fact *first = view_find_fact(machine_of(report, 0), name);

    for (size_t i = 1; i < report->n_readers; i++) {
        const struct view_machine_fact *other = view_find_fact(machine_of(report, i), name);

        if (first != other && (!first || !other || !view_is_same_value(&first->value, &other->value)))
            return true;
    }
    return false;
}

static void write_fact_row(FILE *file, const struct report *report, const char *name) {
    fprintf(file, "<tr%s><th scope=\"row\">", fact_differs(report, name) ? " class=\"differs\"" : "");
    html_text(file, name);
    fputs("</th>", file);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i))
            write_fact(file, view_find_fact(machine_of(report, i), name));
    fputs("</tr>\n", file);
}

/* A row of what is no fact. */
static void write_text_row(FILE *file, const struct report *report, const char *name,
                           const char *(*text)(const struct view_machine *)) {
    fprintf(file, "<tr><th scope=\"row\">%s</th>", name);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i)) {
            fputs("<td class=\"what\">", file);
            html_text(file, text(machine_of(report, i)));
            fputs("</td>", file);
        }
    fputs("</tr>\n", file);
}

static const char *virtualization_of(const struct view_machine *machine) {
    return machine->virtualization;
}

static const char *container_of(const struct view_machine *machine) {
    return machine->container;
}

/* Whether an earlier record has this fact, so that its row is there. */
static bool is_listed(const struct report *report, size_t before, const char *name) {
    for (size_t i = 0; i < before; i++)
        if (view_find_fact(machine_of(report, i), name))
            return true;
    return false;
}

void report_machines(FILE *file, const struct report *report) {
    fputs("<details class=\"part\" id=\"machines\"><summary><h2>All facts of the machines</h2></summary>\n"
          "<p>What differs is set in bold: it can explain a difference as well as the hypervisor can. Bytes, "
          "seconds and hertz.</p>\n<div "
          "class=\"wide\"><table><thead><tr><th scope=\"col\">fact</th>",
          file);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i)) {
            fputs("<th scope=\"col\">", file);
            html_text(file, reader_head(report->readers[i])->label);
            fputs("</th>", file);
        }
    fputs("</tr></thead>\n<tbody>\n", file);
    write_text_row(file, report, "virtualization", virtualization_of);
    write_text_row(file, report, "container", container_of);
    for (size_t i = 0; i < report->n_readers; i++) {
        const struct view_machine *machine = machine_of(report, i);

        for (size_t j = 0; j < machine->n_facts; j++)
            if (!is_listed(report, i, machine->facts[j].name))
                write_fact_row(file, report, machine->facts[j].name);
    }
    fputs("</tbody></table></div></details>\n", file);
}
