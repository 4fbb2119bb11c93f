/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Jansson leaves to be said of documents. */
#ifndef VMSUITE_RESULTS_RECORD_JSON_H
#define VMSUITE_RESULTS_RECORD_JSON_H

#include <jansson.h>

/* A text member; "" where it is null or absent. Borrowed. */
static inline const char *json_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

#endif
