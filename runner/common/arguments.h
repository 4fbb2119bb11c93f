/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that this program was started with. */
#ifndef VMSUITE_RUNNER_COMMON_ARGUMENTS_H
#define VMSUITE_RUNNER_COMMON_ARGUMENTS_H

#include <stddef.h>

/* Keeps main's words, and hides the passwords of addresses in the memory that lists of processes show: from
 * then on `argv` has copies of those words. */
void arguments_take(int argc, char **argv);

/* The words behind the program's name, passwords included, for another run of this program: `*ret_n` of
 * them. */
char *const *arguments_words(size_t *ret_n);

#endif
