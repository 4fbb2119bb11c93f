/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of a guest, on the machine that it is a guest of: all that comes in goes out, line by line;
 * after each line that begins or ends a trial comes one with what this machine counts, and after those with
 * which the guest's life goes on one with the time. The guest measures on this machine's processors: when a
 * trial begins, what goes out waits for the next line, and what is counted is read and no more. */
#include "guest/appliance/init/init.h"

#include "guest/exchange/host_counts.h"
#include "guest/exchange/host_moments.h"
#include "run/notice/progress_lines.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 4096

/* As the host's console takes lines (guest/boot/console.c): without control characters, which could hide
 * words from us and not from there. What is longer becomes several lines. False: there is no more. */
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
    return !strstr(line, HOST_COUNTS_LINE) && !strstr(line, HOST_MOMENTS_LINE);
}

/* `monitor` is looked for once, at the first trial: below 0. */
static void count(FILE *to, pid_t *monitor) {
    char line[HOST_COUNTS_LINE_SIZE];
    struct host_counts counts;

    if (*monitor < 0)
        *monitor = host_counts_find_monitor("");
    host_counts_read("", access("/proc/xen/capabilities", F_OK) == 0, *monitor, &counts);
    host_counts_format(&counts, line);
    (void)fprintf(to, "%s\n", line);
}

/* The moment that a line is, after one that was `last`; HOST_MOMENTS: none. The line that says that it
 * measures is its first process's, the next is its program's. */
static unsigned moment_of(const char *line, unsigned last) {
    static const struct {
        const char *words;
        enum host_moment moment;
    } rows[] = {{INIT_PREFIX "ready", HOST_MOMENT_READY},
                {INIT_PREFIX "measuring", HOST_MOMENT_MEASURING},
                {INIT_PREFIX "power off", HOST_MOMENT_OFF}};

    if (last == HOST_MOMENT_MEASURING)
        return HOST_MOMENT_ANSWER;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strstr(line, rows[i].words))
            return rows[i].moment;
    return HOST_MOMENTS;
}

/* As the scripts here read it (/proc/uptime). */
static void say_moment(FILE *to, enum host_moment moment) {
    char line[HOST_MOMENTS_LINE_SIZE];
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    host_moments_format(moment, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec, line);
    (void)fprintf(to, "%s\n", line);
}

void relay(FILE *from, FILE *to) {
    unsigned moment = HOST_MOMENTS;
    char line[LINE_SIZE];
    const char *begins;
    pid_t monitor = -1;

    while (read_line(from, line)) {
        if (!is_allowed(line))
            continue;
        (void)fprintf(to, "%s\n", line);
        begins = strstr(line, PROGRESS_TRIAL_BEGINS);
        if (begins || strstr(line, PROGRESS_TRIAL_ENDS))
            count(to, &monitor);
        moment = moment_of(line, moment);
        if (moment < HOST_MOMENTS)
            say_moment(to, (enum host_moment)moment);
        if (!begins)
            (void)fflush(to);
    }
    (void)fflush(to);
}
