/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/survey.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

struct place {
    struct source_trouble trouble;
    struct machine_source source;
    struct machine machine;
    struct survey survey;
};

static struct place *begin(struct place *place) {
    *place = (struct place){.source = machine_source_here()};
    place->source.trouble = &place->trouble;
    place->survey = (struct survey){.source = &place->source, .machine = &place->machine};
    return place;
}

static void assert_error(const struct place *place, size_t fact, const char *text) {
    assert_true(fact < place->machine.n_facts);
    assert_int_equal(place->machine.facts[fact].status, FACT_ERROR);
    assert_string_equal(place->machine.facts[fact].text, text);
}

/* What was read in part is no smaller value: two cores are not one because one file could not be read. */
static void fact__of_what_could_not_be_read(void **state) {
    struct place place;

    (void)state;
    (void)source_note(&begin(&place)->source, "/a", -EIO);
    (void)source_note(&place.source, "/b", -EMFILE); /* the first counts */
    fact_integer(&place.survey, "cores", 1, "s");
    fact_integer(&place.survey, "next", 2, "s");
    (void)source_note(&place.source, "/c", -ENFILE);
    fact_text(&place.survey, "text", "half", "s");
    (void)source_note(&place.source, "/d", -EIO);
    fact_none(&place.survey, "none", FACT_NOT_APPLICABLE, "there is none", "s");
    (void)source_note(&place.source, "/e", -EIO);
    fact_boolean(&place.survey, "boolean", false, "s");
    (void)source_note(&place.source, "/f", -EIO);
    fact_real(&place.survey, "real", 0, "s");
    assert_error(&place, 0, "/a: Input/output error");
    assert_int_equal(place.machine.facts[1].status, FACT_VALUE);
    assert_error(&place, 2, "/c: Too many open files in system");
    assert_error(&place, 3, "/d: Input/output error");
    assert_error(&place, 4, "/e: Input/output error");
    assert_error(&place, 5, "/f: Input/output error");
    assert_false(place.survey.out_of_memory);
    machine_done(&place.machine);
}

/* Facts that have one cause have one error. */
static void facts__of_one_cause(void **state) {
    static const char *const names[] = {"a", "b", NULL};
    struct place place;

    (void)state;
    (void)source_note(&begin(&place)->source, "/a", -EIO);
    facts_none(&place.survey, names, FACT_NOT_APPLICABLE, "no device", "s");
    assert_error(&place, 0, "/a: Input/output error");
    assert_error(&place, 1, "/a: Input/output error");
    fact_integer(&place.survey, "next", 2, "s");
    assert_int_equal(place.machine.facts[2].status, FACT_VALUE);
    machine_done(&place.machine);
}

/* Files that are not there, or not for us, are answers. */
static void fact__of_what_is_refused(void **state) {
    static const int codes[] = {0, -ENOENT, -EACCES, -EPERM, -EINVAL, -ENODEV, -EOPNOTSUPP};
    struct place place;

    (void)state;
    begin(&place);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(source_note(&place.source, "/a", codes[i]), codes[i]);
    fact_integer(&place.survey, "cores", 1, "s");
    assert_int_equal(place.machine.facts[0].status, FACT_VALUE);
    machine_done(&place.machine);
}

/* Each way to read notes it. */
static void source__notes_every_read(void **state) {
    struct rlimit before, none;
    struct source_names names = {0};
    struct place place;
    int64_t number;
    char *text;
    size_t size;

    (void)state;
    begin(&place);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int way = 0; way < 6; way++) {
        place.trouble.code = 0;
        if (way == 0)
            assert_int_equal(source_text(&place.source, &text, "/proc/version"), -EMFILE);
        else if (way == 1)
            assert_int_equal(source_integer(&place.source, &number, "/proc/version"), -EMFILE);
        else if (way == 2)
            assert_int_equal(source_bytes(&place.source, 10, &text, &size, "/proc/version"), -EMFILE);
        else if (way == 3)
            assert_int_equal(source_link(&place.source, &text, "/proc/self"), -EMFILE);
        else if (way == 4)
            assert_int_equal(source_list(&place.source, &names, "/proc"), -EMFILE);
        else
            assert_false(source_exists(&place.source, "/proc/version"));
        assert_int_equal(place.trouble.code, EMFILE);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fact__of_what_could_not_be_read),
        cmocka_unit_test(facts__of_one_cause),
        cmocka_unit_test(fact__of_what_is_refused),
        cmocka_unit_test(source__notes_every_read),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
