/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/document_kind.h"

#include <string.h>

#include <vmsuite/module.h>

static const struct kind_row {
    enum document_kind kind;
    const char *schema; /* how the member "schema" begins; NULL: the kind has no such member */
    const char *member; /* which only this kind has; NULL: the schema says */
    const char *name, *use;
} rows[] = {
    {KIND_RECORD, "vmsuite.record/", NULL, "a record",
     "`vmsuite compare`, `report`, `export` and `store import` read it"},
    {KIND_COMPARISON, "vmsuite.comparison/", NULL, "a comparison",
     "`vmsuite compare --format json` wrote it"},
    {KIND_HOSTS, "vmsuite.fleet/", NULL, "a comparison of hosts",
     "`vmsuite compare --by` and `vmsuite fleet collect` wrote it"},
    {KIND_FLEET, "vmsuite.fleet-jobs/", NULL, "the description of a fleet",
     "`vmsuite fleet status` takes its folder"},
    {KIND_TREND, "vmsuite.trend/", NULL, "a search for changes", "`vmsuite trend --json` wrote it"},
    {KIND_BASELINE, "vmsuite.baseline/", NULL, "a baseline", "`vmsuite study --baseline` takes it"},
    {KIND_POLICY, "vmsuite.policy/", NULL, "a policy", "`vmsuite compare --policy` takes it"},
    {KIND_STUDY, NULL, "study", "a study", "`vmsuite study --config` takes it"},
    {KIND_CONFIGURATION, NULL, "configuration", "a configuration", "`vmsuite run` takes it"},
    {KIND_SUITE, NULL, "benchmarks", "a suite", "`vmsuite run --suite` takes it"},
};

static const struct kind_row *find_row(enum document_kind kind) {
    static const struct kind_row unknown = {.name = "JSON of another kind",
                                            .use = "`vmsuite check FILE` says what it lacks"};

    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return &unknown;
}

enum document_kind kind_of(const json_t *object) {
    const char *schema = json_string_value(json_object_get(object, "schema"));

    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (rows[i].schema ? schema && strncmp(schema, rows[i].schema, strlen(rows[i].schema)) == 0
                           : json_object_get(object, rows[i].member) != NULL)
            return rows[i].kind;
    return KIND_UNKNOWN;
}

const char *kind_name(enum document_kind kind) {
    return find_row(kind)->name;
}

const char *kind_use(enum document_kind kind) {
    return find_row(kind)->use;
}
