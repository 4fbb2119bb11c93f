/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that do not fit where they go: cut at the start of a character, and with a mark that says so. */
#ifndef VMSUITE_CORE_BASE_CUT_H
#define VMSUITE_CORE_BASE_CUT_H

#include <stddef.h>

#define CUT_MARK "..."

/* Copies a text, or as much as fits with the mark behind it. `size` has room for more than the mark. */
void cut_copy(char *target, size_t size, const char *text);

/* The same in place, of a text that fills its `size` bytes because more did not fit, as snprintf leaves
 * it. */
void cut_end(char *text, size_t size);

#endif
