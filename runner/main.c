/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/stream.h"
#include "cli/commands.h"
#include "history/address.h"

#include <stdlib.h>
#include <string.h>

/* Everybody may list the command lines of this machine's processes: of an address with a password ours is not to show
 * it. The program goes on with a copy. */
static void hide_passwords(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char *copy = strstr(argv[i], "://") ? strdup(argv[i]) : NULL;

        if (copy && address_hide(argv[i]) > 0)
            argv[i] = copy;
        else
            free(copy);
    }
}

int main(int argc, char **argv) {
    stream_begin();
    hide_passwords(argc, argv);
    return stream_end("vmsuite", commands_main(argc, argv), EXIT_FAILED);
}
