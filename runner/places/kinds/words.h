/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command that a user typed as one text, taken apart without a shell, and words put together for one. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_WORDS_H
#define VMSUITE_RUNNER_PLACES_KINDS_WORDS_H

#include "guest/tools/argv.h"

#include <vmsuite/module.h>

/* Adds the words of the text: blanks part them, but between quotes ('...' or "...") and behind a backslash,
 * which are left out. Nothing else has a meaning: no variables, patterns, pipes. -EINVAL with a sentence
 * where a quote is not closed or there is no word. */
int words_split(const char *text, struct argv *words, struct vms_error *error);

/* A word as a POSIX shell reads it back: 'it'\''s'. Owned; NULL without memory. */
char *words_quote(const char *word);

#endif
