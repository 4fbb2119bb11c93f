/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cases of a record that is checked. */
#ifndef VMSUITE_RESULTS_RECORD_READ_RECORD_CHECK_CASE_H
#define VMSUITE_RESULTS_RECORD_READ_RECORD_CHECK_CASE_H

#include "record/read/record_check.h"

#include <stddef.h>

#define CHECK_PATH_SIZE 128

struct check {
    record_check_report *report;
    void *context;
    const json_t *record;
    json_t *early; /* owned: a member for each group whose cases may end before all their trials */
};

/* Reports a problem at `path`, in a printf-style sentence. */
void check_problem(const struct check *check, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "PATH.KEY[INDEX]". */
void check_path(char ret_path[static CHECK_PATH_SIZE], const char *path, const char *key, size_t index);

/* Checks the case at `path` and all in it. */
void check_case(const struct check *check, const char *path, const json_t *outcome);

#endif
