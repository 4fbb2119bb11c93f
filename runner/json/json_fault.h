/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a text is not JSON, for people who wrote it by hand: a trailing comma, a comment, single quotes. */
#ifndef VMSUITE_RUNNER_JSON_JSON_FAULT_H
#define VMSUITE_RUNNER_JSON_JSON_FAULT_H

#include <jansson.h>
#include <stddef.h>

struct json_fault {
    int line;
    char sentence[256]; /* "trailing comma; remove the comma before ']'" */
};

/* What was wrong where Jansson stopped. `text` is NUL-terminated behind `length` bytes. */
struct json_fault json_fault_find(const char *text, size_t length, const json_error_t *error);

#endif
