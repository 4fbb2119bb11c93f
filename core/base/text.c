/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdio.h>

char *text_new_from(const char *format, va_list arguments) {
    char *text;

    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *text_new(const char *format, ...) {
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = text_new_from(format, arguments);
    va_end(arguments);
    return text;
}
