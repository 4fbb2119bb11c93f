/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What exits cost, by their reason, from counts that are made up. */
#include "unit/results/compare/explained.h"

#include "compare/explain/explain_exits.h"

#include "unit/descriptors.h"

/* 2,000 a second at 0.1 ms are 20% of the time, 40% of what is added; with 48,000 others at 2 us 9.6% of it
 * more, 19.2% of what is added. */
static void explain__exits_to_devices_have_a_price_of_their_own(void **state) {
    struct comparison *comparison = compare_devices(NULL, false);
    cleanup_free char *alone = explain_sentence(comparison, find(comparison, "rate"));
    struct explanation found;

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.exits, 0.4);
    expect(found.device_exits_per_s, 2000);
    expect(found.switches_per_s, 600);
    expect(1e6 * found.prices.device_s, 100);
    assert_non_null(strstr(alone,
                           "; exits go together with 40% of it (2000 a second to the device model, 100.0 us "
                           "each); 60% stays"));
    compare_free(comparison);
    comparison = compare_devices("25000", false);
    cleanup_free char *both = explain_sentence(comparison, find(comparison, "rate"));

    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.exits, 0.592);
    assert_non_null(
        strstr(both, "with 59% of it (50000 a second, 2.000 us each; of them 2000 a second to the device "
                     "model, 100.0 us each)"));
    compare_free(comparison);
}

/* 25,000 exits in half a second, of them 1,000 for ports at 0.1 ms and 5,000 to wait, which have CPUID's
 * price of 2 us as 19,000 others have: 20% and 9.6% of the time, 59.2% of what is added. */
static void explain__reasons_have_prices_of_their_own(void **state) {
    struct comparison *comparison = compare_devices("25000", true);
    cleanup_free char *sentence = explain_sentence(comparison, find(comparison, "rate"));
    json_auto_t *json = explain_json(comparison, find(comparison, "rate"));
    const json_t *reasons = json_object_get(json, "reasons");
    struct explanation found;

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.exits, 0.592);
    expect(found.reasons_per_s[HOST_REASON_PORT], 2000);
    expect(found.reasons_per_s[HOST_REASON_HALT], 10000);
    assert_true(isnan(found.reasons_per_s[HOST_REASON_DISK]));
    assert_non_null(strstr(sentence,
                           "with 59% of it (50000 a second: 2000 for I/O ports at 100.0 us, 10000 to wait at "
                           "2.000 us, 38000 others); 41% stays"));
    assert_int_equal(json_array_size(reasons), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(reasons, 1), "fact")),
                        "host_exits_halt");
    expect(json_number_value(json_object_get(json_array_get(reasons, 1), "per_s")), 10000);
    expect(1e6 * json_number_value(json_object_get(json_array_get(reasons, 0), "each_s")), 100);
    assert_document(comparison, find(comparison, "rate"));
    compare_free(comparison);
}

/* Reasons are read a little later than all exits, so that together they may be more: then they are all there
 * were. */
static void explain__more_of_the_reasons_than_of_all(void **state) {
    struct comparison *comparison = compare_devices("5900", true);
    cleanup_free char *sentence = explain_sentence(comparison, find(comparison, "rate"));
    cleanup_free char *devices = NULL;
    struct explanation found;
    size_t size;
    FILE *file = open_memstream(&devices, &size);

    (void)state;
    assert_non_null(strstr(sentence,
                           "with 44% of it (12000 a second: 2000 for I/O ports at 100.0 us, 10000 to wait at "
                           "2.000 us); 56% stays"));
    explain_row(comparison, find(comparison, "rate"), &found);
    for (size_t i = 0; i < HOST_REASONS; i++)
        found.reasons_per_s[i] = NAN;
    found.exits_per_s = 1990;
    explain_exits_write(file, &found);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(
        devices, "2000 a second, 2.000 us each; of them 2000 a second to the device model, 100.0 us each");
    compare_free(comparison);
}

/* Of Xen's guests the events are known, and no exits. */
static void explain__events_without_exits(void **state) {
    struct comparison *comparison = compare_devices(NULL, true);
    cleanup_free char *sentence = explain_sentence(comparison, find(comparison, "rate"));

    (void)state;
    assert_non_null(strstr(sentence,
                           "with 44% of it (12000 a second: 2000 for I/O ports at 100.0 us, 10000 to wait at "
                           "2.000 us); 56% stays"));
    compare_free(comparison);
}

/* Where an exit costs no more than in the baseline, what there were most of is said, without a price. */
static void explain__exits_that_cost_nothing(void **state) {
    struct comparison *comparison = compare_devices("25000", true);
    struct explanation found;
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    for (size_t i = 0; i < HOST_REASONS; i++)
        found.prices.reason_s[i] = -1e-9;
    explain_exits_write(file, &found);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, "50000 a second: 10000 to wait, 2000 for I/O ports, 38000 others");
    compare_free(comparison);
}

/* A guest at half of native's rate beside a case of the module that prices an exit, or of the one that finds
 * what is taken; exits are counted in any case. */
static struct comparison *compare_with_one(const char *module, const char *metric, const char *unit) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++)
            add(comparison, side, "6.1",
                json_pack("[o, o]",
                          with_facts(new_case("net", 64, "rate", "higher", side ? 50 : 100, 0.001), NULL,
                                     side ? "50000" : NULL),
                          of_module(new_case("e", 1, metric, "lower", side ? 0.06 : 0.01, 0), module, unit)));
    finish(comparison);
    return comparison;
}

/* The note names the module that was not run, and only that. */
static void explain__the_note_names_what_is_missing(void **state) {
    static const struct {
        const char *module, *metric, *unit, *missing, *there;
    } rows[] = {{"exits", "cpuid", "s", "the module stall", "the module exits"},
                {"stall", "hidden", "1", "the module exits", "the module stall"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = compare_with_one(rows[i].module, rows[i].metric, rows[i].unit);
        cleanup_free char *note = explain_note(comparison);

        assert_non_null(strstr(note, rows[i].missing));
        assert_null(strstr(note, rows[i].there));
        compare_free(comparison);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain__exits_to_devices_have_a_price_of_their_own),
        cmocka_unit_test(explain__reasons_have_prices_of_their_own),
        cmocka_unit_test(explain__more_of_the_reasons_than_of_all),
        cmocka_unit_test(explain__events_without_exits),
        cmocka_unit_test(explain__exits_that_cost_nothing),
        cmocka_unit_test(explain__the_note_names_what_is_missing),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
