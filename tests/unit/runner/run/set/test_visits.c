/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of visits, and when rounds of them end. */
#include "run/set/visits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Rounds hold each member that takes part once; the seed decides their order. */
static void plan__rounds(void **state) {
    const bool takes_part[6] = {true, true, false, true, true, true};
    struct visits visits, again, other;
    bool shuffled = false;

    (void)state;
    assert_int_equal(visits_plan(6, takes_part, 20, 1, &visits), 0);
    assert_int_equal(visits_plan(6, takes_part, 20, 1, &again), 0);
    assert_int_equal(visits_plan(6, takes_part, 20, 2, &other), 0);
    assert_int_equal(visits.n_visits, 100);
    assert_int_equal(other.n_visits, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(visits.visits[i].member, again.visits[i].member);
        shuffled |= visits.visits[i].member != other.visits[i].member;
    }
    assert_true(shuffled);
    for (size_t first = 0; first < 100; first += 5) {
        unsigned seen = 0;

        for (size_t i = first; i < first + 5; i++) {
            assert_int_equal(visits.visits[i].round, first / 5 + 1);
            seen |= 1U << visits.visits[i].member;
        }
        assert_int_equal(seen, 0x3b);
    }
    visits_done(&visits);
    visits_done(&again);
    visits_done(&other);
    assert_int_equal(visits_plan(2, NULL, 3, 1, &visits), 0);
    assert_int_equal(visits.n_visits, 6);
    visits_done(&visits);
    assert_int_equal(visits_plan(2, (bool[]){false, false}, 3, 1, &visits), 0);
    assert_int_equal(visits.n_visits, 0);
    visits_done(&visits);
}

/* What visits_make is given. */
struct given {
    const struct visits *visits;
    bool settled[32];
    unsigned made[8]; /* by round */
    unsigned n_made, ends_at, sure_after, n_looks;
    double spent[8]; /* of the error, before the look after each round */
};

static bool is_settled(void *context, size_t visit) {
    const struct given *given = context;

    return given->settled[visit];
}

static bool make(void *context, size_t visit) {
    struct given *given = context;

    given->n_made++;
    given->made[given->visits->visits[visit].round]++;
    return given->n_made != given->ends_at;
}

static bool is_sure(void *context, struct looks *looks, unsigned round) {
    struct given *given = context;

    given->n_looks++;
    given->spent[round] = looks->error.spent;
    (void)sequential_look(&looks->error, round);
    return round == given->sure_after;
}

/* Makes six rounds of two. */
static bool make_all(struct given *given, const struct goal *goal) {
    struct visits visits;
    struct visits_work work = {.context = given,
                               .visits = &visits,
                               .rounds = 6,
                               .goal = goal,
                               .is_settled = is_settled,
                               .make = make,
                               .is_sure = is_sure};
    bool whole;

    assert_int_equal(visits_plan(2, NULL, 6, 1, &visits), 0);
    given->visits = &visits;
    whole = visits_make(&work);
    visits_done(&visits);
    return whole;
}

static void make__what_is_not_settled(void **state) {
    struct given given = {.settled = {[1] = true, [4] = true, [5] = true}};

    (void)state;
    assert_true(make_all(&given, &(struct goal){0}));
    assert_int_equal(given.n_made, 9);
    assert_int_equal(given.n_looks, 0); /* nobody named a difference */
    assert_int_equal(given.made[1], 1);
    assert_int_equal(given.made[3], 0);
    given = (struct given){.ends_at = 3};
    assert_false(make_all(&given, &(struct goal){.find = 0.05}));
    assert_int_equal(given.n_made, 3);
}

static void make__ends_where_all_is_answered(void **state) {
    struct given given = {.sure_after = 4};

    (void)state;
    assert_true(make_all(&given, &(struct goal){.find = 0.05}));
    assert_int_equal(given.n_made, 8);
    assert_int_equal(given.n_looks, 2); /* after the third and the fourth */
}

/* What is continued has had its looks, whose error is spent; those rounds have no further ones. */
static void make__goes_on_with_what_looks_have_spent(void **state) {
    struct given whole = {.sure_after = 6}, rest = {.sure_after = 6};

    (void)state;
    for (size_t i = 0; i < 8; i++) /* rounds 1 to 4 */
        rest.settled[i] = true;
    assert_true(make_all(&whole, &(struct goal){.find = 0.05}));
    assert_true(make_all(&rest, &(struct goal){.find = 0.05}));
    assert_int_equal(whole.n_looks, 3); /* the last round has none */
    assert_int_equal(rest.n_looks, 1);
    assert_true(whole.spent[5] > 0);
    assert_true(fabs(rest.spent[5] - whole.spent[5]) < 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__rounds),
        cmocka_unit_test(make__what_is_not_settled),
        cmocka_unit_test(make__ends_where_all_is_answered),
        cmocka_unit_test(make__goes_on_with_what_looks_have_spent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
