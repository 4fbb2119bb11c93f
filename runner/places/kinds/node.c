/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/node.h"

#include <string.h>

#define LENGTH_MAX 64
#define ALPHANUMERICS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool node_is_name(const char *text) {
    size_t length = strlen(text);

    return length > 0 && length <= LENGTH_MAX && strchr(ALPHANUMERICS, text[0]) &&
           strspn(text, ALPHANUMERICS "._-") == length;
}
