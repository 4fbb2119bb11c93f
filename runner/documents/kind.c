/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/kind.h"

#include <string.h>

#include <vmsuite/module.h>

static const struct kind_row {
    enum document_kind kind;
    const char *schema; /* how the member "schema" begins; NULL: the kind has no such member */
    const char *member; /* which only this kind has; NULL: the schema says */
    const char *name, *use;
} rows[] = {
    {KIND_RECORD, "vmsuite.record/", NULL, "a record", "`vmsuite compare`, `report` and `export` read it"},
    {KIND_COMPARISON, "vmsuite.comparison/", NULL, "a comparison",
     "`vmsuite compare --format json` wrote it"},
    {KIND_BASELINE, "vmsuite.baseline/", NULL, "a baseline", "`vmsuite study --baseline` takes it"},
    {KIND_POLICY, "vmsuite.policy/", NULL, "a policy", "`vmsuite compare --policy` takes it"},
    {KIND_STUDY, NULL, "study", "a study", "`vmsuite study --config` takes it"},
    {KIND_CONFIGURATION, NULL, "configuration", "a configuration", "`vmsuite run` takes it"},
    {KIND_SUITE, NULL, "benchmarks", "a suite", "`vmsuite run --suite` takes it"},
};

static const struct kind_row *find_row(enum document_kind kind) {
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
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
    return kind == KIND_UNKNOWN ? "a document of an unknown kind" : find_row(kind)->name;
}

bool kind_expect(const struct document *document, enum document_kind wanted) {
    enum document_kind kind = kind_of(document->json);

    if (kind == wanted || kind == KIND_UNKNOWN)
        return true;
    document_problem(document, "$", "is %s, not %s; %s", kind_name(kind), kind_name(wanted),
                     find_row(kind)->use);
    return false;
}
