/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/arguments.h"

#include "history/address.h"

#include <stdlib.h>
#include <string.h>

static char **own; /* until the program ends */

/* Everybody may list the command lines of this machine's processes: of an address with a password ours is not to show
 * it. Returns the word to go on with. */
static char *hide_password(char *word) {
    char *copy = strstr(word, "://") ? strdup(word) : NULL;

    if (copy && address_hide(word) > 0)
        return copy;
    free(copy);
    return word;
}

void arguments_take(int argc, char **argv) {
    own = calloc((size_t)argc + 1, sizeof(*own));
    for (int i = 0; i < argc; i++) {
        argv[i] = hide_password(argv[i]);
        if (own)
            own[i] = argv[i];
    }
}

char *const *arguments_own(void) {
    return own;
}
