/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/record_check.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <vmsuite/module.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct found {
    size_t n;
    char all[4096];
};

static void note(void *context, const char *path, const char *sentence) {
    struct found *found = context;

    size_t used = strlen(found->all);

    found->n++;
    (void)snprintf(found->all + used, sizeof(found->all) - used, "%s: %s\n", path, sentence);
}

static struct found check(const json_t *record) {
    struct found found = {0};

    record_check(record, note, &found);
    return found;
}

static json_t *new_golden(void) {
    cleanup_free char *path = NULL;

    assert_true(asprintf(&path, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) > 0);
    return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

static void record_check__a_good_record_is_good(void **state) {
    json_auto_t *record = new_golden();
    struct found found = check(record);

    (void)state;
    assert_string_equal(found.all, "");
    assert_int_equal(found.n, 0);
}

/* Members that may hold anything of their type, with all that is below them. */
static bool is_free(const char *key, const json_t *value) {
    static const char *const keys[] = {"params", "facts", "flags", "noise", "clock", "deadline_s"};
    static const char *const texts[] = {"group", "module", "path", "cpus", "reason", "role"};

    for (size_t i = 0; i < VMS_LENGTH(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        if (strcmp(key, texts[i]) == 0)
            return json_is_string(value);
    return strcmp(key, "workload_version") == 0 && !json_is_integer(value);
}

/* Another value than this, for a leaf. */
static json_t *new_spoilt(const json_t *value) {
    if (json_is_number(value))
        return json_is_integer(value) ? json_integer(-json_integer_value(value) - 1)
                                      : json_real(-json_number_value(value) - 1);
    return json_is_null(value) ? json_integer(12345) : json_string("spoilt");
}

static size_t spoil_below(const json_t *record, json_t *parent);

static size_t spoil(const json_t *record, const char *key, json_t *value, json_t *parent, size_t index) {
    json_t *kept;
    struct found found;

    /* Nothing is known of a metric that was never measured. */
    if (is_free(key, value) || (strcmp(key, "metric") == 0 && json_is_null(json_object_get(parent, "mean"))))
        return 0;
    if (json_is_object(value) || json_is_array(value))
        return spoil_below(record, value);
    kept = json_incref(value);
    if (json_is_array(parent))
        json_array_set_new(parent, index, new_spoilt(value));
    else
        json_object_set_new(parent, key, new_spoilt(value));
    found = check(record);
    if (found.n == 0)
        fail_msg("a spoilt \"%s\" is not seen", key);
    if (json_is_array(parent))
        json_array_set_new(parent, index, kept);
    else
        json_object_set_new(parent, key, kept);
    return 1;
}

/* Spoils every leaf in turn; returns how many they were. */
static size_t spoil_below(const json_t *record, json_t *parent) {
    json_t *value;
    const char *key;
    void *next;
    size_t index, n = 0;

    json_array_foreach (parent, index, value)
        n += spoil(record, "", value, parent, index);
    if (json_is_object(parent))
        json_object_foreach_safe(parent, next, key, value) n += spoil(record, key, value, parent, 0);
    return n;
}

/* Files are named after them. */
static void record_check__sees_names_that_are_none(void **state) {
    static const struct {
        const char *key, *value, *problem;
    } rows[] = {
        {"configuration", "../../x", "$.configuration: \"../../x\": a name must be 1 to 64 letters"},
        {"configuration", "a/b", "$.configuration: \"a/b\""},
        {"configuration", ".hidden", "$.configuration: \".hidden\""},
        {"configuration", "two words", "$.configuration: \"two words\""},
        {"run_id", "../../x", "$.run_id: \"../../x\" is not a UUID"},
        {"run_id", "5F3C4A8E-0000-4000-8000-000000000000", "$.run_id: "},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *record = new_golden();
        struct found found;

        json_object_set_new(record, rows[i].key, json_string(rows[i].value));
        found = check(record);
        assert_int_equal(found.n, 1);
        assert_memory_equal(found.all, rows[i].problem, strlen(rows[i].problem));
    }
}

static void record_check__sees_every_spoilt_figure(void **state) {
    json_auto_t *record = new_golden();

    (void)state;
    assert_true(spoil_below(record, json_object_get(record, "cases")) > 200);
    assert_int_equal(check(record).n, 0);
}

/* Each with the object that it is merged into: the case, or one of its trials. */
static const struct {
    const char *what; /* "case", "trial", "metric" */
    size_t outcome, trial;
    const char *members, *says;
} deeds[] = {
    {"trial", 0, 0, "{\"duration_s\": -86397}", "a duration is not negative"},
    {"trial", 0, 1, "{\"trial\": 1}", "each larger than the one before"},
    {"trial", 0, 0, "{\"metrics\": []}", "but it has no figures"},
    {"trial", 0, 0, "{\"status\": \"failed\", \"reason\": \"x\"}", "but it has figures"},
    {"trial", 0, 0, "{\"reason\": \"x\"}", "status \"ok\" has a reason"},
    {"trial", 2, 1, "{\"reason\": null}", "needs a reason"},
    {"case", 0, 0, "{\"trials_wanted\": 7}", "status \"ok\", but only 3 of 7 trials were made"},
    {"case", 0, 0, "{\"trials_wanted\": 1}", "it has 3 trials, but 1 were wanted"},
    {"case", 2, 0, "{\"status\": \"ok\", \"reason\": null}", "but trial 2 is \"failed\""},
    {"case", 1, 0, "{\"case\": 1}", "each larger than the one before"},
    {"case", 0, 0, "{\"summary\": []}", "has no summary"},
    {"trial", 0, 0, "{\"start_s\": -0.25}", "no trial begins before its run"},
};

static void record_check__says_what_cannot_be(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(deeds); i++) {
        json_auto_t *record = new_golden(), *members = json_loads(deeds[i].members, 0, NULL);
        json_t *target = json_array_get(json_object_get(record, "cases"), deeds[i].outcome);
        struct found found;
        char path[64];

        if (strcmp(deeds[i].what, "trial") == 0)
            target = json_array_get(json_object_get(target, "trials"), deeds[i].trial);
        assert_int_equal(json_object_update(target, members), 0);
        found = check(record);
        (void)snprintf(path, sizeof(path), "$.cases[%zu]", deeds[i].outcome);
        if (strcmp(deeds[i].what, "trial") == 0)
            (void)snprintf(path, sizeof(path), "$.cases[%zu].trials[%zu]: ", deeds[i].outcome,
                           deeds[i].trial);
        if (!strstr(found.all, deeds[i].says) || !strstr(found.all, path))
            fail_msg("%s: %s", deeds[i].members, found.all);
    }
}

static void expect_said(const json_t *record, const char *key) {
    struct found found = check(record);
    char says[64];

    (void)snprintf(says, sizeof(says), "\"%s\" is not what the values give", key);
    if (found.n != 1 || !strstr(found.all, says))
        fail_msg("%s: %s", key, found.all);
}

/* Each figure of a summary is a little larger than its values give, and still one that could be. */
static void record_check__holds_summaries_to_their_values(void **state) {
    json_auto_t *record = new_golden();
    json_t *outcome = json_array_get(json_object_get(record, "cases"), 0), *value;
    json_t *summary = json_array_get(json_object_get(outcome, "summary"), 0);
    const char *key;
    size_t n = 0;
    void *next;

    (void)state;
    json_object_foreach_safe(summary, next, key, value) {
        json_t *kept = json_deep_copy(value);

        for (size_t i = 0; i < json_array_size(value); i++, n++) {
            json_array_set_new(value, i, json_real(1 + json_number_value(json_array_get(value, i))));
            expect_said(record, key);
            json_array_set_new(value, i, json_copy(json_array_get(kept, i)));
        }
        if (json_is_number(value)) {
            json_object_set_new(summary, key,
                                json_is_integer(value) ? json_integer(1 + json_integer_value(value))
                                                       : json_real(1 + json_number_value(value)));
            expect_said(record, key);
            json_object_set_new(summary, key, json_copy(kept));
            n++;
        }
        json_decref(kept);
    }
    assert_int_equal(n, 14); /* of which four are the ends of intervals */
    assert_int_equal(check(record).n, 0);
}

#define SET_ID "\"id\": \"u\", "

/* Whole members of the record; NULL: they are good. */
static void record_check__of_the_whole(void **state) {
    static const struct {
        const char *key, *value, *says;
    } rows[] = {
        {"run_set", "{" SET_ID "\"run\": 1, \"runs\": 1}", NULL},
        {"run_set", "{" SET_ID "\"run\": 2, \"runs\": 2}", NULL},
        {"run_set", "{" SET_ID "\"run\": 0, \"runs\": 2}", "$.run_set.run: 0 of 2: from 1 to \"runs\""},
        {"run_set", "{" SET_ID "\"run\": 3, \"runs\": 2}", "$.run_set.run: 3 of 2: from 1 to \"runs\""},
        {"run_set", "{\"run\": 1, \"runs\": 2}", "$.run_set.id: is missing"},
        {"run_set", "{" SET_ID "\"run\": 1, \"runs\": 2, \"looks\": {\"first\": 1, \"error\": 0.05}}", NULL},
        {"run_set", "{" SET_ID "\"run\": 1, \"runs\": 2, \"looks\": {\"first\": 0, \"error\": 0.05}}",
         "$.run_set.looks.first: 1 or more is wanted"},
        {"run_set", "{" SET_ID "\"run\": 1, \"runs\": 2, \"looks\": {\"first\": 1, \"error\": 0}}",
         "$.run_set.looks.error: 0 is not between 0 and 1"},
        {"run_set", "{" SET_ID "\"run\": 1, \"runs\": 2, \"looks\": {\"first\": 1, \"error\": 1.0}}",
         "$.run_set.looks.error: 1 is not between 0 and 1"},
        {"duration_s", "0", NULL},
        {"duration_s", "-0.5", "$.duration_s: -0.5 s: a duration is not negative"},
        {"labels", "{}", NULL},
        {"labels", "{\"a\": \"b\"}", NULL},
        {"labels", "{\"a\": \"b\", \"c\": 1}", "$.labels: \"c\" must be a text"},
        {"labels", "[]", "$.labels: must be an object of texts"},
        {"status", "\"fine\"", "$.status: \"fine\" is not a status"},
        {"schema", "\"vmsuite.record/2\"", "$.schema: \"vmsuite.record/2\" is unknown"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *record = new_golden();
        struct found found;

        json_object_set_new(record, rows[i].key, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        found = check(record);
        if (found.n != (rows[i].says ? 1 : 0) ||
            (rows[i].says && strstr(found.all, rows[i].says) != found.all))
            fail_msg("%s %s: %s", rows[i].key, rows[i].value, found.all);
    }
}

static void record_check__sees_a_figure_that_is_there_twice(void **state) {
    json_auto_t *record = new_golden();
    json_t *outcome = json_array_get(json_object_get(record, "cases"), 0);
    json_t *metrics = json_object_get(json_array_get(json_object_get(outcome, "trials"), 0), "metrics");

    (void)state;
    json_array_append(metrics, json_array_get(metrics, 0));
    assert_non_null(strstr(check(record).all, "two figures"));
}

static void record_check__a_run_is_as_good_as_its_cases(void **state) {
    json_auto_t *record = new_golden();

    (void)state;
    json_object_set_new(record, "status", json_string("ok"));
    assert_non_null(strstr(check(record).all, "\"ok\", but case 3 is"));
    json_object_set_new(record, "duration_s", json_real(-1));
    assert_non_null(strstr(check(record).all, "not negative"));
    json_object_set_new(record, "schema", json_string("vmsuite.record/2"));
    assert_non_null(strstr(check(record).all, "is unknown: this program reads"));
}

/* What must be there, each left out and of another type in turn. */
static void record_check__misses_each_member(void **state) {
    static const char *const keys[] = {"schema", "run_id",      "configuration", "started_at", "suite",
                                       "cases",  "environment", "warnings",      "status"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(keys); i++) {
        json_auto_t *record = new_golden();
        char expected[64];

        (void)snprintf(expected, sizeof(expected), "\"%s\" is missing", keys[i]);
        assert_int_equal(json_object_del(record, keys[i]), 0);
        if (!strstr(check(record).all, expected))
            fail_msg("%s: %s", expected, check(record).all);
        (void)snprintf(expected, sizeof(expected), "\"%s\" is of the wrong type", keys[i]);
        json_object_set_new(record, keys[i], json_true());
        if (!strstr(check(record).all, expected))
            fail_msg("%s: %s", expected, check(record).all);
    }
}

/* A percentile that lies in order, but is not what the values give; figures of a distribution that has
 * none. */
static void record_check__holds_distributions_to_their_values(void **state) {
    static const struct {
        const char *members, *says;
    } rows[] = {
        {"{\"mean\": 8e-5}", "\"mean\" is not what the values give"},
        {"{\"sd\": 1e-4}", "\"sd\" is not what the values give"},
        {"{\"n\": 6}", "has 5 values, and \"n\" is not that"},
        {"{\"value\": 3.6e-5}", "\"value\" is not what the values give"},
        {"{\"percentiles\": [{\"q\": 0.5, \"value\": 3.5177720776841334e-05}, {\"q\": 0.9, \"value\": "
         "0.0001735434}]}",
         "\"percentiles\" is not what the values give"},
        {"{\"percentiles\": [{\"q\": 0.9, \"value\": 1}, {\"q\": 0.99, \"value\": 0.5}]}", "do not rise"},
        {"{\"percentiles\": [{\"q\": 0.9, \"value\": 1}, {\"q\": 0.9, \"value\": 2}]}", "do not rise"},
        {"{\"percentiles\": [{\"q\": 1.5, \"value\": 1}]}", "1.5 is not a quantile"},
        {"{\"percentiles\": [{\"q\": -0.5, \"value\": 1}]}", "-0.5 is not a quantile"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *record = new_golden(), *members = json_loads(rows[i].members, 0, NULL);
        json_t *trial =
            json_array_get(json_object_get(json_array_get(json_object_get(record, "cases"), 0), "trials"), 0);
        struct found found;

        assert_int_equal(json_object_update(json_array_get(json_object_get(trial, "metrics"), 1), members),
                         0);
        found = check(record);
        if (!strstr(found.all, rows[i].says))
            fail_msg("%s: %s", rows[i].members, found.all);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_check__a_good_record_is_good),
        cmocka_unit_test(record_check__sees_names_that_are_none),
        cmocka_unit_test(record_check__sees_every_spoilt_figure),
        cmocka_unit_test(record_check__says_what_cannot_be),
        cmocka_unit_test(record_check__holds_summaries_to_their_values),
        cmocka_unit_test(record_check__of_the_whole),
        cmocka_unit_test(record_check__sees_a_figure_that_is_there_twice),
        cmocka_unit_test(record_check__a_run_is_as_good_as_its_cases),
        cmocka_unit_test(record_check__misses_each_member),
        cmocka_unit_test(record_check__holds_distributions_to_their_values),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
