/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/collect/environment.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Facts that differ because the hypervisor does, or that never stand still. */
static const char *const passed_over[] = {
    "virtualization.",
    "accelerator.",
    "drivers.",
    "load.",
    "clock.read_cost_s",
    "cpu.frequency_hz",
    "memory.available_bytes",
    "memory.swap_free_bytes",
    "storage.free_bytes",
};

static bool is_passed_over(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(passed_over); i++)
        if (strncmp(name, passed_over[i], strlen(passed_over[i])) == 0)
            return true;
    return false;
}

/* The fact of that name, which stands at `expected` where both runs have the same facts; NULL. */
static const struct environment_fact *find(const struct environment_fact *facts, size_t n, const char *name,
                                           size_t expected) {
    if (expected < n && strcmp(facts[expected].name, name) == 0)
        return &facts[expected];
    for (size_t i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0)
            return &facts[i];
    return NULL;
}

/* Facts while they are gathered; there is room for all of a record. */
struct gathered {
    struct arena *arena;
    struct environment_fact *facts;
    size_t n;
};

/* The last of a name counts. */
static int gather(struct gathered *gathered, const char *name, const struct view_value *value) {
    struct environment_fact *fact =
        (struct environment_fact *)find(gathered->facts, gathered->n, name, gathered->n);

    if (!fact)
        fact = &gathered->facts[gathered->n++];
    *fact = (struct environment_fact){arena_text(gathered->arena, name, strlen(name)), *value};
    fact->value.text = arena_text(gathered->arena, value->text, strlen(value->text));
    return fact->name && fact->value.text ? 0 : -ENOMEM;
}

static int gather_text(struct gathered *gathered, const char *name, const char *text) {
    const struct view_value value = {.kind = VIEW_TEXT, .number = NAN, .text = text};

    return gather(gathered, name, &value);
}

static int gather_program(struct gathered *gathered, const struct view_head *head) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < head->n_program; i++) {
        cleanup_free char *name = text_new("vmsuite.%s", head->program[i].key);

        status = name ? gather_text(gathered, name, head->program[i].value) : -ENOMEM;
    }
    return status;
}

const struct environment *environment_new(struct arena *arena, const struct view_head *head) {
    const struct view_machine *machine = &head->machine;
    size_t room = head->n_program + machine->n_facts + 1;
    struct environment *environment = arena_new(arena, sizeof(*environment));
    struct gathered gathered = {arena, arena_new(arena, room * sizeof(*gathered.facts)), 0};
    int status = environment && gathered.facts ? gather_program(&gathered, head) : -ENOMEM;

    if (status == 0 && *machine->container)
        status = gather_text(&gathered, "container", machine->container);
    for (size_t i = 0; status == 0 && i < machine->n_facts; i++) {
        const struct view_machine_fact *fact = &machine->facts[i];

        if (*fact->name && !is_passed_over(fact->name) && fact->value.kind != VIEW_NULL)
            status = gather(&gathered, fact->name, &fact->value);
    }
    if (status < 0)
        return NULL;
    *environment = (struct environment){gathered.facts, gathered.n};
    return environment;
}

static char *text_of(const struct environment_fact *fact) {
    char number[UNITS_TEXT_SIZE];

    if (!fact)
        return strdup("unknown");
    if (fact->value.kind != VIEW_REAL)
        return strdup(fact->value.text);
    units_format_number(fact->value.number, 6, number);
    return strdup(number);
}

/* What is noted already of the runs of one side, so that the list does not grow with them. */
static struct compare_difference *find_noted(struct comparison *comparison, size_t side, const char *what) {
    for (size_t i = 0; i < comparison->n_differences; i++) {
        struct compare_difference *noted = &comparison->differences[i];

        if (noted->sides[0] == side && noted->sides[1] == side && strcmp(noted->what, what) == 0)
            return noted;
    }
    return NULL;
}

/* `a` or `b` is NULL where that side does not know the fact. */
static int add_difference(struct comparison *comparison, const size_t sides[2],
                          const struct environment_fact *a, const struct environment_fact *b) {
    const char *what = a ? a->name : b->name;
    struct compare_difference *noted = sides[0] == sides[1] ? find_noted(comparison, sides[0], what) : NULL,
                              *grown;

    if (noted) {
        noted->n_runs++;
        return 0;
    }
    grown = reallocarray(comparison->differences, comparison->n_differences + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    comparison->differences = grown;
    grown += comparison->n_differences++;
    *grown = (struct compare_difference){.sides = {sides[0], sides[1]},
                                         .what = strdup(what),
                                         .values = {text_of(a), text_of(b)},
                                         .n_runs = sides[0] == sides[1]};
    return grown->what && grown->values[0] && grown->values[1] ? 0 : -ENOMEM;
}

int environment_differ(struct comparison *comparison, size_t side_a, const struct environment *a,
                       size_t side_b, const struct environment *b) {
    const size_t sides[] = {side_a, side_b};
    int status = 0;

    for (size_t i = 0; status == 0 && i < a->n; i++) {
        const struct environment_fact *other = find(b->facts, b->n, a->facts[i].name, i);

        if (!other || !view_is_same_value(&a->facts[i].value, &other->value))
            status = add_difference(comparison, sides, &a->facts[i], other);
    }
    for (size_t i = 0; status == 0 && i < b->n; i++)
        if (!find(a->facts, a->n, b->facts[i].name, i))
            status = add_difference(comparison, sides, NULL, &b->facts[i]);
    return status;
}
