/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/exit_status.h"

#include <errno.h>

static const struct exit_meaning meanings[] = {
    {EXIT_DONE, "done"},
    {EXIT_FAILED,
     "something failed: a case, a guest, a write, or the gate of a comparison; the rest was done"},
    {EXIT_USAGE, "wrong usage or bad input; nothing was run"},
    {EXIT_MISMATCH, "this machine is not what the configuration expects; nothing was measured"},
    {EXIT_INCONCLUSIVE, "the gate is inconclusive: the records decide neither way"},
    {EXIT_INTERRUPTED, "interrupted; what had finished is kept"},
};

const struct exit_meaning *exit_meaning(size_t index) {
    return index < sizeof(meanings) / sizeof(meanings[0]) ? &meanings[index] : NULL;
}

enum exit_status exit_status_of(int status) {
    switch (status) {
    case -EINVAL:
    case -ENOENT:
    case -EACCES:
    case -ENOTSUP:
    case -EFBIG:
    case -EISDIR:
    case -ELOOP:
    case -ENAMETOOLONG:
    case -ENOTDIR:
        return EXIT_USAGE;
    default:
        return EXIT_FAILED;
    }
}
