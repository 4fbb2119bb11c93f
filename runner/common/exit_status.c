/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/exit_status.h"

static const struct exit_meaning meanings[] = {
    {EXIT_DONE, "done"},
    {EXIT_FAILED,
     "something failed: a case, a guest, a write, or the gate of a comparison; the rest was done"},
    {EXIT_USAGE, "wrong use or bad input; nothing was run"},
    {EXIT_MISMATCH, "this machine is not what the configuration expects; nothing was measured"},
    {EXIT_INCONCLUSIVE, "the gate is inconclusive: the records decide neither way"},
    {EXIT_INTERRUPTED, "interrupted; what had finished is kept"},
};

const struct exit_meaning *exit_meaning(size_t index) {
    return index < sizeof(meanings) / sizeof(meanings[0]) ? &meanings[index] : NULL;
}
