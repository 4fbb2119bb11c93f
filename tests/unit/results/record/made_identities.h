/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases made at random that have much in common, for tests that look at all pairs of them. */
#ifndef VMSUITE_TESTS_UNIT_RESULTS_RECORD_MADE_IDENTITIES_H
#define VMSUITE_TESTS_UNIT_RESULTS_RECORD_MADE_IDENTITIES_H

#include "record/identity/identity.h"

#include <math.h>
#include <stdint.h>

#define MADE_PARAMS 3

struct made_case {
    struct identity identity;
    struct view_param params[MADE_PARAMS];
    struct view_fact facts[2];
};

static uint64_t made_state;

/* The same numbers each time. */
static inline unsigned made_below(unsigned n) {
    made_state = made_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(made_state >> 33) % n;
}

static inline struct view_value made_value(unsigned which) {
    static const struct view_value values[] = {{.kind = VIEW_WHOLE, .number = 1, .text = "1"},
                                               {.kind = VIEW_TEXT, .number = NAN, .text = "1"},
                                               {.kind = VIEW_REAL, .number = 0, .text = "0.0"},
                                               {.kind = VIEW_REAL, .number = -0.0, .text = "-0.0"},
                                               {.kind = VIEW_REAL, .number = 0.5, .text = "0.5"}};

    return values[which % (sizeof(values) / sizeof(values[0]))];
}

/* Parameters and facts in any order, some of them missing. */
static inline void made_fill(struct made_case *made, unsigned values) {
    static const char *const groups[] = {"g", "h"}, *const modules[] = {"m", "n"},
                             *const names[] = {"a", "b", "c"}, *const cpus[] = {"", "0-1"};
    unsigned first = made_below(MADE_PARAMS);

    *made = (struct made_case){.identity = {.group = groups[made_below(2)],
                                            .module = modules[made_below(2)],
                                            .resource = VMS_CPU,
                                            .workload_version = made_below(4) == 0,
                                            .warmup = made_below(4) == 0,
                                            .neighbours = made_below(4) == 0,
                                            .path = "",
                                            .cpus = cpus[made_below(4) == 0]}};
    for (unsigned i = 0; i < MADE_PARAMS; i++)
        if (made_below(8) > 0)
            made->params[made->identity.n_params++] = (struct view_param){
                .name = names[(first + i) % MADE_PARAMS], .value = made_value(made_below(values))};
    for (unsigned i = 0; i < 2; i++)
        made->facts[i] = (struct view_fact){.key = names[(first + i) % 2], .value = cpus[made_below(4) == 0]};
    made->identity.n_facts = 2;
    made->identity.params = made->params;
    made->identity.facts = made->facts;
}

#endif
