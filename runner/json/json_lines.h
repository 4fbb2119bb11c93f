/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On which line each value of a JSON text begins: Jansson keeps no positions, and an error must name its
 * place. */
#ifndef VMSUITE_RUNNER_JSON_JSON_LINES_H
#define VMSUITE_RUNNER_JSON_JSON_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_PATH_SIZE 256

struct json_line {
    char *path;     /* "$.benchmarks[0].params.mode" */
    int line;       /* from 1 */
    bool duplicate; /* this key was in the same object before */
    size_t object;  /* the index of what that object begins with; SIZE_MAX: in an array */
};

struct json_lines {
    struct json_line *lines; /* in the order of the text */
    size_t n_lines;
    size_t *by_path; /* their indices in the order of their paths, equal ones as in the text */
};

/* Writes the path of a member, or an element, of the value at `path`; one too long is cut. */
void json_path_member(char ret_path[static JSON_PATH_SIZE], const char *path, const char *key);
void json_path_element(char ret_path[static JSON_PATH_SIZE], const char *path, size_t index);

/* Scans a text that a JSON parser has accepted. -ENOMEM. */
int json_lines_scan(const char *text, struct json_lines *ret_lines);

/* The line of `path`, or of the nearest value around it. */
int json_lines_find(const struct json_lines *lines, const char *path);

/* Frees what it owns. */
void json_lines_done(struct json_lines *lines);

#endif
