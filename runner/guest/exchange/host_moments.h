/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a nested guest reached each of its stages, by the clock of the machine that it is a guest of: printed
 * on that machine's console by its scripts and by what relays the guest's console
 * (guest/appliance/init/relay.c). */
#ifndef VMSUITE_RUNNER_GUEST_EXCHANGE_HOST_MOMENTS_H
#define VMSUITE_RUNNER_GUEST_EXCHANGE_HOST_MOMENTS_H

#include <stdbool.h>

enum host_moment {
    HOST_MOMENT_STARTED, /* what boots it was started */
    HOST_MOMENT_READY,   /* its first process was there */
    HOST_MOMENT_MEASURING,
    HOST_MOMENT_ANSWER, /* the first words of its program */
    HOST_MOMENT_OFF,    /* it said that it powers off */
    HOST_MOMENT_ENDED,  /* what booted it has ended */
};
#define HOST_MOMENTS 6

struct host_moments {
    double at_s[HOST_MOMENTS]; /* NaN: unknown */
};

/* None of them is known. */
void host_moments_init(struct host_moments *moments);

/* A line for one of them, and back: true where the line is such a one. Of several for one moment the first
 * counts. */
#define HOST_MOMENTS_LINE "vmsuite-host: at "
#define HOST_MOMENTS_LINE_SIZE 80
void host_moments_format(enum host_moment moment, double at_s, char ret_line[static HOST_MOMENTS_LINE_SIZE]);
bool host_moments_parse(const char *line, struct host_moments *moments);

/* Seconds from one to another; NaN: unknown. */
double host_moments_between(const struct host_moments *moments, enum host_moment from, enum host_moment to);

#endif
