/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names from records, configurations, guests and peers that are to be part of a path. */
#ifndef VMSUITE_CORE_BASE_NAME_H
#define VMSUITE_CORE_BASE_NAME_H

#include <stdbool.h>

#define NAME_LENGTH_MAX 64
#define NAME_RULE "1 to 64 letters, digits, '.', '_', '+' or '-', not beginning with '.' or '-'"

/* Whether the text may be a file's name, or part of one, everywhere: as NAME_RULE says. */
bool name_is_safe(const char *text);

/* Whether the text is a UUID in its usual form, in small letters. */
bool name_is_uuid(const char *text);

#endif
