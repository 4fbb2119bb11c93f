/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the counts of the runs say about a loss, from counts that are made up. */
#include "compare/formats/formats.h"
#include "unit/results/compare/explained.h"

#include "report/report_parts.h"

#include "unit/descriptors.h"

/* Exits: 100,000 a second of 2 us are 20% of the time, 40% of what is added. Processor time: 0.8 less 0.2/2
 * is 70%, more than what is added, so all of it. Stalls: 5% of the time, 10% of what is added. */
static void explain__shares_of_what_is_added(void **state) {
    struct comparison *comparison = compare_halved(true);
    struct explanation found;

    (void)state;
    assert_true(explain_wants(find(comparison, "rate")));
    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.added, 0.5);
    expect(found.exits_per_s, 100000);
    expect(1e6 * found.prices.exit_s, 2);
    expect(found.exits, 0.4);
    expect(found.processors[1], 0.8);
    expect(found.processors[0], 0.2);
    expect(found.processor, 1);
    expect(found.hidden, 0.05);
    expect(found.stalls, 0.1);
    expect(found.unexplained, 0);
    compare_free(comparison);
}

/* Processor time: 0.4 less 0.2/2 is 30%, 60% of what is added, and exits are a part of it: 30% stay
 * unexplained beside the stalls' 10%. The module cpu prices an exit as well. */
static void explain__processor_time_holds_the_exits(void **state) {
    static const struct halved halved = {"cpu", "1/s", {"0.1", "0.2"}, {0, 0}, false};
    struct comparison *comparison = compare_as(&halved, true);
    struct explanation found;

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.exits, 0.4);
    expect(found.processor, 0.6);
    expect(found.stalls, 0.1);
    expect(found.unexplained, 0.3);
    compare_free(comparison);
}

/* Steal is the rise over the baseline's, and adds to what is hidden; trials that failed count for nothing. */
static void explain__steal_is_what_rose(void **state) {
    static const struct halved halved = {"exits", "1/s", {"0.1", "0.2"}, {0.05, 0.2}, true};
    struct comparison *comparison = compare_as(&halved, true);
    struct explanation found;

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    expect(found.steal, 0.15);
    expect(found.stalls, (0.15 + 0.05) / 0.5);
    expect(found.processors[0], 0.2);
    expect(found.processors[1], 0.4);
    compare_free(comparison);
}

/* For 10^9 bytes, in whatever unit the rate is, by the side's own rate. */
static void explain__the_bill_is_for_bytes(void **state) {
    static const struct {
        const char *unit;
        double seconds[2]; /* 0: there is no unit of work */
    } rows[] = {{"B/s", {2e6, 16e6}}, {"bit/s", {16e6, 128e6}}, {"flop/s", {0, 0}}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct halved halved = {"exits", rows[i].unit, {"0.1", "0.4"}, {0, 0}, false};
        struct comparison *comparison = compare_as(&halved, true);

        for (size_t side = 0; side < 2; side++) {
            char bill[EXPLAIN_BILL_SIZE];
            double processors = 0, seconds = 0;
            int n;

            explain_bill(find(comparison, "rate"), side, bill);
            n = sscanf(bill, "%lf processors, %lf s per 10^9 bytes", &processors, &seconds);
            assert_int_equal(n, rows[i].seconds[side] > 0 ? 2 : 1);
            expect(processors, side ? 0.8 : 0.2);
            expect(seconds / 1e6, rows[i].seconds[side] / 1e6);
            assert_true(n == 1 || strstr(bill, " s per 10^9 bytes"));
        }
        compare_free(comparison);
    }
}

static void explain__in_words(void **state) {
    struct comparison *comparison = compare_halved(true);
    cleanup_free char *sentence = explain_sentence(comparison, find(comparison, "rate"));
    cleanup_free char *note = explain_note(comparison);
    char bill[EXPLAIN_BILL_SIZE];

    (void)state;
    assert_string_equal(
        sentence,
        "net rate, guest: 2.0x slower, so 50% of its time is extra; exits go together with 40% of it "
        "(100000 a second, 2.000 us each); processor time of the monitor with 100%, exits included (0.80 "
        "processors busy, 0.20 in the baseline); stalls with 10% (5% hidden more than in the "
        "baseline); 0% stays unexplained");
    assert_non_null(strstr(note, "not a proof of its cause"));
    assert_null(strstr(note, "debugfs"));
    assert_true(explain_knows(comparison));
    explain_bill(find(comparison, "rate"), 1, bill);
    assert_string_equal(bill, "0.80 processors, 16.00 ms per operation");
    explain_bill(find(comparison, "cpuid"), 1, bill);
    assert_string_equal(bill, "");
    compare_free(comparison);
}

/* Without counts nothing is explained, and the note says what would have to be measured. */
static void explain__without_counts_all_stays_unexplained(void **state) {
    struct comparison *comparison = compare_halved(false);
    cleanup_free char *sentence = explain_sentence(comparison, find(comparison, "rate"));
    cleanup_free char *note = explain_note(comparison);
    struct explanation found;

    (void)state;
    explain_row(comparison, find(comparison, "rate"), &found);
    assert_true(isnan(found.exits) && isnan(found.processor) && isnan(found.stalls));
    expect(found.unexplained, 1);
    assert_false(explain_knows(comparison));
    assert_string_equal(sentence,
                        "net rate, guest: 2.0x slower, so 50% of its time is extra; 100% stays unexplained");
    assert_non_null(strstr(note, "KVM's debugfs"));
    assert_non_null(strstr(note, "the module stall"));
    compare_free(comparison);
}

/* Half a trial may be stolen: the median of its operations stays what it is. */
static void explain__stalls_move_no_median(void **state) {
    struct comparison *comparison = compare_halved(true);
    struct compare_row row = *find(comparison, "rate");
    struct explanation found;

    (void)state;
    row.median = true;
    explain_row(comparison, &row, &found);
    assert_true(isnan(found.stalls));
    expect(found.exits, 0.4);
    compare_free(comparison);
}

/* A baseline that no monitor runs: of the other's 0.8 processors 0.5 ran the guest itself, 0.3 are added, 60%
 * of what is added. */
static void explain__a_monitor_by_itself(void **state) {
    struct comparison *comparison = start(&defaults);
    cleanup_free char *sentence = NULL;
    struct explanation found;

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *rate = with_facts(new_case("net", 64, "rate", "higher", side ? 50 : 100, 0.001),
                                      side ? "0.4" : NULL, NULL);

            if (side)
                add_to_trials(rate, RECORD_FACT_HOST_GUEST, "0.25");
            add(comparison, side, "6.1", json_pack("[o]", rate));
        }
    finish(comparison);
    explain_row(comparison, find(comparison, "rate"), &found);
    sentence = explain_sentence(comparison, find(comparison, "rate"));
    expect(found.processor, 0.6);
    assert_non_null(
        strstr(sentence, "; processor time of the monitor with 60% of it (0.80 processors busy, 0.50 of them "
                         "in the guest itself)"));
    compare_free(comparison);
}

/* 0.8 processors at 50 operations a second are 16 ms each; in native 0.2 at 100 are 2 ms. */
static void explain__what_the_host_pays_is_a_metric(void **state) {
    struct comparison *comparison = compare_halved(true);
    const struct compare_row *row = find(comparison, "host_cpu_per_transaction");

    (void)state;
    expect(row->figures[0].value, 0.002);
    expect(row->figures[1].value, 0.016);
    assert_false(row->headline);
    compare_free(comparison);
    comparison = compare_devices("25000", false); /* nobody counted the monitor's time */
    for (size_t i = 0; i < comparison->n_rows; i++)
        assert_string_not_equal(comparison->rows[i].metric->name, "host_cpu_per_transaction");
    assert_int_equal(comparison->n_refusals, 0);
    compare_free(comparison);
}

static void explain__in_formats_for_programs(void **state) {
    struct comparison *comparison = compare_halved(true);
    json_auto_t *of_loss = explain_json(comparison, find(comparison, "rate"));
    json_auto_t *of_none = NULL;

    (void)state;
    expect(json_number_value(json_object_get(of_loss, "exits")), 0.4);
    expect(json_number_value(json_object_get(of_loss, "other_processors")), 0.8);
    assert_true(json_is_null(json_object_get(of_loss, "device_exits_per_s")));
    assert_non_null(strstr(json_string_value(json_object_get(of_loss, "sentence")), "stays unexplained"));
    assert_document(comparison, find(comparison, "rate"));
    compare_free(comparison);
    comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.001),
                             new_case("net", 64, "rate", "higher", 100, 0.001), &defaults);
    of_none = explain_json(comparison, &comparison->rows[0]);
    assert_true(json_is_null(of_none));
    compare_free(comparison);
}

static void expect_written(const struct comparison *comparison, const char *format, bool why, bool details,
                           const char *text) {
    const struct compare_view view = {.why = why, .details = details};
    cleanup_free char *written = NULL;
    struct vms_error error = {""};
    size_t size;
    FILE *file = open_memstream(&written, &size);

    assert_non_null(file);
    assert_int_equal(compare_write(file, comparison, format, &view, &error), 0);
    assert_int_equal(fclose(file), 0);
    if (!strstr(written, text))
        fail_msg("\"%s\" is not in\n%s", text, written);
}

static void explain__is_written_where_it_is_asked_for(void **state) {
    struct comparison *comparison = compare_halved(true);

    (void)state;
    expect_written(comparison, "table", true, false,
                   "\nWhy\n  net rate, guest: 2.0x slower, so 50% of its time");
    expect_written(comparison, "markdown", true, false,
                   "\n#### Why\n\n- net rate, guest: 2.0x slower, so 50% of its");
    expect_written(comparison, "table", true, false, "\nShares are of the extra time that a case takes; ");
    expect_written(comparison, "markdown", true, false, "\nShares are of the extra time that a case takes; ");
    expect_written(comparison, "json", false, false, "\"explained\": {");
    expect_written(comparison, "csv", false, false, ",1,0.1,0,0.2");
    expect_written(comparison, "junit", true, false, "]\nnet rate, guest: 2.0x slower, so 50% of its");
    expect_written(comparison, "junit", false, false, "]</system-out>");
    expect_written(comparison, "table", false, false,
                   "\nnetwork\n         native         guest   host pays\n");
    expect_written(comparison, "table", false, false,
                   "\n  net rate\n       100.0 /s      50.00 /s 16.00 ms/op  ");
    expect_written(comparison, "markdown", false, false,
                   "interval\\] | host pays |\n|---|--:|--:|---|---|\n");
    expect_written(
        comparison, "markdown", false, false,
        " | 0.80 processors, 16.00 ms per operation; baseline: 0.20 processors, 2.000 ms per operation |\n");
    expect_written(comparison, "json", false, false, "\"host_cpu_per_transaction\": 0.016");
    expect_written(comparison, "table", false, true,
                   "host pays: 0.80 processors, 16.00 ms per operation; baseline: 0.20");
    compare_free(comparison);
    comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.001),
                             new_case("net", 64, "rate", "higher", 100, 0.001), &defaults);
    expect_written(comparison, "table", true, false, "\nWhy\n  no loss is sure");
    compare_free(comparison);
}

/* A heading is above its columns, however long it is, with nothing between them. */
static void explain__below_a_long_heading(void **state) {
    struct comparison *comparison = start(&defaults);
    const char *const labels[] = {"native", "guest", "a guest with all that its vendor has to offer"};
    struct vms_error error = {""};

    (void)state;
    for (size_t side = 0; side < VMS_LENGTH(labels); side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *rate =
                with_facts(new_case("net", 64, "rate", "higher", side ? 50 : 100, 0.001), "0.4", NULL);
            json_auto_t *record = new_record("6.1", json_pack("[o]", rate));

            assert_int_equal(compare_add_record(comparison, side, labels[side], "x.json", record, &error), 0);
        }
    finish(comparison);
    expect_written(
        comparison, "table", false, false,
        "\n\na guest with all that its vendor has to offer, network\n         native a guest with");
    compare_free(comparison);
}

/* The report's table of cases: `report_cases` of a report that holds nothing but a comparison. */
static void expect_reported(struct comparison *comparison, const char *text, bool is_there) {
    const struct report report = {.comparison = comparison};
    cleanup_free char *written = NULL;
    size_t size;
    FILE *file = open_memstream(&written, &size);

    assert_non_null(file);
    report_cases(file, &report);
    assert_int_equal(fclose(file), 0);
    if (!strstr(written, text) == is_there)
        fail_msg("\"%s\" is %s in\n%s", text, is_there ? "not" : "wrongly", written);
}

static void explain__what_the_host_pays_has_a_column_in_the_report(void **state) {
    struct comparison *comparison = compare_halved(true);

    (void)state;
    expect_reported(comparison, "<th scope=\"col\" class=\"what\">host pays</th></tr>", true);
    expect_reported(comparison, "<th colspan=\"7\" scope=\"rowgroup\"", true);
    expect_reported(comparison,
                    "<td class=\"what\">0.80 processors, 16.00 ms per operation; baseline: 0.20 processors, "
                    "2.000 ms per operation</td></tr>",
                    true);
    compare_free(comparison);
    comparison = compare_halved(false);
    expect_reported(comparison, "host pays", false);
    expect_reported(comparison, "<th colspan=\"6\" scope=\"rowgroup\"", true);
    compare_free(comparison);
}

/* What stands in a record must not become markup here either. */
static void explain__is_escaped_in_the_report(void **state) {
    struct comparison *comparison = compare_halved(true);
    const struct report report = {.comparison = comparison};
    cleanup_free char *written = NULL;
    size_t size;
    FILE *file = open_memstream(&written, &size);

    (void)state;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        free(comparison->rows[i].title);
        comparison->rows[i].title = strdup("<b>net</b> & \"more\"");
    }
    assert_non_null(file);
    report_explained(file, &report);
    assert_int_equal(fclose(file), 0);
    assert_non_null(
        strstr(written, "<li>&lt;b&gt;net&lt;/b&gt; &amp; &quot;more&quot; rate, guest: 2.0x slower"));
    assert_null(strstr(written, "<b>"));
    compare_free(comparison);
}

/* What is equal, faster or undecided is no loss. */
static void explain__losses_only(void **state) {
    struct comparison *comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.001),
                                                new_case("net", 64, "rate", "higher", 100, 0.001), &defaults);

    (void)state;
    assert_false(explain_wants(&comparison->rows[0]));
    compare_free(comparison);
    comparison = compare_runs("rate", "higher", (const double[]){100, 80}, 0.001, 0.001, 3);
    assert_true(explain_wants(&comparison->rows[0])); /* a fifth is a loss, too */
    compare_free(comparison);
    comparison = compare_runs("rate", "higher", (const double[]){80, 100}, 0.001, 0.001, 3);
    assert_false(explain_wants(&comparison->rows[0]));
    compare_free(comparison);
}

/* An answer of one case has that case's row, of its own side. */
static void answer__has_the_row_of_its_side(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 3; side++)
        for (size_t run = 0; run < 3; run++)
            add(comparison, side, "6.1",
                json_pack("[o]", new_case("net", 64, "rate", "higher",
                                          100 - 20 * (double)side + (double)run / 10, 0.001)));
    finish(comparison);
    assert_int_equal(comparison->n_answers, 2);
    for (size_t i = 0; i < comparison->n_answers; i++) {
        assert_non_null(comparison->answers[i].row);
        assert_int_equal(comparison->answers[i].row->other, comparison->answers[i].other);
    }
    compare_free(comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain__shares_of_what_is_added),
        cmocka_unit_test(explain__processor_time_holds_the_exits),
        cmocka_unit_test(explain__steal_is_what_rose),
        cmocka_unit_test(explain__the_bill_is_for_bytes),
        cmocka_unit_test(explain__in_words),
        cmocka_unit_test(explain__without_counts_all_stays_unexplained),
        cmocka_unit_test(explain__stalls_move_no_median),
        cmocka_unit_test(explain__a_monitor_by_itself),
        cmocka_unit_test(explain__what_the_host_pays_is_a_metric),
        cmocka_unit_test(explain__in_formats_for_programs),
        cmocka_unit_test(explain__is_written_where_it_is_asked_for),
        cmocka_unit_test(explain__below_a_long_heading),
        cmocka_unit_test(explain__what_the_host_pays_has_a_column_in_the_report),
        cmocka_unit_test(explain__is_escaped_in_the_report),
        cmocka_unit_test(explain__losses_only),
        cmocka_unit_test(answer__has_the_row_of_its_side),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
