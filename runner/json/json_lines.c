/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/json_lines.h"

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

/* Notes the present path. */
static int note(struct scanner *scanner, size_t object) {
    struct json_lines *lines = scanner->lines;
    struct json_line *grown;

    if ((lines->n_lines & (lines->n_lines - 1)) == 0) {
        grown = reallocarray(lines->lines, lines->n_lines ? lines->n_lines * 2 : 1, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        lines->lines = grown;
    }
    lines->lines[lines->n_lines] = (struct json_line){strdup(scanner->path), scanner->line, false, object};
    return lines->lines[lines->n_lines].path ? (lines->n_lines++, 0) : -ENOMEM;
}

static int scan_value(struct scanner *scanner, size_t object);

/* Steps over the members of an object or the elements of an array, whose bracket is the present character. */
static int scan_members(struct scanner *scanner, bool is_object) {
    size_t length = strlen(scanner->path), object = scanner->lines->n_lines;
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
        status = scan_value(scanner, is_object ? object : SIZE_MAX);
        scanner->path[length] = '\0';
    }
    scanner->at += *scanner->at != '\0';
    return status;
}

static int scan_value(struct scanner *scanner, size_t object) {
    const char *start;
    int status = note(scanner, object);

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

static int compare_paths(const void *a, const void *b, void *user) {
    const struct json_lines *lines = user;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    int order = strcmp(lines->lines[i].path, lines->lines[j].path);

    return order ? order : (i > j) - (i < j);
}

/* Orders the paths, and finds those that are twice in one object; one that is cut may stand for another. */
static int order_paths(struct json_lines *lines) {
    lines->by_path = calloc(lines->n_lines, sizeof(*lines->by_path));
    if (!lines->by_path)
        return -ENOMEM;
    for (size_t i = 0; i < lines->n_lines; i++)
        lines->by_path[i] = i;
    qsort_r(lines->by_path, lines->n_lines, sizeof(*lines->by_path), compare_paths, lines);
    for (size_t i = 1; i < lines->n_lines; i++) {
        const struct json_line *before = &lines->lines[lines->by_path[i - 1]];
        struct json_line *line = &lines->lines[lines->by_path[i]];

        line->duplicate = line->object != SIZE_MAX && line->object == before->object &&
                          strcmp(line->path, before->path) == 0 && strlen(line->path) < JSON_PATH_SIZE - 1;
    }
    return 0;
}

int json_lines_scan(const char *text, struct json_lines *ret_lines) {
    struct json_lines lines = {0};
    struct scanner scanner = {.at = text, .line = 1, .path = "$", .lines = &lines};
    int status;

    skip_space(&scanner);
    status = scan_value(&scanner, SIZE_MAX);
    if (status == 0)
        status = order_paths(&lines);
    if (status < 0)
        json_lines_done(&lines);
    else
        *ret_lines = lines;
    return status;
}

/* The last line of that path, the path being the first `length` characters; 0: there is none. */
static int find_path(const struct json_lines *lines, const char *path, size_t length) {
    const struct json_line *line;
    size_t low = 0, high = lines->n_lines;

    /* Between them is the first that is greater. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = lines->lines[lines->by_path[middle]].path;
        int order = strncmp(other, path, length);

        if (order < 0 || (order == 0 && other[length] == '\0'))
            low = middle + 1;
        else
            high = middle;
    }
    line = low > 0 ? &lines->lines[lines->by_path[low - 1]] : NULL;
    return line && strlen(line->path) == length && strncmp(line->path, path, length) == 0 ? line->line : 0;
}

int json_lines_find(const struct json_lines *lines, const char *path) {
    size_t length = strlen(path);
    int line = find_path(lines, path, length);

    while (line == 0 && length > 0)
        if (strchr(".[", path[--length]))
            line = find_path(lines, path, length);
    return line;
}

void json_lines_done(struct json_lines *lines) {
    for (size_t i = 0; i < lines->n_lines; i++)
        free(lines->lines[i].path);
    free(lines->lines);
    free(lines->by_path);
    *lines = (struct json_lines){0};
}
