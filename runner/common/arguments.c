/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/arguments.h"

#include "history/database/address.h"

#include <stdlib.h>
#include <string.h>

static char *const *own; /* main's */
static size_t n_own;

/* Everybody may list the command lines of this machine's processes: of an address with a password ours is not
 * to show it. Returns the word to go on with. */
static char *hide_password(char *word) {
    char *copy = strstr(word, "://") ? strdup(word) : NULL;

    if (copy && address_hide(word) > 0)
        return copy;
    free(copy);
    return word;
}

void arguments_take(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        argv[i] = hide_password(argv[i]);
    n_own = argc > 1 ? (size_t)argc - 1 : 0;
    own = argv + 1;
}

char *const *arguments_words(size_t *ret_n) {
    *ret_n = n_own;
    return own;
}
