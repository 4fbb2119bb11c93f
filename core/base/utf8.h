/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, read strictly: the shortest forms only, no surrogates, nothing above U+10FFFF (RFC 3629). */
#ifndef VMSUITE_CORE_BASE_UTF8_H
#define VMSUITE_CORE_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the character at the start of a NUL-terminated text that is not empty, 1 to 4, and the
 * character; 0 where it is not UTF-8. */
size_t utf8_read(const char *text, uint32_t *ret_character);

/* How many columns a text takes on a terminal: two for East Asian characters and pictures, none for marks
 * that are set over a letter, one for a byte that is not UTF-8. And how many bytes of it fit into so many. */
size_t utf8_columns(const char *text);
size_t utf8_fit(const char *text, size_t columns);

/* Appends a character, and returns the place behind its at most 4 bytes. */
char *utf8_write(uint32_t character, char *target);

#endif
