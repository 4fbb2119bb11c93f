/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/json_lines.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_path_member(char ret_path[static JSON_PATH_SIZE], const char *path, const char *key) {
    int length = snprintf(ret_path, JSON_PATH_SIZE, "%s.%s", path, key);

    if (length < 0)
        ret_path[0] = '\0';
}

void json_path_element(char ret_path[static JSON_PATH_SIZE], const char *path, size_t index) {
    int length = snprintf(ret_path, JSON_PATH_SIZE, "%s[%zu]", path, index);

    if (length < 0)
        ret_path[0] = '\0';
}

struct scanner {
    const char *at;
    int line;
    char path[JSON_PATH_SIZE];
    struct json_lines *lines;
};

static void skip_space(struct scanner *scanner) {
    for (; *scanner->at && strchr(" \t\r\n", *scanner->at); scanner->at++)
        scanner->line += *scanner->at == '\n';
}

/* Steps over a string and says where its characters are. */
static size_t scan_string(struct scanner *scanner, const char **ret_start) {
    const char *start = ++scanner->at;

    while (*scanner->at && *scanner->at != '"')
        scanner->at += scanner->at[0] == '\\' && scanner->at[1] ? 2 : 1;
    *ret_start = start;
    return (size_t)(scanner->at++ - start);
}

static bool seen(const struct json_lines *lines, const char *path, size_t since) {
    for (size_t i = since; i < lines->n_lines; i++)
        if (strcmp(lines->lines[i].path, path) == 0)
            return true;
    return false;
}

/* Notes the present path. It is looked for among those from `since` on: where the object around it began. */
static int note(struct scanner *scanner, size_t since) {
    struct json_lines *lines = scanner->lines;
    struct json_line *grown;
    bool whole = strlen(scanner->path) < sizeof(scanner->path) - 1;
    bool duplicate = whole && seen(lines, scanner->path, since);

    if ((lines->n_lines & (lines->n_lines - 1)) == 0) {
        grown = reallocarray(lines->lines, lines->n_lines ? lines->n_lines * 2 : 1, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        lines->lines = grown;
    }
    lines->lines[lines->n_lines] = (struct json_line){strdup(scanner->path), scanner->line, duplicate};
    return lines->lines[lines->n_lines].path ? (lines->n_lines++, 0) : -ENOMEM;
}

static int scan_value(struct scanner *scanner, size_t since);

/* Steps over the members of an object or the elements of an array, whose bracket is the present character. */
static int scan_members(struct scanner *scanner, bool is_object) {
    size_t length = strlen(scanner->path), since = scanner->lines->n_lines;
    int status = 0;

    scanner->at++;
    for (size_t index = 0; status == 0; index++) {
        const char *key = NULL;
        size_t key_length = 0;

        skip_space(scanner);
        if (*scanner->at == ',') {
            scanner->at++;
            skip_space(scanner);
        }
        if (*scanner->at == '}' || *scanner->at == ']' || !*scanner->at)
            break;
        if (is_object) {
            key_length = scan_string(scanner, &key);
            (void)snprintf(scanner->path + length, sizeof(scanner->path) - length, ".%.*s", (int)key_length,
                           key);
            skip_space(scanner);
            scanner->at += *scanner->at == ':';
            skip_space(scanner);
        } else {
            (void)snprintf(scanner->path + length, sizeof(scanner->path) - length, "[%zu]", index);
        }
        status = scan_value(scanner, is_object ? since : SIZE_MAX);
        scanner->path[length] = '\0';
    }
    scanner->at += *scanner->at != '\0';
    return status;
}

static int scan_value(struct scanner *scanner, size_t since) {
    const char *start;
    int status = note(scanner, since);

    if (status < 0)
        return status;
    if (*scanner->at == '{' || *scanner->at == '[')
        return scan_members(scanner, *scanner->at == '{');
    if (*scanner->at == '"')
        (void)scan_string(scanner, &start);
    else
        scanner->at += strcspn(scanner->at, ",]} \t\r\n");
    return 0;
}

int json_lines_scan(const char *text, struct json_lines *ret_lines) {
    struct json_lines lines = {0};
    struct scanner scanner = {.at = text, .line = 1, .path = "$", .lines = &lines};
    int status;

    skip_space(&scanner);
    status = scan_value(&scanner, 0);
    if (status < 0)
        json_lines_done(&lines);
    else
        *ret_lines = lines;
    return status;
}

int json_lines_find(const struct json_lines *lines, const char *path) {
    size_t best_length = 0;
    int best = 0;

    for (size_t i = 0; i < lines->n_lines; i++) {
        size_t length = strlen(lines->lines[i].path);

        if (length >= best_length && strncmp(path, lines->lines[i].path, length) == 0 &&
            (path[length] == '\0' || strchr(".[", path[length]))) {
            best_length = length;
            best = lines->lines[i].line;
        }
    }
    return best;
}

void json_lines_done(struct json_lines *lines) {
    for (size_t i = 0; i < lines->n_lines; i++)
        free(lines->lines[i].path);
    free(lines->lines);
    *lines = (struct json_lines){0};
}
