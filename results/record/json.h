/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What documents need beside Jansson. */
#ifndef VMSUITE_RESULTS_RECORD_JSON_H
#define VMSUITE_RESULTS_RECORD_JSON_H

#include <jansson.h>

/* A text member; "" where it is null or absent. Borrowed. */
static inline const char *json_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* What a machine's description ("before" and "after" of a record's "environment") says of a fact; NULL where
 * it does not name it. Borrowed. */
json_t *json_fact(const json_t *machine, const char *name);

/* The one text that equal values have: a line with members in the order of their names. NULL where memory
 * runs out, and for NULL. The caller frees. */
char *json_canonical(const json_t *json);

#endif
