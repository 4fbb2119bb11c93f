/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places: how they are written, whose turn it is, and what an agent's words are held against. */
#include "base/cleanup.h"
#include "fakes/fixed_run.h"
#include "places/place.h"
#include "places/station_intake.h"
#include "places/turns.h"
#include "places/words.h"
#include "record/record.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void place__is_read(void **state) {
    static const struct {
        const char *text, *kind, *name, *target, *first;
    } rows[] = {
        {"local", "local", "local", "", NULL},
        {"web=ssh://me@db1:22", "ssh", "web", "//me@db1:22", NULL},
        {"ssh://[fe80::1]:22", "ssh", "ssh-fe80-1-22", "//[fe80::1]:22", NULL},
        {"exec:env A=b", "exec", "exec-env-A-b", "env A=b", NULL},
        {"nspawn:/tmp", "nspawn", "nspawn-tmp", "/tmp", NULL},
        {"podman:debian:12,network=none", "podman", "podman-debian-12-network-none", "debian:12", "none"},
        {"cgroup:cpu=150%,memory=1GiB", "cgroup", "cgroup-cpu-150-memory-1GiB", "", "150%"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct place place;

        if (place_read(rows[i].text, &place, &error) < 0)
            fail_msg("%s", error.text);
        assert_string_equal(place.kind->name, rows[i].kind);
        assert_string_equal(place.name, rows[i].name);
        assert_string_equal(place.target, rows[i].target);
        assert_true(rows[i].first ? place.values[0] && strcmp(place.values[0], rows[i].first) == 0
                                  : !place.values[0]);
        place_done(&place);
    }
}

static void place__names_are_their_own(void **state) {
    struct place places[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(place_read("local", &places[i], NULL), 0);
    assert_int_equal(places_name(places, 3), 0);
    assert_string_equal(places[0].name, "local");
    assert_string_equal(places[1].name, "local-2");
    assert_string_equal(places[2].name, "local-3");
    for (size_t i = 0; i < 3; i++)
        place_done(&places[i]);
}

static void words__no_shell(void **state) {
    struct argv words = {0};

    (void)state;
    assert_int_equal(words_split(" a  'b $c' \"d\\\"e\"f \\g $(id);'' ", &words, NULL), 0);
    assert_int_equal(words.n_words, 5);
    assert_string_equal(words.words[1], "b $c");
    assert_string_equal(words.words[2], "d\"ef");
    assert_string_equal(words.words[3], "g");
    assert_string_equal(words.words[4], "$(id);");
    assert_int_equal(words_split("'a", &words, NULL), -EINVAL);
    assert_int_equal(words_split("  ", &words, NULL), -EINVAL);
    argv_done(&words);
}

/* What is quoted is read back by a shell's rules, whatever it holds. */
static void words__quoted_is_read_back(void **state) {
    static const char *const texts[] = {"", "a", "it's", "'", "''\\", "$HOME `id` \"x\"\n"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        cleanup_free char *quoted = words_quote(texts[i]);
        struct argv words = {0};

        assert_int_equal(words_split(quoted, &words, NULL), 0);
        assert_int_equal(words.n_words, 1);
        assert_string_equal(words.words[0], texts[i]);
        argv_done(&words);
    }
}

/* Each trial at each place once, round after round, and another seed gives another order. */
static void turns__rounds(void **state) {
    const unsigned trials[] = {3, 2};
    struct turns turns, other;
    unsigned seen[2][2][4] = {0}, last = 1;
    bool differs = false;

    (void)state;
    assert_int_equal(turns_make(trials, 2, 2, 1, false, &turns), 0);
    assert_int_equal(turns_make(trials, 2, 2, 2, false, &other), 0);
    assert_int_equal(turns.n_turns, 10);
    for (size_t i = 0; i < turns.n_turns; i++) {
        const struct turn *turn = &turns.turns[i];

        assert_true(turn->trial >= last && turn->trial <= trials[turn->index]);
        last = turn->trial;
        assert_int_equal(seen[turn->place][turn->index][turn->trial]++, 0);
        differs |= turn->place != other.turns[i].place || turn->index != other.turns[i].index;
    }
    assert_true(differs);
    turns_done(&turns);
    turns_done(&other);
    assert_int_equal(turns_make(trials, 2, 2, 1, true, &turns), 0);
    for (size_t i = 0; i < turns.n_turns; i++)
        assert_int_equal(turns.turns[i].index, i < 6 ? 0 : 1);
    turns_done(&turns);
}

/* The answer to the first trial of the fixed run's case. */
static json_t *new_taken(const struct outcome_case *outcome) {
    return json_pack("{s:s, s:I, s:n, s:[], s:f, s:o}", "type", "taken", "case", (json_int_t)outcome->id,
                     "path", "facts", "start_s", 0.5, "trial", record_trial(outcome, &outcome->trials[0]));
}

static int take(const json_t *message, struct outcome_case *outcome) {
    struct outcome_trial trial;
    int status = station_intake_trial(message, outcome, outcome->trials[0].trial, &trial, NULL);

    if (status == 0)
        outcome_trial_done(&trial);
    return status;
}

static void intake__takes_what_is_whole(void **state) {
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < run.n_cases; i++) {
        json_auto_t *message = run.cases[i].n_done > 0 ? new_taken(&run.cases[i]) : NULL;
        enum outcome_status status = message ? run.cases[i].trials[0].status : OUTCOME_OK;

        if (message)
            assert_int_equal(take(message, &run.cases[i]),
                             status == OUTCOME_INTERRUPTED || status == OUTCOME_LOST ? -EPROTO : 0);
    }
    outcome_run_done(&run);
}

static void intake__refuses_what_cannot_be(void **state) {
    static const char *const lies[] = {
        "{\"trial\": 9}",
        "{\"duration_s\": -1}",
        "{\"duration_s\": null}",
        "{\"metrics\": []}",
        "{\"status\": \"lost\"}",
        "{\"status\": \"fine\"}",
        "{\"reason\": \"so\"}",
        "{\"metrics\": [{\"metric\": \"../x\"}]}",
        "{\"metrics\": 1}",
        "{\"facts\": [{}]}",
        "{\"status\": \"crashed\"}",
    };
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < VMS_LENGTH(lies); i++) {
        json_auto_t *message = new_taken(&run.cases[0]), *lie = json_loads(lies[i], 0, NULL);

        assert_non_null(lie);
        assert_int_equal(json_object_update(json_object_get(message, "trial"), lie), 0);
        if (take(message, &run.cases[0]) != -EPROTO)
            fail_msg("%s was taken", lies[i]);
    }
    outcome_run_done(&run);
}

static void intake__metrics_are_held_against_each_other(void **state) {
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < run.n_cases; i++) {
        json_auto_t *twice = NULL, *none = NULL;
        json_t *metrics;

        if (run.cases[i].n_done == 0 || run.cases[i].trials[0].n_metrics == 0 ||
            run.cases[i].trials[0].status != OUTCOME_OK)
            continue;
        twice = new_taken(&run.cases[i]);
        metrics = json_object_get(json_object_get(twice, "trial"), "metrics");
        json_array_append(metrics, json_array_get(metrics, 0));
        assert_int_equal(take(twice, &run.cases[i]), -EPROTO);
        none = new_taken(&run.cases[i]);
        metrics = json_object_get(json_object_get(none, "trial"), "metrics");
        json_object_set_new(json_array_get(metrics, 0), "value", json_null());
        json_object_del(json_array_get(metrics, 0), "values");
        json_object_set_new(json_array_get(metrics, 0), "n", json_integer(3));
        assert_int_equal(take(none, &run.cases[i]), -EPROTO);
    }
    outcome_run_done(&run);
}

static void intake__machines(void **state) {
    static const char nested[] =
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [{\"fact\": \"a\", \"value\": "
        "[], \"status\": \"ok\", \"reason\": null, \"source\": null}]}";
    static const char *const texts[] = {
        "{}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [{\"fact\": \"a\"}]}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [1], \"facts\": []}",
        "{\"virtualization\": 1, \"container\": \"none\", \"evidence\": [], \"facts\": []}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [], \"more\": 1}",
        nested,
    };
    json_auto_t *whole =
        json_loads("{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": "
                   "[{\"fact\": \"a\", \"value\": 1, \"status\": \"ok\", \"reason\": null, "
                   "\"source\": null}]}",
                   0, NULL);

    (void)state;
    assert_int_equal(station_intake_machine(whole, NULL), 0);
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        json_auto_t *machine = json_loads(texts[i], 0, NULL);

        assert_non_null(machine);
        assert_int_equal(station_intake_machine(machine, NULL), -EPROTO);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place__is_read),
        cmocka_unit_test(place__names_are_their_own),
        cmocka_unit_test(words__no_shell),
        cmocka_unit_test(words__quoted_is_read_back),
        cmocka_unit_test(turns__rounds),
        cmocka_unit_test(intake__takes_what_is_whole),
        cmocka_unit_test(intake__refuses_what_cannot_be),
        cmocka_unit_test(intake__metrics_are_held_against_each_other),
        cmocka_unit_test(intake__machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
