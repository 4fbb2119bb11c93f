/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For what CI servers show as tests: a case per row; what failed the gate is a failure, an undecided row is
 * skipped (a failure, too, where the gate is strict). */
#include "base/escape.h"
#include "compare/gate.h"
#include "compare/parts.h"

#include <string.h>

static void put_escaped(FILE *file, const char *text) {
    escape_write(file, ESCAPE_XML, text);
}

static void put_element(FILE *file, const char *element, const char *message) {
    fprintf(file, "      <%s message=\"", element);
    put_escaped(file, message);
    fputs("\"/>\n", file);
}

static bool is_strict(const struct comparison *comparison) {
    return comparison->gate && comparison->gate->strict;
}

static void put_case(FILE *file, const char *class, const char *name, const char *metric) {
    fputs("    <testcase classname=\"", file);
    put_escaped(file, class);
    fputs("\" name=\"", file);
    put_escaped(file, name);
    fputs(*metric ? " " : "", file);
    put_escaped(file, metric);
    fputs("\">\n", file);
}

static void put_row(FILE *file, const struct comparison *comparison, const struct compare_row *row) {
    char interval[INTERVAL_TEXT_SIZE], verdict[VERDICT_TEXT_SIZE],
        message[INTERVAL_TEXT_SIZE + VERDICT_TEXT_SIZE + 16];

    compare_format_interval(row, interval);
    compare_format_verdict(row, verdict);
    (void)snprintf(message, sizeof(message), "%s, loss %s", verdict, interval);
    put_case(file, compare_text(row->identity, "resource"), row->label, compare_text(row->metric, "metric"));
    if (row->failed)
        put_element(file, "failure", message);
    else if (row->verdict == COMPARE_UNDECIDED)
        put_element(file, is_strict(comparison) ? "failure" : "skipped", message);
    else {
        fputs("      <system-out>", file);
        put_escaped(file, message);
        fputs("</system-out>\n", file);
    }
    fputs("    </testcase>\n", file);
}

static void put_refusal(FILE *file, const struct comparison *comparison,
                        const struct compare_refusal *refusal) {
    put_case(file, "not compared", refusal->label, "");
    put_element(file, is_strict(comparison) ? "failure" : "skipped", refusal->reason);
    fputs("    </testcase>\n", file);
}

static void put_suite(FILE *file, const struct comparison *comparison, size_t other) {
    size_t tests = 0, failures = 0, skipped = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        bool undecided = row->verdict == COMPARE_UNDECIDED;

        tests += row->other == other;
        failures += row->other == other && (row->failed || (undecided && is_strict(comparison)));
        skipped += row->other == other && undecided && !is_strict(comparison);
    }
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        tests += comparison->refusals[i].other == other;
        *(is_strict(comparison) ? &failures : &skipped) += comparison->refusals[i].other == other;
    }
    fputs("  <testsuite name=\"", file);
    put_escaped(file, comparison->sides[other].label);
    fputs(" against ", file);
    put_escaped(file, comparison->sides[0].label);
    fprintf(file, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", tests, failures,
            skipped);
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (comparison->rows[i].other == other)
            put_row(file, comparison, &comparison->rows[i]);
    for (size_t i = 0; i < comparison->n_refusals; i++)
        if (comparison->refusals[i].other == other)
            put_refusal(file, comparison, &comparison->refusals[i]);
    fputs("  </testsuite>\n", file);
}

int compare_write_junit(FILE *file, const struct comparison *comparison, bool colour) {
    (void)colour;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", file);
    for (size_t i = 1; i < comparison->n_sides; i++)
        put_suite(file, comparison, i);
    fputs("</testsuites>\n", file);
    return 0;
}
