/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/label.h"

#include "base/cleanup.h"
#include "record/json.h"
#include "record/text/buffer.h"
#include "record/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What makes cases of a group different beside their parameters. */
static const char *const settings[] = {"module", "cpus", "warmup"};

static bool has_sweep(const struct label_sweeps *sweeps, const char *group, const char *setting) {
    return json_object_get(json_object_get(sweeps->groups, group), setting) != NULL;
}

static int add_sweep(struct label_sweeps *sweeps, const char *group, const char *setting) {
    return value_set(json_object_get(sweeps->groups, group), setting, json_true()) < 0 ? -ENOMEM : 0;
}

static bool differs(const json_t *a, const json_t *b) {
    return a != b && !(a && b && json_equal(a, b));
}

/* The parameters of a benchmark that have several values, or another than in an earlier benchmark of its
 * group. */
static int add_params(struct label_sweeps *sweeps, const char *group, const json_t *params,
                      const json_t *earlier) {
    const char *name;
    json_t *value;
    int status = 0;

    json_object_foreach ((json_t *)params, name, value)
        if (status == 0 &&
            (json_array_size(value) > 1 || (earlier && differs(value, json_object_get(earlier, name)))))
            status = add_sweep(sweeps, group, name);
    json_object_foreach ((json_t *)earlier, name, value)
        if (status == 0 && !json_object_get(params, name))
            status = add_sweep(sweeps, group, name);
    return status;
}

static int add_benchmark(struct label_sweeps *sweeps, const json_t *benchmark, const json_t *earlier) {
    const char *group = json_text(benchmark, "group");
    int status =
        add_params(sweeps, group, json_object_get(benchmark, "params"), json_object_get(earlier, "params"));

    for (size_t i = 0; status == 0 && earlier && i < VMS_LENGTH(settings); i++)
        if (differs(json_object_get(benchmark, settings[i]), json_object_get(earlier, settings[i])))
            status = add_sweep(sweeps, group, settings[i]);
    return status;
}

int label_sweeps_init(struct label_sweeps *sweeps, const json_t *suite) {
    json_auto_t *firsts = json_object(); /* of each group, the first benchmark */
    json_t *benchmark;
    size_t index;
    int status = 0;

    *sweeps = (struct label_sweeps){json_object()};
    if (!firsts || !sweeps->groups)
        return -ENOMEM;
    json_array_foreach (json_object_get(suite, "benchmarks"), index, benchmark) {
        const char *group = json_text(benchmark, "group");
        const json_t *earlier = json_object_get(firsts, group);

        if (status == 0 && !earlier &&
            (json_object_set(firsts, group, benchmark) < 0 ||
             value_set(sweeps->groups, group, json_object())))
            status = -ENOMEM;
        if (status == 0)
            status = add_benchmark(sweeps, benchmark, earlier);
    }
    return status;
}

void label_sweeps_done(struct label_sweeps *sweeps) {
    json_decref(sweeps->groups);
}

bool label_is_swept(const struct label_sweeps *sweeps, const char *group, const char *setting) {
    return has_sweep(sweeps, group, setting) || !json_object_get(sweeps->groups, group);
}

static void add_setting(struct buffer *buffer, const char *name, const char *value, char between) {
    buffer_add_char(buffer, ' ');
    buffer_add_text(buffer, name);
    buffer_add_char(buffer, between);
    buffer_add_text(buffer, *value || between == '=' ? value : "\"\"");
}

static void add_number(struct buffer *buffer, const char *name, unsigned number, char between) {
    char text[16];

    (void)snprintf(text, sizeof(text), "%u", number);
    add_setting(buffer, name, text, between);
}

char *label_new(const struct label_sweeps *sweeps, const struct view_case *outcome) {
    struct buffer buffer = {0};

    buffer_add_text(&buffer, outcome->group);
    if (has_sweep(sweeps, outcome->group, "module"))
        add_setting(&buffer, "module", outcome->module, '=');
    for (size_t i = 0; i < outcome->n_params; i++)
        if (label_is_swept(sweeps, outcome->group, outcome->params[i].name))
            add_setting(&buffer, outcome->params[i].name, outcome->params[i].value.text, '=');
    if (*outcome->cpus && label_is_swept(sweeps, outcome->group, "cpus"))
        add_setting(&buffer, "cpus", outcome->cpus, '=');
    if (outcome->neighbours > 0)
        add_number(&buffer, "neighbours", outcome->neighbours, '=');
    if (has_sweep(sweeps, outcome->group, "warmup"))
        add_number(&buffer, "warmup", outcome->warmup, '=');
    return buffer_take(&buffer);
}

/* The first case of a group and module stands for all of them: what differs from it in one of them, differs
 * between them. */
struct label_kin {
    const struct identity *first;
    bool *params;              /* of the first's parameters, whether a case has another value or none */
    bool module, cpus, warmup; /* differ in the group */
};

/* A case, while cases are sorted. */
struct place {
    const struct identity *identity;
    size_t index;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    int order = strcmp(x->identity->group, y->identity->group);

    order = order == 0 ? strcmp(x->identity->module, y->identity->module) : order;
    return order == 0 ? (x->index > y->index) - (x->index < y->index) : order;
}

/* Mostly the one at the same place. */
static const struct view_param *find_param(const struct identity *identity, const char *name,
                                           size_t expected) {
    if (expected < identity->n_params && strcmp(identity->params[expected].name, name) == 0)
        return &identity->params[expected];
    for (size_t i = 0; i < identity->n_params; i++)
        if (strcmp(identity->params[i].name, name) == 0)
            return &identity->params[i];
    return NULL;
}

static void note_differences(struct label_kin *kin, const struct identity *other) {
    for (size_t i = 0; i < kin->first->n_params; i++) {
        const struct view_param *mine = &kin->first->params[i], *its = find_param(other, mine->name, i);

        kin->params[i] |= !its || !view_is_same_value(&mine->value, &its->value);
    }
}

static struct label_kin *new_kin(struct arena *arena, const struct identity *first) {
    struct label_kin *kin = arena_new(arena, sizeof(*kin));
    bool *params = arena_new(arena, first->n_params + 1);

    if (!kin || !params)
        return NULL;
    memset(params, 0, first->n_params + 1);
    *kin = (struct label_kin){.first = first, .params = params};
    return kin;
}

/* Puts the cases of a group, which are sorted by module, together with their kin. */
static int add_group(struct label_cases *among, const struct place *places, size_t n) {
    struct label_kin *kin = NULL, whole = {.first = places[0].identity};

    for (size_t i = 0; i < n; i++) {
        const struct identity *own = places[i].identity;

        if (!kin || strcmp(kin->first->module, own->module) != 0)
            kin = new_kin(&among->arena, own);
        if (!kin)
            return -ENOMEM;
        among->kin[places[i].index] = kin;
        note_differences(kin, own);
        whole.module |= strcmp(own->module, whole.first->module) != 0;
        whole.cpus |= strcmp(own->cpus, whole.first->cpus) != 0;
        whole.warmup |= own->warmup != whole.first->warmup;
    }
    for (size_t i = 0; i < n; i++) {
        kin = (struct label_kin *)among->kin[places[i].index];
        kin->module = whole.module;
        kin->cpus = whole.cpus;
        kin->warmup = whole.warmup;
    }
    return 0;
}

int label_cases_init(struct label_cases *among, const struct identity *const *cases, size_t n_cases) {
    cleanup_free struct place *places = calloc(n_cases + 1, sizeof(*places));
    size_t begin = 0;
    int status = 0;

    *among = (struct label_cases){.cases = cases};
    among->kin = arena_new(&among->arena, (n_cases + 1) * sizeof(struct label_kin *));
    if (!places || !among->kin)
        return -ENOMEM;
    for (size_t i = 0; i < n_cases; i++)
        places[i] = (struct place){cases[i], i};
    qsort(places, n_cases, sizeof(*places), compare_places);
    for (size_t i = 1; status == 0 && i <= n_cases; i++) {
        if (i < n_cases && strcmp(places[i].identity->group, places[begin].identity->group) == 0)
            continue;
        status = add_group(among, places + begin, i - begin);
        begin = i;
    }
    return status;
}

void label_cases_done(struct label_cases *among) {
    arena_done(&among->arena);
}

/* Whether cases of the kin differ in a parameter that one of them has. */
static bool is_different(const struct label_kin *kin, const char *name, size_t expected) {
    const struct view_param *first = find_param(kin->first, name, expected);

    return !first || kin->params[first - kin->first->params];
}

char *label_among(const struct label_cases *among, size_t index, char between) {
    const struct identity *mine = among->cases[index];
    const struct label_kin *kin = among->kin[index];
    struct buffer buffer = {0};

    buffer_add_text(&buffer, mine->group);
    if (kin->module)
        add_setting(&buffer, "module", mine->module, between);
    for (size_t i = 0; i < mine->n_params; i++)
        if (is_different(kin, mine->params[i].name, i))
            add_setting(&buffer, mine->params[i].name, mine->params[i].value.text, between);
    if (kin->cpus && *mine->cpus)
        add_setting(&buffer, "cpus", mine->cpus, between);
    if (mine->neighbours > 0)
        add_number(&buffer, "neighbours", mine->neighbours, between);
    if (kin->warmup)
        add_number(&buffer, "warmup", mine->warmup, between);
    return buffer_take(&buffer);
}
