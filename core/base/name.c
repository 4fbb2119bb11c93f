/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/name.h"

#include <stddef.h>
#include <string.h>

#define UUID_FORM "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

bool name_is_safe(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    size_t length = strlen(text);

    return length > 0 && length <= NAME_LENGTH_MAX && *text != '.' && *text != '-' &&
           strspn(text, allowed) == length;
}

bool name_is_uuid(const char *text) {
    if (strlen(text) != strlen(UUID_FORM))
        return false;
    for (size_t i = 0; UUID_FORM[i]; i++)
        if (UUID_FORM[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return false;
    return true;
}
