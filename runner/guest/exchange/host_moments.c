/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/exchange/host_moments.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const names[HOST_MOMENTS] = {
    [HOST_MOMENT_STARTED] = "started", [HOST_MOMENT_READY] = "ready", [HOST_MOMENT_MEASURING] = "measuring",
    [HOST_MOMENT_ANSWER] = "answer",   [HOST_MOMENT_OFF] = "off",     [HOST_MOMENT_ENDED] = "ended"};

void host_moments_init(struct host_moments *moments) {
    for (size_t i = 0; i < HOST_MOMENTS; i++)
        moments->at_s[i] = NAN;
}

void host_moments_format(enum host_moment moment, double at_s, char ret_line[static HOST_MOMENTS_LINE_SIZE]) {
    (void)snprintf(ret_line, HOST_MOMENTS_LINE_SIZE, HOST_MOMENTS_LINE "%.6f %s", at_s, names[moment]);
}

bool host_moments_parse(const char *line, struct host_moments *moments) {
    const char *at = strstr(line, HOST_MOMENTS_LINE);
    char name[16];
    double at_s;

    if (!at || sscanf(at + strlen(HOST_MOMENTS_LINE), "%lf %15s", &at_s, name) != 2 || !(at_s >= 0))
        return false;
    for (size_t i = 0; i < HOST_MOMENTS; i++)
        if (strcmp(name, names[i]) == 0) {
            if (isnan(moments->at_s[i]))
                moments->at_s[i] = at_s;
            return true;
        }
    return false;
}

double host_moments_between(const struct host_moments *moments, enum host_moment from, enum host_moment to) {
    double seconds = moments->at_s[to] - moments->at_s[from];

    return seconds >= 0 ? seconds : (double)NAN;
}
