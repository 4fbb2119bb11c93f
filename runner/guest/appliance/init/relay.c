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

/* A guest cannot speak for its host. */
static bool is_allowed(const char *line) {
    return !strstr(line, HOST_COUNTS_LINE);
}

static void count(void) {
    pid_t monitor = access("/proc/xen/capabilities", F_OK) == 0 ? 0 : host_counts_find_monitor("");
    char line[HOST_COUNTS_LINE_SIZE];
    struct host_counts counts;

    host_counts_read("", monitor, &counts);
    host_counts_format(&counts, line);
    puts(line);
}

void relay(void) {
    char line[LINE_SIZE];

    while (fgets(line, sizeof(line), stdin)) {
        if (!is_allowed(line))
            continue;
        (void)fputs(line, stdout);
        if (strstr(line, PROGRESS_TRIAL_BEGINS) || strstr(line, PROGRESS_TRIAL_ENDS))
            count();
        (void)fflush(stdout);
    }
}
