/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences and tables for terminals. */
#ifndef VMSUITE_CORE_OUTPUT_TERMINAL_H
#define VMSUITE_CORE_OUTPUT_TERMINAL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Whether what is written there is seen by a person, at a terminal that takes codes for colours and the like:
 * TERM is neither "dumb" nor missing. */
bool terminal_takes_codes(int fd);

/* As fprintf, but every text among the arguments is written with ESCAPE_TERMINAL (see base/escape.h): only
 * the format itself begins lines. Colours are written with fputs. A width counts the columns that the
 * escaped text takes; of the conversions, those of wide characters, "%n" and long double are missing. */
void terminal_print(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
void terminal_vprint(FILE *file, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

#endif
