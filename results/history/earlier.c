/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/earlier.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "record/json.h"
#include "record/text/hash.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

/* One run may have a case several times: the first counts. */
static bool is_known(const struct earlier *earlier, int64_t run) {
    return earlier->n > 0 && earlier->runs[earlier->n - 1].run == run;
}

static uint64_t group_of(const struct statement *row) {
    uint64_t hash = HASH_START;

    for (unsigned column = 3; column < 7; column++)
        hash = hash_text(hash_text(hash, statement_text(row, column)), "\n");
    return hash;
}

static int compare_ids(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void earlier_known_sort(struct earlier_known *known) {
    if (known->n > 0)
        qsort(known->ids, known->n, sizeof(*known->ids), compare_ids);
}

static bool is_at_hand(const struct earlier_known *known, const char *id) {
    return known->n > 0 && bsearch(&id, known->ids, known->n, sizeof(*known->ids), compare_ids);
}

static int add(struct earlier *earlier, const struct statement *row,
               const struct earlier_known *passed_over) {
    double log = statement_real(row, 2);
    struct earlier_run *grown;

    if (!isfinite(log) || is_known(earlier, statement_whole(row, 0)) ||
        is_at_hand(passed_over, statement_text(row, 1)))
        return 0;
    grown = reallocarray(earlier->runs, earlier->n + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    earlier->runs = grown;
    grown[earlier->n++] = (struct earlier_run){statement_whole(row, 0), group_of(row), log};
    return 0;
}

static int compare_runs(const void *a, const void *b) {
    const struct earlier_run *x = a, *y = b;

    return (x->run > y->run) - (x->run < y->run);
}

static int prepare(struct history *history, const struct earlier_wanted *wanted,
                   struct statement **ret_statement, struct vms_error *error) {
    static const char sql[] =
        "SELECT r.id, r.run_id, f.log, r.configuration, r.kernel, r.hypervisor, r.version FROM works w "
        "JOIN series s ON s.work = w.id JOIN figures f ON f.series = s.id JOIN runs r ON r.id = f.run "
        "WHERE w.hash = $1 AND w.identity = $2 AND s.metric = $3 AND s.unit = $4 AND s.better = $5 AND "
        "s.side = $6 "
        "AND r.machine = $7 ORDER BY r.started_at COLLATE \"C\" DESC, r.id DESC, f.number LIMIT $8";
    const struct identity_metric *metric = wanted->metric;
    const char *const texts[] = {metric->name, units_name(metric->unit), value_better_name(metric->better),
                                 value_side_name(metric->side), wanted->machine};
    json_auto_t *json = identity_json(wanted->identity);
    cleanup_free char *text = json_canonical(json);
    struct statement *statement;
    int status =
        text ? database_prepare(history_database(history), sql, &statement, error) : error_memory(error);

    if (status < 0)
        return status;
    statement_set_whole(statement, 1, (int64_t)hash_text(HASH_START, text));
    statement_set_text(statement, 2, text);
    for (unsigned i = 0; i < VMS_LENGTH(texts); i++)
        statement_set_text(statement, 3 + i, texts[i]);
    statement_set_whole(statement, 8, EARLIER_RUNS_MAX);
    *ret_statement = statement;
    return 0;
}

int earlier_read(struct history *history, const struct earlier_wanted *wanted, struct earlier *ret_earlier,
                 struct vms_error *error) {
    struct statement *statement = NULL;
    int status = prepare(history, wanted, &statement, error), step = 0;

    *ret_earlier = (struct earlier){0};
    if (status < 0)
        return status;
    while (status == 0 && (step = statement_step(statement, error)) == 1)
        status = add(ret_earlier, statement, wanted->passed_over);
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    if (ret_earlier->n > 0)
        qsort(ret_earlier->runs, ret_earlier->n, sizeof(*ret_earlier->runs), compare_runs);
    return status < 0 ? status : step;
}

void earlier_done(struct earlier *earlier) {
    free(earlier->runs);
    *earlier = (struct earlier){0};
}
