/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that this program was started with. */
#ifndef VMSUITE_RUNNER_COMMON_ARGUMENTS_H
#define VMSUITE_RUNNER_COMMON_ARGUMENTS_H

/* Keeps main's words, and hides the passwords of addresses in the memory that lists of processes show: from then on `argv`
 * has copies of those words. */
void arguments_take(int argc, char **argv);

/* All words, passwords included, and NULL behind them, for another run of this program. NULL: none were kept. */
char *const *arguments_own(void);

#endif
