/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text_list.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool holds(const char *list, const char *name) {
    size_t length = strlen(name);

    for (const char *at = list; at && *at;) {
        size_t word = strcspn(at, ",");

        if (word == length && strncmp(at, name, length) == 0)
            return true;
        at += word + strspn(at + word, ", ");
    }
    return false;
}

int text_list_add(char **list, const char *name) {
    char *longer;

    if (holds(*list, name))
        return 0;
    if (!(longer = text_new("%s%s%s", *list ? *list : "", *list ? ", " : "", name)))
        return -ENOMEM;
    free(*list);
    *list = longer;
    return 0;
}
