/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For cmocka_run_group_tests(): what a group of tests opened is closed again, by whoever it was opened. */
#ifndef VMSUITE_TESTS_UNIT_DESCRIPTORS_H
#define VMSUITE_TESTS_UNIT_DESCRIPTORS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DESCRIPTORS_MOST 1024

static char descriptors_open[DESCRIPTORS_MOST];

/* The group's setup. */
static inline int descriptors_note(void **state) {
    (void)state;
    for (int fd = 0; fd < DESCRIPTORS_MOST; fd++)
        descriptors_open[fd] = fcntl(fd, F_GETFD) >= 0;
    return 0;
}

/* The group's teardown: names what is open that was not, and ends the program, since cmocka prints that a
 * group's teardown failed, but counts no failure. */
static inline int descriptors_check(void **state) {
    bool left = false;

    (void)state;
    for (int fd = 0; fd < DESCRIPTORS_MOST; fd++) {
        char link[64], path[256];
        ssize_t length;

        if (descriptors_open[fd] || fcntl(fd, F_GETFD) < 0)
            continue;
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        length = readlink(link, path, sizeof(path) - 1);
        path[length < 0 ? 0 : length] = '\0';
        (void)fprintf(stderr, "descriptor %d is left open: %s\n", fd, path);
        left = true;
    }
    if (left)
        exit(EXIT_FAILURE);
    return 0;
}

#endif
