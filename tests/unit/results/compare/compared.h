/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small comparisons for the tests of compare. */
#ifndef VMSUITE_TESTS_UNIT_RESULTS_COMPARE_COMPARED_H
#define VMSUITE_TESTS_UNIT_RESULTS_COMPARE_COMPARED_H

#include "compare/collect/collect.h"
#include "compare/compare.h"
#include "compare/gate.h"
#include "compare/words/layout.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N 10

/* Normal scores: steady noise without luck. The order alternates, so that nothing drifts. */
static const double scores[N] = {-1.5466, 1.5466, 0.6554,  -0.6554, -0.1226,
                                 0.1226,  1.0005, -1.0005, -0.3755, 0.3755};

static const struct compare_options defaults = {
    .margin = COMPARE_MARGIN, .run_shift = NAN, .seed = 1, .error = COMPARE_ERROR};

static inline json_t *new_trials(const char *metric, double level, double cv) {
    json_t *trials = json_array();

    for (size_t i = 0; i < N; i++)
        json_array_append_new(trials, json_pack("{s:i, s:s, s:[], s:[{s:s, s:f}]}", "trial", (int)i + 1,
                                                "status", "ok", "flags", "metrics", "metric", metric, "value",
                                                level * (1 + cv * scores[i])));
    return trials;
}

/* A case with one metric; `better` is "higher" or "lower". */
static inline json_t *new_case(const char *group, int size, const char *metric, const char *better,
                               double level, double cv) {
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:{s:i}, s:s, s:n, s:[{s:s, s:s}], s:o, s:[{s:s, s:s, s:s, s:s}]}",
        "group", group, "module", "fake", "resource", strcmp(group, "net") == 0 ? "network" : "memory",
        "workload_version", 1, "path", "network", "params", "size", size, "status", "ok", "reason", "facts",
        "key", "working_set_bytes", "value", "4096", "trials", new_trials(metric, level, cv), "summary",
        "metric", metric, "unit", "1/s", "better", better, "side", "local");
}

static inline json_t *new_record(const char *kernel, json_t *cases) {
    return json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:f}]}}, s:o}", "status", "ok",
                     "environment", "before", "virtualization", "kvm", "container", "none", "facts", "fact",
                     "kernel.release", "status", "ok", "value", kernel, "fact", "load.average_1min", "status",
                     "ok", "value", (double)strlen(kernel), "cases", cases);
}

static inline void add(struct comparison *comparison, size_t side, const char *kernel, json_t *cases) {
    json_t *record = new_record(kernel, cases);
    struct vms_error error = {""};

    assert_non_null(record);
    assert_int_equal(
        compare_add_record(comparison, side, side == 0 ? "native" : "guest", "x.json", record, &error), 0);
    json_decref(record);
}

static inline struct comparison *start(const struct compare_options *options) {
    struct comparison *comparison = compare_new(options);

    assert_non_null(comparison);
    return comparison;
}

static inline void finish(struct comparison *comparison) {
    struct vms_error error = {""};

    if (compare_finish(comparison, &error) < 0)
        fail_msg("%s", error.text);
}

/* One case a side. */
static inline struct comparison *compare_two(json_t *baseline, json_t *other,
                                             const struct compare_options *options) {
    struct comparison *comparison = start(options);

    add(comparison, 0, "6.1", json_pack("[o]", baseline));
    add(comparison, 1, "6.1", json_pack("[o]", other));
    finish(comparison);
    return comparison;
}

/* Three runs a side of one case, whose levels differ from run to run by `shift`. */
static inline struct comparison *compare_runs(const char *metric, const char *better, const double levels[2],
                                              double shift, double cv, size_t n_runs) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < n_runs; run++) {
            double off = n_runs > 1 ? 2 * (double)run / (double)(n_runs - 1) - 1 : 0;

            add(comparison, side, "6.1",
                json_pack("[o]", new_case("net", 64, metric, better, levels[side] * (1 + shift * off), cv)));
        }
    finish(comparison);
    return comparison;
}

/* A network row that lost 30%, a memory row whose runs differ by too much to tell. */
static inline struct comparison *compare_for_gate(void) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            double off = (double)run - 1;

            add(comparison, side, "6.1",
                json_pack("[o, o]", new_case("net", 64, "rate", "higher", side ? 70 + off : 100 + off, 0.01),
                          new_case("mem", 1, "rate", "higher", (side ? 92 : 100) + 4 * off, 0.001)));
        }
    finish(comparison);
    return comparison;
}

#endif
