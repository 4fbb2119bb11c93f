/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion scripts for shells, from the command tables. */
#ifndef VMSUITE_RUNNER_MANUAL_COMPLETION_H
#define VMSUITE_RUNNER_MANUAL_COMPLETION_H

#include "cli/option.h"

#include <stdio.h>

void completion_bash(FILE *file);
void completion_zsh(FILE *file);
void completion_fish(FILE *file);

/* What `vmsuite list` calls names of that kind, "configurations"; NULL where it lists none. */
const char *completion_listed(enum option_names names);

/* Text within single quotes of a shell: each quote of the text is written as '\''. */
void completion_quote(FILE *file, const char *text);

#endif
