/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/effects/nearest.h"

#include "unit/descriptors.h"
#include "unit/results/record/made_identities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASES 400

struct world {
    struct made_case cases[CASES];
    struct subject subjects[CASES];
    struct collected_side side;
};

static size_t changes_of(const struct identity *a, const struct identity *b) {
    size_t n = 0;

    for (size_t i = 0; i < a->n_params; i++) {
        const struct view_value *value = identity_find_param(b, a->params[i].name);

        n += !value || !view_is_same_value(&a->params[i].value, value);
    }
    for (size_t i = 0; i < b->n_params; i++)
        n += !identity_find_param(a, b->params[i].name);
    return 4 * n + (a->workload_version != b->workload_version) + (strcmp(a->path, b->path) != 0) +
           (a->warmup != b->warmup) + (strcmp(a->cpus, b->cpus) != 0) + (a->neighbours != b->neighbours) +
           !identity_has_same_facts(a, b);
}

/* The first that differs least, by a look at all. */
static struct subject *look_at_all(struct world *world, const struct identity *identity) {
    struct subject *found = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < CASES; i++) {
        const struct identity *other = world->subjects[i].identity;

        if (world->subjects[i].paired || strcmp(identity->group, other->group) != 0 ||
            strcmp(identity->module, other->module) != 0 || changes_of(identity, other) >= least)
            continue;
        least = changes_of(identity, other);
        found = &world->subjects[i];
    }
    return found;
}

static void find__is_as_with_a_look_at_all(void **state) {
    struct world *world = calloc(1, sizeof(*world));

    (void)state;
    assert_non_null(world);
    for (unsigned values = 2; values <= 5; values++) {
        struct nearest nearest;
        size_t n_found = 0;

        for (size_t i = 0; i < CASES; i++) {
            made_fill(&world->cases[i], values);
            world->subjects[i] =
                (struct subject){.identity = &world->cases[i].identity, .paired = made_below(4) == 0};
        }
        world->side = (struct collected_side){.subjects = world->subjects, .n_subjects = CASES};
        assert_int_equal(nearest_init(&nearest, &world->side), 0);
        for (size_t i = 0; i < 2 * CASES; i++) {
            struct made_case sought;
            struct subject *found;

            made_fill(&sought, values + 1);
            found = nearest_find(&nearest, &sought.identity);
            assert_ptr_equal(found, look_at_all(world, &sought.identity));
            n_found += found != NULL;
            if (found)
                found->paired = made_below(8) > 0; /* else it is still there for the next one */
        }
        assert_true(n_found > CASES / 2 && n_found < 2 * CASES);
        nearest_done(&nearest);
    }
    free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__is_as_with_a_look_at_all),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
