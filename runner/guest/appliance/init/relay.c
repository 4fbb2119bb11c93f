/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of a guest, on the machine that it is a guest of: all that comes in goes out, line by line, and after each
 * line that begins or ends a trial comes one with what this machine counts. */
#include "guest/appliance/init/init.h"

#include "guest/exchange/host_counts.h"
#include "run/progress_lines.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 4096

/* As the host's console takes lines (guest/boot/console.c): without control characters, which could hide words from us and
 * not from there. What is longer becomes several lines. False: there is no more. */
static bool read_line(FILE *from, char line[static LINE_SIZE]) {
    size_t length = 0;
    int byte = 0;

    while (length + 1 < LINE_SIZE && (byte = getc(from)) != EOF && byte != '\n')
        if (byte >= 0x20 && byte != 0x7f)
            line[length++] = (char)byte;
    line[length] = '\0';
    return byte != EOF || length > 0;
}

/* A guest cannot speak for its host. */
static bool is_allowed(const char *line) {
    return !strstr(line, HOST_COUNTS_LINE);
}

static void count(FILE *to) {
    pid_t monitor = access("/proc/xen/capabilities", F_OK) == 0 ? 0 : host_counts_find_monitor("");
    char line[HOST_COUNTS_LINE_SIZE];
    struct host_counts counts;

    host_counts_read("", monitor, &counts);
    host_counts_format(&counts, line);
    (void)fprintf(to, "%s\n", line);
}

void relay(FILE *from, FILE *to) {
    char line[LINE_SIZE];

    while (read_line(from, line)) {
        if (!is_allowed(line))
            continue;
        (void)fprintf(to, "%s\n", line);
        if (strstr(line, PROGRESS_TRIAL_BEGINS) || strstr(line, PROGRESS_TRIAL_ENDS))
            count(to);
        (void)fflush(to);
    }
}
