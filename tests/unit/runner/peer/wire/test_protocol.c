/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs/protocol.md against the code: its tables hold each message with its members, each code and each
 * status, and nothing else. */
#include "agent/agent_message.h"
#include "base/cleanup.h"
#include "peer/wire/message.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROWS_MAX 64
#define ROW_SIZE 256

struct rows {
    char rows[ROWS_MAX][ROW_SIZE];
    size_t n;
};

/* The first `columns` cells of each row of the table below that heading, as they stand: "`hello` |
 * client". */
static void read_table(const char *heading, unsigned columns, struct rows *ret) {
    cleanup_free char *path = NULL, *line = NULL;
    cleanup_fclose FILE *file = NULL;
    bool inside = false;
    size_t size = 0;

    assert_true(asprintf(&path, "%s/docs/protocol.md", getenv("VMSUITE_SOURCE")) > 0);
    file = fopen(path, "re");
    assert_non_null(file);
    while (getline(&line, &size, file) > 0) {
        char *cell = line + 2, *end = cell;

        if (strncmp(line, "## ", 3) == 0)
            inside = strncmp(line + 3, heading, strlen(heading)) == 0;
        if (!inside || strncmp(line, "| `", 3) != 0)
            continue;
        for (unsigned i = 0; i < columns; i++)
            end = strstr(end + 1, " |");
        assert_true(ret->n < ROWS_MAX);
        (void)snprintf(ret->rows[ret->n++], ROW_SIZE, "%.*s", (int)(end - cell), cell);
    }
    assert_true(ret->n > 0);
}

static bool has_row(const struct rows *rows, const char *row) {
    for (size_t i = 0; i < rows->n; i++)
        if (strcmp(rows->rows[i], row) == 0)
            return true;
    return false;
}

static void assert_row(const struct rows *rows, const char *row) {
    if (!has_row(rows, row))
        fail_msg("docs/protocol.md has no row \"%s\"", row);
}

static const char *text_of(const json_t *json, const char *key) {
    return json_string_value(json_object_get(json, key));
}

/* Of a type, with what its texts must not lack. */
static json_t *make(enum message_type type) {
    const struct message message = {.type = type,
                                    .guarded = true,
                                    .module = "tcp",
                                    .workload_version = 1,
                                    .params = json_object(),
                                    .text = "",
                                    .limit_s = 1};
    json_t *json = message_new(&message);

    json_decref(message.params);
    assert_non_null(json);
    return json;
}

static const char *sender_of(json_t *json) {
    struct message message;

    /* "hello" and the like go both ways, with other members. */
    return message_read(json, MESSAGE_FROM_CLIENT, &message, NULL) == 0 ? "client"
           : message_read(json, MESSAGE_FROM_PEER, &message, NULL) == 0 ? "peer"
                                                                        : NULL;
}

static void protocol__messages(void **state) {
    struct rows rows = {.n = 0};
    size_t n = 0;

    (void)state;
    read_table("Messages", 3, &rows);
    for (enum message_type type = MESSAGE_CLIENT_HELLO; type <= MESSAGE_ERROR; type++) {
        json_t *json = make(type), *value;
        bool is_proof = type == MESSAGE_CLIENT_PROOF || type == MESSAGE_PEER_PROOF;
        const char *key, *from = type == MESSAGE_PEER_PROOF ? "peer" : sender_of(json);
        char row[ROW_SIZE], members[ROW_SIZE] = "";

        assert_true(is_proof || from);
        json_object_foreach (json, key, value) {
            size_t used = strlen(members);

            if (strcmp(key, "type") != 0)
                (void)snprintf(members + used, sizeof(members) - used, "%s`%s`", used ? ", " : "", key);
        }
        (void)snprintf(row, sizeof(row), "`%s` | %s | %.200s", text_of(json, "type"), from, members);
        assert_row(&rows, row);
        json_decref(json);
        n++;
    }
    assert_int_equal(rows.n, n);
}

static void assert_words(const char *heading, enum message_type type, const char *key, unsigned n) {
    struct rows rows = {.n = 0};

    read_table(heading, 1, &rows);
    for (unsigned i = 0; i < n; i++) {
        const struct message message = {
            .type = type, .code = (enum message_code)i, .ending = (enum message_ending)i, .text = ""};
        json_t *json = message_new(&message);
        char row[ROW_SIZE];

        (void)snprintf(row, sizeof(row), "`%s`", text_of(json, key));
        assert_row(&rows, row);
        json_decref(json);
    }
    assert_int_equal(rows.n, n);
}

static void protocol__codes(void **state) {
    (void)state;
    assert_words("Codes of", MESSAGE_ERROR, "code", CODE_SHUTDOWN + 1);
}

static void protocol__statuses(void **state) {
    (void)state;
    assert_words("Statuses of", MESSAGE_ENDED, "status", ENDED_CRASHED + 1);
}

static void protocol__agents(void **state) {
    struct rows rows = {.n = 0};

    (void)state;
    read_table("What driver and agent say", 3, &rows);
    for (size_t i = 0; i < VMS_LENGTH(agent_rows); i++) {
        const struct agent_row *message = &agent_rows[i];
        char row[ROW_SIZE], members[ROW_SIZE] = "";

        for (size_t k = 0; k < AGENT_MEMBERS_MAX && message->members[k].name; k++) {
            size_t used = strlen(members);

            (void)snprintf(members + used, sizeof(members) - used, "%s`%s`", used ? ", " : "",
                           message->members[k].name);
        }
        (void)snprintf(row, sizeof(row), "`%s` | %s | %.200s", message->name,
                       message->origin == AGENT_FROM_DRIVER ? "driver" : "agent",
                       members[0] ? members : "none");
        assert_row(&rows, row);
    }
    assert_int_equal(rows.n, VMS_LENGTH(agent_rows));
}

/* A message with all members of its row, each of the right kind. */
static json_t *make_of_agents(const struct agent_row *row) {
    json_t *json = json_pack("{s:s}", "type", row->name);

    for (size_t i = 0; i < AGENT_MEMBERS_MAX && row->members[i].name; i++) {
        json_t *const values[] = {[AGENT_TEXT] = json_string(""),     [AGENT_WHOLE] = json_integer(1),
                                  [AGENT_NUMBER] = json_real(0.5),    [AGENT_FLAG] = json_true(),
                                  [AGENT_OBJECT] = json_object(),     [AGENT_LIST] = json_array(),
                                  [AGENT_TEXT_OR_NULL] = json_null(), [AGENT_OBJECT_OR_NULL] = json_null()};

        json_object_set(json, row->members[i].name, values[row->members[i].kind]);
        for (size_t k = 0; k < VMS_LENGTH(values); k++)
            json_decref(values[k]);
    }
    return json;
}

/* Each form is taken as it is, from its own side only, and refused with one member more, less or of another
 * kind. */
static void protocol__agents_are_strict(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(agent_rows); i++) {
        const struct agent_row *row = &agent_rows[i];
        json_auto_t *json = make_of_agents(row), *more = json_deep_copy(json);
        enum agent_type type = AGENT_ERROR;

        assert_int_equal(agent_message_check(json, row->origin, &type, NULL), 0);
        assert_int_equal(type, i);
        assert_int_equal(agent_message_check(json, !row->origin, &type, NULL), -EPROTO);
        json_object_set_new(more, "command", json_string("true"));
        assert_int_equal(agent_message_check(more, row->origin, &type, NULL), -EPROTO);
        for (size_t k = 0; k < AGENT_MEMBERS_MAX && row->members[k].name; k++) {
            json_auto_t *less = json_deep_copy(json), *other = json_deep_copy(json);

            json_object_del(less, row->members[k].name);
            assert_int_equal(agent_message_check(less, row->origin, &type, NULL), -EPROTO);
            json_object_set_new(other, row->members[k].name, json_integer(-1));
            assert_int_equal(agent_message_check(other, row->origin, &type, NULL),
                             row->members[k].kind == AGENT_NUMBER ? 0 : -EPROTO);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocol__messages),          cmocka_unit_test(protocol__codes),
        cmocka_unit_test(protocol__statuses),          cmocka_unit_test(protocol__agents),
        cmocka_unit_test(protocol__agents_are_strict),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
