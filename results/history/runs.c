/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/runs.h"

#include "base/error.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS 9

static const char *const by_names[] = {[HISTORY_BY_RUN] = "run",
                                       [HISTORY_BY_LABEL] = "label",
                                       [HISTORY_BY_KERNEL] = "kernel",
                                       [HISTORY_BY_HYPERVISOR] = "hypervisor",
                                       [HISTORY_BY_VERSION] = "version"};

const char *history_by_name(size_t index) {
    return index < VMS_LENGTH(by_names) ? by_names[index] : NULL;
}

bool history_is_common(const struct history_run *a, const struct history_run *b, enum history_by by) {
    switch (by) {
    case HISTORY_BY_LABEL:
        return strcmp(a->label, b->label) == 0;
    case HISTORY_BY_KERNEL:
        return strcmp(a->kernel, b->kernel) == 0;
    case HISTORY_BY_HYPERVISOR:
        return strcmp(a->hypervisor, b->hypervisor) == 0;
    case HISTORY_BY_VERSION:
        return strcmp(a->version, b->version) == 0;
    case HISTORY_BY_RUN:
    default:
        return a == b;
    }
}

/* Times of records are in the order of their letters. */
static bool is_within(const struct history_choice *choice, const char *started_at) {
    return (!choice->since || strcmp(started_at, choice->since) >= 0) &&
           (!choice->until || strcmp(started_at, choice->until) < 0);
}

bool history_matches(const char *pattern, const char *text) {
    return !pattern || fnmatch(pattern, text, 0) == 0;
}

/* Where the texts of a run are, in the order of the columns. */
static void find_texts(struct history_run *run, const char **ret_texts[static TEXTS]) {
    ret_texts[0] = &run->configuration;
    ret_texts[1] = &run->machine;
    ret_texts[2] = &run->run_id;
    ret_texts[3] = &run->record;
    ret_texts[4] = &run->started_at;
    ret_texts[5] = &run->kernel;
    ret_texts[6] = &run->hypervisor;
    ret_texts[7] = &run->version;
    ret_texts[8] = &run->label;
}

/* Most texts are those of the run before, which then share them. */
static const char *keep(struct arena *arena, const char *text, const char *before) {
    return before && strcmp(before, text) == 0 ? before : arena_text(arena, text, strlen(text));
}

static int add_run(struct history_runs *runs, const struct statement *row,
                   const struct history_choice *choice) {
    const char **texts[TEXTS], **before[TEXTS];
    struct history_run *run;

    if (!history_matches(choice->configuration, statement_text(row, 0)) ||
        !history_matches(choice->machine, statement_text(row, 1)) ||
        !is_within(choice, statement_text(row, 4)) ||
        (choice->value && strcmp(choice->value, statement_text(row, 8)) != 0))
        return 0;
    run = arena_grow(&runs->arena, runs->runs, runs->n, sizeof(*run));
    if (!run)
        return -ENOMEM;
    runs->runs = run;
    run += runs->n++;
    *run = (struct history_run){.id = statement_whole(row, 9), .environment = statement_whole(row, 10)};
    find_texts(run, texts);
    find_texts(run - (runs->n > 1), before);
    for (unsigned i = 0; i < TEXTS; i++)
        if (!(*texts[i] = keep(&runs->arena, statement_text(row, i), runs->n > 1 ? *before[i] : NULL)))
            return -ENOMEM;
    return 0;
}

static int compare_texts(const char *a, const char *b) {
    return a == b ? 0 : strcmp(a, b);
}

static int compare_histories(const void *a, const void *b) {
    const struct history_run *x = a, *y = b;
    int order = compare_texts(x->configuration, y->configuration);

    if (order == 0)
        order = compare_texts(x->machine, y->machine);
    if (order == 0)
        order = compare_texts(x->started_at, y->started_at);
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static int compare_ids(const void *a, const void *b) {
    const struct history_run *x = *(const struct history_run *const *)a,
                             *y = *(const struct history_run *const *)b;

    return (x->id > y->id) - (x->id < y->id);
}

void history_sort(void *elements, size_t n, size_t size, int (*compare)(const void *, const void *)) {
    size_t i = 1;

    while (i < n && compare((const char *)elements + (i - 1) * size, (const char *)elements + i * size) <= 0)
        i++;
    if (i < n)
        qsort(elements, n, size, compare);
}

static int sort(struct history_runs *runs) {
    if (runs->n == 0)
        return 0;
    runs->by_id = arena_new(&runs->arena, runs->n * sizeof(const struct history_run *));
    if (!runs->by_id)
        return -ENOMEM;
    history_sort(runs->runs, runs->n, sizeof(*runs->runs), compare_histories);
    for (size_t i = 0; i < runs->n; i++)
        runs->by_id[i] = &runs->runs[i];
    history_sort(runs->by_id, runs->n, sizeof(const struct history_run *), compare_ids);
    return 0;
}

/* The program sorts: the rows are many and long, and either database would write them to a file first. They
 * come in the order of their ids, which mostly is that of time. */
int history_runs_read(struct history *history, const struct history_choice *choice,
                      struct history_runs *ret_runs, struct vms_error *error) {
    static const char plain[] =
        "SELECT configuration, machine, run_id, record, started_at, kernel, hypervisor, version, "
        "'', id, environment FROM runs ORDER BY id";
    static const char labelled[] =
        "SELECT r.configuration, r.machine, r.run_id, r.record, r.started_at, r.kernel, r.hypervisor, "
        "r.version, "
        "l.value, r.id, r.environment FROM runs r LEFT JOIN labels l ON l.run = r.id AND l.name = $1 ORDER "
        "BY r.id";
    struct statement *statement = NULL;
    int status =
        database_prepare(history_database(history), choice->label ? labelled : plain, &statement, error);
    int step = 0;

    *ret_runs = (struct history_runs){0};
    if (status < 0)
        return status;
    if (choice->label)
        statement_set_text(statement, 1, choice->label);
    while (status == 0 && (step = statement_step(statement, error)) == 1)
        status = add_run(ret_runs, statement, choice);
    if (status == 0 && step == 0)
        status = sort(ret_runs);
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    return status < 0 ? status : step;
}

void history_runs_done(struct history_runs *runs) {
    arena_done(&runs->arena);
    *runs = (struct history_runs){0};
}

static int compare_with_id(const void *key, const void *element) {
    int64_t id = *(const int64_t *)key, other = (*(const struct history_run *const *)element)->id;

    return (id > other) - (id < other);
}

const struct history_run *history_runs_find(const struct history_runs *runs, int64_t id) {
    size_t guess = runs->n > 0 ? (size_t)((uint64_t)id - (uint64_t)runs->by_id[0]->id) : 0;
    const struct history_run **found;

    if (guess < runs->n && runs->by_id[guess]->id == id) /* there is no gap before it */
        return runs->by_id[guess];
    found = runs->n > 0
                ? bsearch(&id, runs->by_id, runs->n, sizeof(const struct history_run *), compare_with_id)
                : NULL;

    return found ? *found : NULL;
}
