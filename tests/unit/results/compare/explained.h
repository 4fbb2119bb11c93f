/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons with counts that are made up, for the tests of what explains a loss. */
#ifndef VMSUITE_TESTS_UNIT_RESULTS_COMPARE_EXPLAINED_H
#define VMSUITE_TESTS_UNIT_RESULTS_COMPARE_EXPLAINED_H

#include "unit/results/compare/compared.h"

#include "compare/explain/explain.h"
#include "record/write/record.h"

/* Trials of half a second each. */
static inline json_t *with_facts(json_t *case_json, const char *cpu, const char *exits) {
    json_t *trial;
    size_t i;

    json_array_foreach (json_object_get(case_json, "trials"), i, trial) {
        json_t *facts = json_array();

        json_object_set_new(trial, "duration_s", json_real(0.5));
        if (cpu)
            json_array_append_new(facts, json_pack("{s:s, s:s}", "key", RECORD_FACT_HOST_CPU, "value", cpu));
        if (exits)
            json_array_append_new(facts,
                                  json_pack("{s:s, s:s}", "key", RECORD_FACT_HOST_EXITS, "value", exits));
        json_object_set_new(trial, "facts", facts);
    }
    return case_json;
}

static inline json_t *of_module(json_t *case_json, const char *module, const char *unit) {
    json_object_set_new(case_json, "module", json_string(module));
    json_object_set_new(json_array_get(json_object_get(case_json, "summary"), 0), "unit", json_string(unit));
    return case_json;
}

/* The module that prices an exit, and what the sides' monitors ran in half a second. */
struct halved {
    const char *pricer, *unit, *cpu[2];
    double steal[2]; /* of trials; 0: none is recorded */
    bool fails;      /* one trial of each case does, with other counts */
};
static const struct halved usual = {"exits", "1/s", {"0.1", "0.4"}, {0, 0}, false};

static inline json_t *with_steal(json_t *case_json, double steal, bool fails) {
    json_t *trials = json_object_get(case_json, "trials"), *trial;
    size_t i;

    json_array_foreach (trials, i, trial)
        if (steal > 0)
            json_object_set_new(trial, "noise", json_pack("{s:f}", "steal", steal));
    if (fails) {
        trial = json_array_get(trials, 0);
        json_object_set_new(trial, "status", json_string("failed"));
        json_object_set_new(trial, "reason", json_string("so"));
        json_object_set_new(trial, "metrics", json_array());
        json_object_set_new(trial, "duration_s", json_real(100));
        json_object_set_new(trial, "noise", json_pack("{s:f}", "steal", 0.9));
    }
    return case_json;
}

/* A guest at half of native's rate: half of its time is added. */
static inline struct comparison *compare_as(const struct halved *halved, bool counted) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *rate = new_case("net", 64, "rate", "higher", side ? 50 : 100, 0.001);

            if (counted) /* 0.4 s in half a second, 0.1 in native; 100,000 exits a second */
                rate = with_facts(rate, halved->cpu[side], side ? "50000" : NULL);
            rate = with_steal(of_module(rate, "fake", halved->unit), halved->steal[side], halved->fails);
            add(comparison, side, "6.1",
                counted ? json_pack("[o, o, o]", rate,
                                    of_module(new_case("e", 1, "cpuid", "lower", side ? 2.1e-6 : 1e-7, 0),
                                              halved->pricer, "s"),
                                    of_module(new_case("s", 1, "hidden", "lower", side ? 0.06 : 0.01, 0),
                                              "stall", "1"))
                        : json_pack("[o]", rate));
        }
    finish(comparison);
    return comparison;
}

static inline struct comparison *compare_halved(bool counted) {
    return compare_as(&usual, counted);
}

static const struct compare_row *find(const struct comparison *comparison, const char *metric) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (strcmp(comparison->rows[i].metric->name, metric) == 0)
            return &comparison->rows[i];
    fail_msg("there is no row of %s", metric);
    return NULL;
}

static inline void expect(double value, double expected) {
    if (!(fabs(value - expected) < 1e-3))
        fail_msg("%g instead of %g", value, expected);
}

static inline void add_to_trials(json_t *case_json, const char *key, const char *value) {
    json_t *trial;
    size_t i;

    json_array_foreach (json_object_get(case_json, "trials"), i, trial)
        json_array_append_new(json_object_get(trial, "facts"),
                              json_pack("{s:s, s:s}", "key", key, "value", value));
}

/* A guest at half of native's rate, whose device model answers 2,000 of its exits a second (all that are
 * known, where `exits` is NULL) at 0.1 ms; with `reasons` these are for ports, and 10,000 others to wait. */
static inline struct comparison *compare_devices(const char *exits, bool reasons) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *rate = with_facts(new_case("net", 64, "rate", "higher", side ? 50 : 100, 0.001), NULL,
                                      side ? exits : NULL);

            if (side)
                add_to_trials(rate, RECORD_FACT_DEVICE_EXITS, "1000");
            if (side)
                add_to_trials(rate, RECORD_FACT_HOST_SWITCHES, "300");
            if (side && reasons) {
                add_to_trials(rate, "host_exits_port", "1000");
                add_to_trials(rate, "host_exits_halt", "5000");
            }
            add(comparison, side, "6.1",
                json_pack(
                    "[o, o, o]", rate,
                    of_module(new_case("e", 1, "cpuid", "lower", side ? 2.1e-6 : 1e-7, 0), "exits", "s"),
                    of_module(new_case("p", 1, "port_80", "lower", side ? 1.01e-4 : 1e-6, 0), "exits", "s")));
        }
    finish(comparison);
    return comparison;
}

/* Each number of a row's explanation is in the document under its name, as null where there is none. */
static inline void assert_document(const struct comparison *comparison, const struct compare_row *row) {
    json_auto_t *json = explain_json(comparison, row);
    struct explanation found;

    explain_row(comparison, row, &found);
    const struct {
        const char *name;
        double number;
    } members[] = {
        {"added", found.added},
        {"exits", found.exits},
        {"exits_per_s", found.exits_per_s},
        {"exit_s", found.prices.exit_s},
        {"device_exits_per_s", found.device_exits_per_s},
        {"device_exit_s", found.prices.device_s},
        {"switches_per_s", found.switches_per_s},
        {"processor", found.processor},
        {"baseline_processors", found.processors[0]},
        {"other_processors", found.processors[1]},
        {"in_guest", found.in_guest},
        {"stalls", found.stalls},
        {"steal", found.steal},
        {"hidden", found.hidden},
        {"unexplained", found.unexplained},
    };
    assert_int_equal(json_object_size(json), VMS_LENGTH(members) + 2); /* "reasons" and "sentence" */
    for (size_t i = 0; i < VMS_LENGTH(members); i++) {
        const json_t *value = json_object_get(json, members[i].name);

        if (isnan(members[i].number) ? !json_is_null(value) : json_number_value(value) != members[i].number)
            fail_msg("%s is %g instead of %g", members[i].name, json_number_value(value), members[i].number);
    }
}

#endif
