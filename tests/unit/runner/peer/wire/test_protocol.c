/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs/protocol.md against the code: its tables hold each message with its members, each code and each status,
 * and nothing else. */
#include "base/cleanup.h"
#include "peer/wire/message.h"

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

/* The first `columns` cells of each row of the table below that heading, as they stand: "`hello` | client". */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocol__messages),
        cmocka_unit_test(protocol__codes),
        cmocka_unit_test(protocol__statuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
