/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RESULTS_RECORD_UTF8_H
#define VMSUITE_RESULTS_RECORD_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the well-formed UTF-8 sequence (RFC 3629) that begins a NUL-terminated text, or 0. */
size_t utf8_length(const char *text);

/* Appends a code point, and returns the place behind its at most 4 bytes. */
char *utf8_write(uint32_t code, char *target);

#endif
