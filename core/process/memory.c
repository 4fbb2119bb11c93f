/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process/memory.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS 100
#define PAUSE_NS 100000000

static _Atomic enum memory_policy chosen;

enum memory_policy memory_choose(enum memory_policy policy) {
    return atomic_exchange(&chosen, policy);
}

bool memory_failed(unsigned attempt, int status) {
    static const char sentence[] = "vmsuite: out of memory; free some, or raise the limit on it "
                                   "(ulimit -v, the control group's memory.max)\n";
    enum memory_policy policy = chosen;

    if (policy == MEMORY_RETURNS)
        return false;
    if (policy == MEMORY_WAITS && attempt < ATTEMPTS) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        return true;
    }
    (void)!write(STDERR_FILENO, sentence, sizeof(sentence) - 1);
    _exit(status);
}
