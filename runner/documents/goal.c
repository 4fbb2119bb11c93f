/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/goal.h"

#include "base/error.h"
#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Beyond these no number of runs is planned: per cent of the speed, factors. */
#define SHARE_MIN 0.1
#define SHARE_MAX 99.9
#define FACTOR_MIN 1.001
#define FACTOR_MAX 1001.0

int goal_parse_find(const char *text, double *ret_find, struct vms_error *error) {
    double number = 0;
    const char *end = units_read_number(text, &number);
    bool is_share = end && strcmp(end, "%") == 0, is_factor = end && (*end == '\0' || strcmp(end, "x") == 0);

    if (is_share && number >= SHARE_MIN && number <= SHARE_MAX)
        *ret_find = -log1p(-number / 100); /* of the speed, as a comparison says it */
    else if (is_factor && number >= FACTOR_MIN && number <= FACTOR_MAX)
        *ret_find = log(number);
    else
        return error_set(
            error, -EINVAL,
            "must be a share of the speed from 0.1%% to 99.9%%, such as \"5%%\", or a factor above "
            "1, such as \"1.5\"");
    return 0;
}

static int parse_budget(const char *text, double *ret_budget_s, struct vms_error *error) {
    double seconds;

    if (units_parse_seconds(text, &seconds, error) < 0 || !(seconds > 0))
        return error_set(error, -EINVAL, "must be a time above 0, such as \"20min\" or \"90s\"");
    *ret_budget_s = seconds;
    return 0;
}

int goal_parse(const char *find, const char *budget, struct goal *goal, struct vms_error *error) {
    struct vms_error cause;

    if (find && goal_parse_find(find, &goal->find, &cause) < 0)
        return error_set(error, -EINVAL, "--find %s: %s", find, cause.text);
    if (budget && parse_budget(budget, &goal->budget_s, &cause) < 0)
        return error_set(error, -EINVAL, "--budget %s: %s", budget, cause.text);
    return 0;
}
