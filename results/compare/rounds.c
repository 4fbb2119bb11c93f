/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/rounds.h"

#include "compare/parts.h"

#include "base/cleanup.h"
#include "stats/table_pairs.h"

#include <errno.h>
#include <string.h>

int rounds_add(struct compare_side *side, const json_t *head) {
    const json_t *set = json_object_get(head, "run_set");
    struct compare_round *rounds = reallocarray(side->rounds, side->n_runs + 1, sizeof(*rounds));
    json_int_t run = json_integer_value(json_object_get(set, "run"));

    if (!rounds)
        return -ENOMEM;
    side->rounds = rounds;
    rounds += side->n_runs;
    *rounds = (struct compare_round){.run = run > 0 ? (size_t)run : 0};
    (void)snprintf(rounds->set, sizeof(rounds->set), "%s", compare_text(set, "id"));
    return 0;
}

static bool is_same(const struct compare_round *a, const struct compare_round *b) {
    return a->run > 0 && a->run == b->run && strcmp(a->set, b->set) == 0;
}

/* The index of the only run of the side in that round; the number of runs where none, or several are. */
static size_t find(const struct compare_side *side, const struct compare_round *round) {
    size_t found = side->n_runs;

    for (size_t i = 0; i < side->n_runs; i++) {
        if (!is_same(&side->rounds[i], round))
            continue;
        if (found < side->n_runs)
            return side->n_runs;
        found = i;
    }
    return found;
}

/* Rounds that each side has once. */
static size_t count_shared(const struct compare_side *baseline, const struct compare_side *other,
                           size_t *ret_places) {
    size_t n = 0;

    for (size_t i = 0; i < other->n_runs; i++) {
        ret_places[i] = find(baseline, &other->rounds[i]);
        n += ret_places[i] < baseline->n_runs && find(other, &other->rounds[i]) == i;
    }
    return n;
}

size_t rounds_match(const struct comparison *comparison, size_t other, size_t *ret_places) {
    const struct compare_side *sides[] = {&comparison->sides[0], &comparison->sides[other]};
    size_t n = count_shared(sides[0], sides[1], ret_places);

    if (n == sides[0]->n_runs && n == sides[1]->n_runs && n >= TABLE_PAIRS_MIN)
        return n;
    for (size_t i = 0; i < sides[1]->n_runs; i++)
        ret_places[i] = i;
    return 0;
}

static int warn_of(struct comparison *comparison, size_t other) {
    const struct compare_side *sides[] = {&comparison->sides[0], &comparison->sides[other]};
    cleanup_free size_t *places = calloc(sides[1]->n_runs + 1, sizeof(*places));
    size_t n = places ? count_shared(sides[0], sides[1], places) : 0;

    if (!places)
        return -ENOMEM;
    if (n == 0 || (n == sides[0]->n_runs && n == sides[1]->n_runs))
        return 0;
    return compare_warn(
        comparison,
        compare_sentence("%s and %s were measured in turn, but have only %zu rounds in common of "
                         "%zu and %zu runs: they are compared without pairs",
                         sides[0]->label, sides[1]->label, n, sides[0]->n_runs, sides[1]->n_runs));
}

int rounds_warn(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++)
        status = warn_of(comparison, i);
    return status;
}
