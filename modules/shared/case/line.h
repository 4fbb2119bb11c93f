/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the kernel that say one thing. */
#ifndef VMSUITE_MODULES_SHARED_CASE_LINE_H
#define VMSUITE_MODULES_SHARED_CASE_LINE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The first line of a file without its end, cut to `size` bytes. False where there is none, and it is "". */
static inline bool line_read(const char *path, char *line, size_t size) {
    FILE *file = fopen(path, "re");
    bool found = file && fgets(line, (int)size, file);

    if (file)
        (void)fclose(file);
    line[found ? strcspn(line, "\n") : 0] = '\0';
    return found;
}

#endif
