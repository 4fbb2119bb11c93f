/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a run is: ids in the shape that RFC 9562 gives, all of whose other bits vary; seeds; and a journal's
 * header, read again. */
#include "run/files/run_identity.h"

#include "base/name.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <errno.h>

#define NAME "made-up"

/* Which bits were ever 1, and which ever 0. */
struct bits {
    uint64_t ones[2], zeros[2];
};

static void add_uuid(struct bits *bits, const char *uuid) {
    unsigned place = 0;

    for (; *uuid; uuid++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = strchr(digits, *uuid);

        if (*uuid == '-')
            continue;
        assert_non_null(digit);
        for (int bit = 3; bit >= 0; bit--, place++) {
            uint64_t mask = UINT64_C(1) << (63 - place % 64);

            *((digit - digits) >> bit & 1 ? &bits->ones[place / 64] : &bits->zeros[place / 64]) |= mask;
        }
    }
    assert_int_equal(place, 128);
}

/* Of 200 draws a bit that varies is always the same once in 2^199. */
static void assert_version_4(const struct bits *bits) {
    const uint64_t version = UINT64_C(0xf000), variant = UINT64_C(3) << 62;

    assert_true(bits->ones[0] == (~version | 0x4000) && bits->zeros[0] == (~version | 0xb000));
    assert_true(bits->ones[1] == (~variant | UINT64_C(2) << 62));
    assert_true(bits->zeros[1] == (~variant | UINT64_C(1) << 62));
}

static void uuid__is_version_4_and_the_rest_varies(void **state) {
    struct bits drawn = {{0}, {0}}, derived = {{0}, {0}};
    char uuid[37], again[37], text[16];

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        run_identity_draw(uuid);
        assert_true(name_is_uuid(uuid));
        add_uuid(&drawn, uuid);
        (void)snprintf(text, sizeof(text), "text %u", i);
        run_identity_derive(text, uuid);
        run_identity_derive(text, again);
        assert_true(name_is_uuid(uuid));
        assert_string_equal(uuid, again);
        add_uuid(&derived, uuid);
    }
    assert_version_4(&drawn);
    assert_version_4(&derived);
}

static struct outcome_run new_run(const struct configuration *configuration, const uint64_t *seed,
                                  unsigned number) {
    const struct outcome_set set = {.id = "11111111-2222-4333-8444-555555555555", .run = number, .runs = 5};
    struct outcome_run run;

    assert_int_equal(run_identity_new(configuration, seed, &set, &run), 0);
    assert_string_equal(run.configuration, NAME);
    assert_int_equal(run.set.run, number);
    return run;
}

static uint64_t seed_of(const struct configuration *configuration, const uint64_t *seed, unsigned number) {
    struct outcome_run run = new_run(configuration, seed, number);
    uint64_t found = run.seed;

    outcome_run_done(&run);
    return found;
}

/* The command line's, else the suite's; further runs of a set count on, and the last one from 0. */
static void seed__is_the_first_that_is_given(void **state) {
    struct configuration configuration = {.name = (char[]){NAME}, .suite = {.has_seed = true, .seed = 70}};
    const uint64_t given = 5, last = INT64_MAX;

    (void)state;
    assert_int_equal(seed_of(&configuration, &given, 1), 5);
    assert_int_equal(seed_of(&configuration, NULL, 1), 70);
    assert_int_equal(seed_of(&configuration, NULL, 2), 71);
    assert_int_equal(seed_of(&configuration, &given, 5), 9);
    assert_true(seed_of(&configuration, &last, 1) == INT64_MAX);
    assert_int_equal(seed_of(&configuration, &last, 2), 0);
}

static void header__is_read_again(void **state) {
    const struct configuration configuration = {.name = (char[]){NAME}};
    struct outcome_run run, again = {.seed = 0};
    struct vms_error error = {""};
    json_auto_t *suite = json_object(), *header = NULL;

    (void)state;
    run = new_run(&configuration, &(const uint64_t){INT64_MAX}, 1);
    run.started_at = 1767225599; /* the last second of 2025 */
    header = run_identity_header(&run, suite);
    assert_non_null(header);
    assert_string_equal(json_string_value(json_object_get(header, "started_at")), "2025-12-31T23:59:59Z");
    assert_int_equal(run_identity_read(header, &again, &error), 0);
    assert_string_equal(again.run_id, run.run_id);
    assert_true(again.seed == run.seed && again.started_at == run.started_at);
    assert_true(run_identity_is_of_set(header, &run.set));
    run.set.run++;
    assert_false(run_identity_is_of_set(header, &run.set));
    outcome_run_done(&run);
}

/* What stands there instead of a member, and what is said to it. */
static void header__of_another_kind_is_refused(void **state) {
    static const struct {
        const char *member, *value, *sentence;
    } rows[] = {{"version", "0.0.1", "that run was begun by version 0.0.1 of vmsuite"},
                {"version", NULL, "that run was begun by version ? of vmsuite"},
                {"run_id", "short", "the journal's first line is not that of a run"},
                {"run_id", NULL, "the journal's first line is not that of a run"},
                {"started_at", "yesterday", "the journal's first line is not that of a run"},
                {"seed", "7", "the journal's first line is not that of a run"}};
    const struct configuration configuration = {.name = (char[]){NAME}};
    json_auto_t *suite = json_object();
    struct outcome_run run = new_run(&configuration, NULL, 1);

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *header = run_identity_header(&run, suite);
        struct outcome_run again = {.seed = 3};
        struct vms_error error = {""};

        (void)(rows[i].value ? json_object_set_new(header, rows[i].member, json_string(rows[i].value))
                             : json_object_del(header, rows[i].member));
        assert_int_equal(run_identity_read(header, &again, &error), -EINVAL);
        assert_ptr_equal(strstr(error.text, rows[i].sentence), error.text);
        assert_non_null(strstr(error.text, "run without --resume"));
        assert_true(again.seed == 3 && again.run_id[0] == '\0');
    }
    outcome_run_done(&run);
}

/* How long ago a run of this boot began; of another boot nothing is known. */
static void elapsed__is_of_this_boot_alone(void **state) {
    const struct configuration configuration = {.name = (char[]){NAME}};
    struct outcome_run run = new_run(&configuration, NULL, 1);
    json_auto_t *suite = json_object(), *header = run_identity_header(&run, suite);
    double now_s = json_number_value(json_object_get(header, "boot_s")), elapsed_s;
    struct timespec after;

    (void)state;
    (void)json_object_set_new(header, "boot_s", json_real(now_s - 1000));
    elapsed_s = run_identity_elapsed(header);
    (void)clock_gettime(CLOCK_BOOTTIME, &after);
    assert_true(elapsed_s >= 1000 && elapsed_s <= (double)after.tv_sec + 1 - now_s + 1000);
    (void)json_object_set_new(header, "boot_s", json_real(now_s + 1000)); /* to come: none */
    assert_true(run_identity_elapsed(header) == 0);
    (void)json_object_set_new(header, "boot_s", json_real(now_s - 1000));
    (void)json_object_set_new(header, "boot_id", json_string("another"));
    assert_true(run_identity_elapsed(header) == 0);
    (void)json_object_set_new(header, "boot_id", json_string(""));
    assert_true(run_identity_elapsed(header) == 0);
    outcome_run_done(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid__is_version_4_and_the_rest_varies),
        cmocka_unit_test(seed__is_the_first_that_is_given),
        cmocka_unit_test(header__is_read_again),
        cmocka_unit_test(header__of_another_kind_is_refused),
        cmocka_unit_test(elapsed__is_of_this_boot_alone),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
