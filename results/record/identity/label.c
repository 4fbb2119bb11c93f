/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/label.h"

#include "base/cleanup.h"
#include "record/json.h"
#include "record/text/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What makes cases of a group different beside their parameters. */
static const char *const settings[] = {"module", "cpus", "warmup"};

static bool has_group(const struct label_sweeps *sweeps, const char *group) {
    for (size_t i = 0; i < sweeps->n_groups; i++)
        if (strcmp(sweeps->groups[i], group) == 0)
            return true;
    return false;
}

static bool has_sweep(const struct label_sweeps *sweeps, const char *group, const char *setting) {
    for (size_t i = 0; i < sweeps->n_sweeps; i++)
        if (strcmp(sweeps->sweeps[i].setting, setting) == 0 && strcmp(sweeps->sweeps[i].group, group) == 0)
            return true;
    return false;
}

static int add_sweep(struct label_sweeps *sweeps, const char *group, const char *setting) {
    struct label_sweep *grown;

    if (has_sweep(sweeps, group, setting))
        return 0;
    grown = reallocarray(sweeps->sweeps, sweeps->n_sweeps + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    sweeps->sweeps = grown;
    grown[sweeps->n_sweeps++] = (struct label_sweep){group, setting};
    return 0;
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
    const json_t *benchmarks = json_object_get(suite, "benchmarks"), *benchmark;
    size_t index;
    int status = 0;

    *sweeps = (struct label_sweeps){.groups = calloc(json_array_size(benchmarks) + 1, sizeof(char *))};
    if (!sweeps->groups)
        return -ENOMEM;
    json_array_foreach (benchmarks, index, benchmark) {
        const char *group = json_text(benchmark, "group");
        const json_t *earlier = NULL;

        for (size_t i = 0; !earlier && i < index; i++)
            if (strcmp(json_text(json_array_get(benchmarks, i), "group"), group) == 0)
                earlier = json_array_get(benchmarks, i);
        if (status == 0)
            status = add_benchmark(sweeps, benchmark, earlier);
        if (!has_group(sweeps, group))
            sweeps->groups[sweeps->n_groups++] = group;
    }
    return status;
}

void label_sweeps_done(struct label_sweeps *sweeps) {
    free(sweeps->sweeps);
    free(sweeps->groups);
}

bool label_is_swept(const struct label_sweeps *sweeps, const char *group, const char *setting) {
    return has_sweep(sweeps, group, setting) || !has_group(sweeps, group);
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

/* What differs between the cases of a case's group. */
struct differing {
    bool module, cpus, warmup;
    bool *params; /* by the case's own */
};

static void note_differences(const struct identity *mine, const struct identity *other,
                             struct differing *differing) {
    if (strcmp(mine->group, other->group) != 0)
        return;
    differing->cpus |= strcmp(mine->cpus, other->cpus) != 0;
    differing->warmup |= mine->warmup != other->warmup;
    if (strcmp(mine->module, other->module) != 0) {
        differing->module = true;
        return;
    }
    for (size_t i = 0; i < mine->n_params; i++) {
        const struct view_value *value = identity_find_param(other, mine->params[i].name);

        differing->params[i] |= !value || !view_is_same_value(&mine->params[i].value, value);
    }
}

char *label_among(const struct identity *const *cases, size_t n_cases, size_t index, char between) {
    const struct identity *mine = cases[index];
    cleanup_free bool *params = calloc(mine->n_params + 1, sizeof(*params));
    struct differing differing = {.params = params};
    struct buffer buffer = {0};

    for (size_t i = 0; params && i < n_cases; i++)
        note_differences(mine, cases[i], &differing);
    buffer_add_text(&buffer, mine->group);
    if (differing.module)
        add_setting(&buffer, "module", mine->module, between);
    for (size_t i = 0; params && i < mine->n_params; i++)
        if (params[i])
            add_setting(&buffer, mine->params[i].name, mine->params[i].value.text, between);
    if (differing.cpus && *mine->cpus)
        add_setting(&buffer, "cpus", mine->cpus, between);
    if (mine->neighbours > 0)
        add_number(&buffer, "neighbours", mine->neighbours, between);
    if (differing.warmup)
        add_number(&buffer, "warmup", mine->warmup, between);
    if (!params)
        buffer.failed = true;
    return buffer_take(&buffer);
}
