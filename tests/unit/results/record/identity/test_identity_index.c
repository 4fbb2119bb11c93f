/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/identity_index.h"

#include "unit/descriptors.h"
#include "unit/results/record/made_identities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CASES 3000

static size_t find_by_all(const struct made_case *cases, size_t n, const struct identity *identity) {
    for (size_t i = 0; i < n; i++)
        if (identity_is_same(&cases[i].identity, identity))
            return i;
    return SIZE_MAX;
}

/* It finds what a look at each would, whatever the order of parameters and facts. */
static void find__is_as_with_a_look_at_all(void **state) {
    struct made_case *cases = calloc(CASES, sizeof(*cases));
    struct identity_index index = {0};
    size_t n = 0;

    (void)state;
    assert_non_null(cases);
    for (int i = 0; i < CASES; i++) {
        size_t expected;

        made_fill(&cases[n], 5);
        expected = find_by_all(cases, n, &cases[n].identity);
        assert_int_equal(identity_index_find(&index, &cases[n].identity), expected);
        if (expected == SIZE_MAX) {
            assert_int_equal(identity_index_add(&index, &cases[n].identity, n), 0);
            n++;
        }
    }
    assert_true(n > 500 && n < CASES); /* else all were alike, or none were */
    for (size_t i = 0; i < n; i++)
        assert_int_equal(identity_index_find(&index, &cases[i].identity), i);
    identity_index_done(&index);
    free(cases);
}

static void find__of_none_is_none(void **state) {
    const struct identity_index index = {0};
    struct made_case made;

    (void)state;
    made_fill(&made, 5);
    assert_int_equal(identity_index_find(&index, &made.identity), SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__is_as_with_a_look_at_all),
        cmocka_unit_test(find__of_none_is_none),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
