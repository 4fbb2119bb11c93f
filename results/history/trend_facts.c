/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed in the machine where the figures did. */
#include "base/cleanup.h"
#include "base/error.h"
#include "history/import.h"
#include "history/trend.h"
#include "record/json.h"
#include "record/text/buffer.h"
#include "record/text/hash.h"
#include "record/value.h"

#include <string.h>

/* What is named first: what is most often the cause. */
static const char *const first_facts[] = {"kernel.release",  "virtualization", "virtualization.version",
                                          "vmsuite.version", "cpu.microcode",  "cpu.governor",
                                          "cpu.mitigations"};

/* The facts of an environment; an empty object where the store's are none. */
static json_t *read_environment(struct history *history, int64_t id, struct vms_error *error) {
    struct statement *statement = NULL;
    json_auto_t *facts = NULL;
    json_t *none;
    int status = database_prepare(history_database(history), "SELECT facts FROM environments WHERE id = $1",
                                  &statement, error);

    if (status < 0)
        return NULL;
    statement_set_whole(statement, 1, id);
    status = statement_step(statement, error);
    if (status == 1)
        facts = json_loads(statement_text(statement, 0), JSON_REJECT_DUPLICATES, NULL);
    statement_free(statement);
    if (status < 0 || json_is_object(facts))
        return json_incref(facts);
    none = json_object();
    if (!none)
        (void)error_memory(error);
    return none;
}

int trend_find_work(struct history *history, const json_t *identity, int64_t *ret_work,
                    struct vms_error *error) {
    cleanup_free char *text = json_canonical(identity);
    struct statement *statement = NULL;
    int status = text ? database_prepare(history_database(history), IMPORT_FIND_WORK, &statement, error)
                      : error_memory(error);

    if (status < 0)
        return status;
    statement_set_whole(statement, 1, (int64_t)hash_text(HASH_START, text));
    statement_set_text(statement, 2, text);
    status = statement_step(statement, error);
    if (status == 1)
        *ret_work = statement_whole(statement, 0);
    statement_free(statement);
    return status;
}

static int add_change(json_t *changes, const char *name, const json_t *before, const json_t *after) {
    if (json_object_get(changes, name) || (before == after && !before) ||
        (before && after && json_equal(before, after)))
        return 0;
    return value_set(changes, name, json_pack("[O?, O?]", before, after));
}

/* A text or nothing. */
static const json_t *text_of(const json_t *facts, const char *name) {
    const json_t *value = json_object_get(facts, name);

    return json_is_string(value) ? value : NULL;
}

static json_t *new_changes(const json_t *before, const json_t *after) {
    json_t *changes = json_object(), *value;
    const char *name;
    int failed = 0;

    for (size_t i = 0; i < VMS_LENGTH(first_facts); i++)
        failed |= add_change(changes, first_facts[i], text_of(before, first_facts[i]),
                             text_of(after, first_facts[i]));
    json_object_foreach ((json_t *)before, name, value)
        failed |= add_change(changes, name, text_of(before, name), text_of(after, name));
    json_object_foreach ((json_t *)after, name, value)
        failed |= add_change(changes, name, text_of(before, name), text_of(after, name));
    return value_finish(changes, failed);
}

json_t *trend_facts(struct history *history, const struct trend_line *line, const struct change_point *change,
                    struct vms_error *error) {
    const struct history_point *points[] = {line->trend[change->at - 1].first, line->trend[change->at].first};
    json_auto_t *before = read_environment(history, points[0]->run->environment, error), *after = NULL;
    json_t *changes;

    if (before)
        after = read_environment(history, points[1]->run->environment, error);
    if (!after)
        return NULL;
    changes = new_changes(before, after);
    if (!changes)
        (void)error_memory(error);
    return changes;
}

static const char *words_of(const json_t *pair, size_t index) {
    const char *text = json_string_value(json_array_get(pair, index));

    return text ? text : "none";
}

int trend_facts_words(struct history *history, const struct trend_line *line,
                      const struct change_point *change, size_t most, char **ret_words,
                      struct vms_error *error) {
    json_auto_t *facts = trend_facts(history, line, change, error);
    size_t n = json_object_size(facts), shown = 0;
    struct buffer words = {0};
    const char *name;
    json_t *pair;

    if (!facts)
        return -EIO;
    json_object_foreach (facts, name, pair) {
        if (shown == most)
            break;
        buffer_add_text(&words, shown++ > 0 ? "; " : "");
        buffer_add_text(&words, name);
        buffer_add_text(&words, ": ");
        buffer_add_text(&words, words_of(pair, 0));
        buffer_add_text(&words, " -> ");
        buffer_add_text(&words, words_of(pair, 1));
    }
    if (n > shown) {
        buffer_add_text(&words, "; and ");
        buffer_add_whole(&words, n - shown);
        buffer_add_text(&words, " more");
    }
    *ret_words = buffer_take(&words);
    return *ret_words ? 0 : error_memory(error);
}
