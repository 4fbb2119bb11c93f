/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in columns for a terminal, of 80 unless it is narrower. Widths are those of characters, not of bytes.
 * What a terminal would act on is escaped (ESCAPE_TERMINAL). */
#ifndef VMSUITE_RESULTS_COMPARE_WORDS_LAYOUT_H
#define VMSUITE_RESULTS_COMPARE_WORDS_LAYOUT_H

#include <stddef.h>
#include <stdio.h>

#define LAYOUT_COLUMNS 80
#define LAYOUT_COLUMNS_MIN 60 /* narrower terminals break lines */

/* Writes a text cut to `width` columns, with a mark where it is cut, and filled with spaces: on the right, or
 * on the left. */
void layout_left(FILE *file, const char *text, size_t width);
void layout_right(FILE *file, const char *text, size_t width);

/* Writes a paragraph of at most `columns` that breaks between words: the first line begins with `mark`, the
 * others with `indent` spaces. */
void layout_paragraph(FILE *file, size_t columns, const char *mark, size_t indent, const char *text);

#endif
