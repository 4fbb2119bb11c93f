/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/json.h"

#include <errno.h>

int json_write(FILE *file, const json_t *json) {
    return json_dumpf(json, file, JSON_DOCUMENT) < 0 || fputc('\n', file) == EOF ? -EIO : 0;
}

char *json_canonical(const json_t *json) {
    return json ? json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
}
