/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RUNNER_COMMON_WORDS_H
#define VMSUITE_RUNNER_COMMON_WORDS_H

#include <stddef.h>

/* The words of the command line that belong to no option, or the values of an option that may be repeated.
 * The texts are those of argv. */
struct words {
    char **words;
    size_t n_words;
};

#endif
