/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time. Variables in nanoseconds end in _ns; records hold seconds. */
#ifndef VMSUITE_CORE_BASE_CLOCK_H
#define VMSUITE_CORE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define CLOCK_TEXT_SIZE 32

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t clock_now_ns(void);

/* Processor time that this process has taken, in seconds. */
double clock_own_s(void);

/* What one clock_now_ns() costs, in seconds: the median of 11 batches of 1,000 calls. */
double clock_cost_s(void);

/* Writes `time` as UTC, "2026-11-22T21:24:00Z". */
void clock_format_utc(time_t time, char ret_text[static CLOCK_TEXT_SIZE]);

#endif
