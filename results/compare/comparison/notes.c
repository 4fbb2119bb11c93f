/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/comparison/notes.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <string.h>

int compare_fail(struct vms_error *error, int status, const char *what) {
    if (status == -ENOMEM)
        return error_set(error, status, "%s: " ERROR_MEMORY, what);
    return error_set(error, status, "%s: the temporary file (in $TMPDIR, else /var/tmp): %s", what,
                     strerror(-status));
}

int compare_warn(struct comparison *comparison, char *sentence) {
    char **grown = reallocarray(comparison->warnings, comparison->n_warnings + 1, sizeof(*grown));

    if (grown)
        comparison->warnings = grown;
    if (!grown || !sentence) {
        free(sentence);
        return -ENOMEM;
    }
    grown[comparison->n_warnings++] = sentence;
    return 0;
}

int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason) {
    struct compare_refusal *grown =
        reallocarray(comparison->refusals, comparison->n_refusals + 1, sizeof(*grown));

    if (grown)
        comparison->refusals = grown;
    if (!grown || !label || !reason) {
        free(label);
        free(reason);
        return -ENOMEM;
    }
    grown[comparison->n_refusals++] =
        (struct compare_refusal){.other = other, .label = label, .reason = reason};
    return 0;
}
