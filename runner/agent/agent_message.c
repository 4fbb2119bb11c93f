/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_message.h"

#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const struct agent_row agent_rows[] = {
    [AGENT_OPEN] = {"open",
                    AGENT_FROM_DRIVER,
                    {{"suite", AGENT_OBJECT},
                     {"seed", AGENT_TEXT},
                     {"expect", AGENT_OBJECT},
                     {"peer", AGENT_OBJECT_OR_NULL},
                     {"scratch", AGENT_TEXT_OR_NULL},
                     {"retry_noisy", AGENT_WHOLE},
                     {"allow_mismatch", AGENT_FLAG}}},
    [AGENT_PREPARE] = {"prepare", AGENT_FROM_DRIVER, {{"case", AGENT_WHOLE}}},
    [AGENT_TAKE] = {"take", AGENT_FROM_DRIVER, {{"case", AGENT_WHOLE}, {"trial", AGENT_WHOLE}}},
    [AGENT_FINISH] = {"finish", AGENT_FROM_DRIVER, {{"case", AGENT_WHOLE}}},
    [AGENT_CLOSE] = {"close", AGENT_FROM_DRIVER, {{NULL, AGENT_TEXT}}},
    [AGENT_SERVE] = {"serve", AGENT_FROM_DRIVER, {{"token", AGENT_TEXT}}},
    [AGENT_HELLO] = {"hello", AGENT_FROM_AGENT, {{"version", AGENT_TEXT}, {"protocol", AGENT_WHOLE}}},
    [AGENT_OPENED] = {"opened",
                      AGENT_FROM_AGENT,
                      {{"environment", AGENT_OBJECT},
                       {"facts_s", AGENT_NUMBER},
                       {"clock_cost_s", AGENT_NUMBER},
                       {"boot", AGENT_TEXT},
                       {"cpu_group_id", AGENT_TEXT},
                       {"mismatch", AGENT_TEXT_OR_NULL},
                       {"modules", AGENT_LIST},
                       {"warnings", AGENT_LIST}}},
    [AGENT_PREPARED] = {"prepared", AGENT_FROM_AGENT, {{"case", AGENT_WHOLE}}},
    [AGENT_TAKEN] = {"taken",
                     AGENT_FROM_AGENT,
                     {{"case", AGENT_WHOLE},
                      {"path", AGENT_TEXT_OR_NULL},
                      {"facts", AGENT_LIST},
                      {"start_s", AGENT_NUMBER},
                      {"trial", AGENT_OBJECT}}},
    [AGENT_TROUBLE] = {"trouble",
                       AGENT_FROM_AGENT,
                       {{"case", AGENT_WHOLE}, {"status", AGENT_TEXT}, {"reason", AGENT_TEXT}}},
    [AGENT_FINISHED] = {"finished", AGENT_FROM_AGENT, {{"case", AGENT_WHOLE}}},
    [AGENT_CLOSED] = {"closed",
                      AGENT_FROM_AGENT,
                      {{"environment", AGENT_OBJECT}, {"facts_s", AGENT_NUMBER}, {"changes", AGENT_LIST}}},
    [AGENT_SERVING] = {"serving", AGENT_FROM_AGENT, {{"port", AGENT_WHOLE}, {"hosts", AGENT_LIST}}},
    [AGENT_ERROR] = {"error", AGENT_FROM_AGENT, {{"text", AGENT_TEXT}}},
};

static bool is_of_kind(const json_t *value, enum agent_kind kind) {
    switch (kind) {
    case AGENT_TEXT:
        return json_is_string(value);
    case AGENT_WHOLE:
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
               json_integer_value(value) <= UINT32_MAX;
    case AGENT_NUMBER:
        return json_is_number(value) && isfinite(json_number_value(value));
    case AGENT_FLAG:
        return json_is_boolean(value);
    case AGENT_OBJECT:
        return json_is_object(value);
    case AGENT_LIST:
        return json_is_array(value);
    case AGENT_TEXT_OR_NULL:
        return json_is_string(value) || json_is_null(value);
    case AGENT_OBJECT_OR_NULL:
        return json_is_object(value) || json_is_null(value);
    }
    return false;
}

static int check_members(const json_t *json, const struct agent_row *row, struct vms_error *error) {
    size_t n = 0;

    for (; n < AGENT_MEMBERS_MAX && row->members[n].name; n++) {
        const struct agent_member *member = &row->members[n];
        const json_t *value = json_object_get(json, member->name);

        if (!value || !is_of_kind(value, member->kind))
            return error_set(error, -EPROTO, "the message \"%s\" is malformed: \"%s\" is %s", row->name,
                             member->name, value ? "of the wrong type" : "missing");
    }
    return json_object_size(json) == n + 1
               ? 0
               : error_set(error, -EPROTO, "the message \"%s\" is malformed: it has unknown members",
                           row->name);
}

int agent_message_check(const json_t *json, enum agent_origin origin, enum agent_type *ret_type,
                        struct vms_error *error) {
    const char *name = json_string_value(json_object_get(json, "type"));

    if (!name)
        return error_set(error, -EPROTO, "a message without a type was received");
    for (unsigned i = 0; i < VMS_LENGTH(agent_rows); i++) {
        if (agent_rows[i].origin != origin || strcmp(agent_rows[i].name, name) != 0)
            continue;
        if (check_members(json, &agent_rows[i], error) < 0)
            return -EPROTO;
        *ret_type = (enum agent_type)i;
        return 0;
    }
    return error_set(error, -EPROTO, "a message of unknown type \"%.40s\" was received", name);
}

json_t *agent_message_new(enum agent_type type, json_t *members) {
    if (members && json_object_set_new(members, "type", json_string(agent_rows[type].name)) < 0) {
        json_decref(members);
        return NULL;
    }
    return members;
}

const char *agent_text(const json_t *message, const char *name) {
    return json_string_value(json_object_get(message, name));
}

uint32_t agent_whole(const json_t *message, const char *name) {
    return (uint32_t)json_integer_value(json_object_get(message, name));
}

double agent_number(const json_t *message, const char *name) {
    return json_number_value(json_object_get(message, name));
}
