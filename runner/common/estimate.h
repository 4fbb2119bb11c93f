/* SPDX-License-Identifier: GPL-3.0-or-later */
/* About what cases will cost, asked of their modules in a separate process: no code of a module runs in this
 * one. */
#ifndef VMSUITE_RUNNER_COMMON_ESTIMATE_H
#define VMSUITE_RUNNER_COMMON_ESTIMATE_H

#include "base/units.h"
#include "module/outcome.h"

#define ESTIMATE_TROUBLE_SIZE 128
/* Three years, which nobody waits for; nanoseconds of much more do not fit into the clock. */
#define ESTIMATE_SECONDS_MAX 1e8

/* Fills one estimate per case; zero where a module gives none or fails at it. Of the modules whose estimate
 * crashed, did not end or was no number, `ret_trouble` names the first, with its case; or it says why none
 * could be asked; "" where all is well. Such a module is not asked for its further cases. */
void estimate_cases(const struct outcome_case *cases, size_t n_cases, struct vms_estimate *ret_estimates,
                    char ret_trouble[static ESTIMATE_TROUBLE_SIZE]);

/* "45 s", "12 min", "3 h 20 min". */
void estimate_format_time(double seconds, char ret_text[static UNITS_TEXT_SIZE]);
/* "0 B", "108 kB", "67 MB", "2.1 GB": two digits, in powers of 1000. */
void estimate_format_bytes(uint64_t bytes, char ret_text[static UNITS_TEXT_SIZE]);

#endif
