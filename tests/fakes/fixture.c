/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fixture.h"

#include <stdio.h>
#include <stdlib.h>

json_t *fixture_read(const char *name) {
    json_error_t error = {.text = ""};
    char path[4096];
    json_t *json;

    (void)snprintf(path, sizeof(path), "%s/tests/unit/fixtures/%s", getenv("VMSUITE_SOURCE"), name);
    json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
        abort();
    }
    return json;
}
