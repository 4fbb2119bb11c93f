/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For what CI servers show as tests: a case per row that is tested; what failed the gate is a failure, an
 * undecided row is skipped (a failure, too, where the gate is strict). */
#include "compare/formats/formats.h"

#include "base/cleanup.h"
#include "base/escape.h"
#include "compare/explain/explain.h"
#include "compare/gate.h"
#include "compare/words/words.h"

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

static bool is_undecided(const struct compare_row *row) {
    return row->finding.verdict == COMPARE_UNDECIDED || row->finding.verdict == COMPARE_UNCONFIRMED;
}

/* What a row is to a CI server: a gate that is open, or strict, makes an undecided row more than skipped. */
static bool is_failure(const struct comparison *comparison, const struct compare_row *row) {
    return row->gate == COMPARE_GATE_FAILED ||
           (is_strict(comparison) && (is_undecided(row) || row->gate == COMPARE_GATE_OPEN));
}

static bool is_skipped(const struct comparison *comparison, const struct compare_row *row) {
    return !is_failure(comparison, row) && (is_undecided(row) || row->gate == COMPARE_GATE_OPEN);
}

static void put_explained(FILE *file, const struct comparison *comparison, const struct compare_row *row) {
    cleanup_free char *sentence = explain_sentence(comparison, row);

    fputc('\n', file);
    put_escaped(file, sentence ? sentence : "");
}

static void put_row(FILE *file, const struct comparison *comparison, const struct compare_row *row,
                    bool why) {
    char words[WORDS_SIZE], gate[WORDS_SIZE], message[2 * WORDS_SIZE];

    words_long(row, &row->finding, comparison->options.margin, words);
    words_gate(row, gate);
    (void)snprintf(message, sizeof(message), "%s%s", words, gate);
    put_case(file, compare_resource(row), row->label, row->metric->name);
    why = why && explain_wants(row);
    if (is_failure(comparison, row))
        put_element(file, "failure", message);
    else if (is_skipped(comparison, row))
        put_element(file, "skipped", message);
    if (why || (!is_failure(comparison, row) && !is_skipped(comparison, row))) {
        fputs("      <system-out>", file);
        put_escaped(file, message);
        if (why)
            put_explained(file, comparison, row);
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

/* What each resource costs, and what the gate says: the output of the suite. */
static void put_answers(FILE *file, const struct comparison *comparison, size_t other) {
    cleanup_free char *gate = comparison->gate ? gate_sentence(comparison) : NULL;

    fputs("    <system-out>", file);
    for (size_t i = 0; i < comparison->n_answers; i++) {
        if (comparison->answers[i].other != other)
            continue;
        put_escaped(file, comparison->answers[i].sentence);
        fputc('\n', file);
    }
    put_escaped(file, gate ? gate : "");
    fputs("</system-out>\n", file);
}

static void put_suite(FILE *file, const struct comparison *comparison, size_t other, bool why) {
    size_t tests = 0, failures = 0, skipped = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (row->other != other || row->finding.verdict == COMPARE_UNTESTED)
            continue;
        tests++;
        failures += is_failure(comparison, row);
        skipped += is_skipped(comparison, row);
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
        if (comparison->rows[i].other == other && comparison->rows[i].finding.verdict != COMPARE_UNTESTED)
            put_row(file, comparison, &comparison->rows[i], why);
    for (size_t i = 0; i < comparison->n_refusals; i++)
        if (comparison->refusals[i].other == other)
            put_refusal(file, comparison, &comparison->refusals[i]);
    put_answers(file, comparison, other);
    fputs("  </testsuite>\n", file);
}

int compare_write_junit(FILE *file, const struct comparison *comparison, const struct compare_view *view) {
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", file);
    for (size_t i = 1; i < comparison->n_sides; i++)
        put_suite(file, comparison, i, view->why);
    fputs("</testsuites>\n", file);
    return 0;
}
