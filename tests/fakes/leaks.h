/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether something that is done again and again keeps memory, told without a sanitizer. To be
 * included behind cmocka.h. */
#ifndef VMSUITE_TESTS_FAKES_LEAKS_H
#define VMSUITE_TESTS_FAKES_LEAKS_H

#include <malloc.h>
#include <stdbool.h>

#define LEAKS_TURNS 16 /* more than the C library keeps of blocks of a size for a thread */

/* Fails the test where each turn of many leaves more behind than the one before: what is kept once, as by the
 * C library, is no leak. (A build with sanitizers has no such count, but finds leaks by itself.) */
static inline void leaks_expect_none(void (*act)(void *argument), void *argument) {
    size_t held = 0;
    bool grows = true;

    for (int turn = 0; turn < LEAKS_TURNS; turn++) {
        size_t now;

        act(argument);
        now = mallinfo2().uordblks;
        grows = grows && now > held;
        held = now;
    }
    if (grows)
        fail_msg("each turn leaves more memory behind");
}

#endif
