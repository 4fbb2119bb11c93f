/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <string.h>

uint64_t clock_now_ns(void) {
    struct timespec now = {0};

    /* Fails only for an unknown clock or a bad pointer. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

double clock_own_s(void) {
    struct timespec time = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / (double)NS_PER_S;
}

void clock_format_utc(time_t time, char ret_text[static CLOCK_TEXT_SIZE]) {
    struct tm utc;

    if (!gmtime_r(&time, &utc) || strftime(ret_text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        (void)strcpy(ret_text, "0000-00-00T00:00:00Z"); /* a year that no calendar text holds */
}
