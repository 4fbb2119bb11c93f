/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/console.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "vmsuite-init: "
#define DETECTED PREFIX "detected "
#define UP PREFIX "up "
#define WRITE_ERROR "Initramfs unpacking failed: write error"
#define HOST_PREFIX "vmsuite-host: " /* the machine between this host and the guest */

static const struct {
    const char *words;
    enum console_stage stage;
} stages[] = {
    {PREFIX "ready", CONSOLE_READY},
    /* By `vmsuite serve`. */
    {"listening on ", CONSOLE_SERVING},
    {PREFIX "measuring", CONSOLE_MEASURING},
    {PREFIX "measured", CONSOLE_MEASURED},
    {PREFIX "power off", CONSOLE_OFF},
};

/* How kernels and Xen say that they stop, and how the first process says that it failed. */
static const struct {
    const char *words, *sentence;
    bool panic;
} failures[] = {
    /* A kernel that goes on has but a part of what it needs. */
    {WRITE_ERROR, "its first archives could not be unpacked: write error", true},
    {"Kernel panic - not syncing: ", "kernel panic: ", true},
    {"Panic on CPU ", "Xen panic: CPU ", true},
    {"KVM internal error. ", "KVM is present but unusable: internal error: ", true},
    {PREFIX "failed: ", "", false},
    {HOST_PREFIX "failed: ", "on the emulated host: ", false},
};

/* How a kernel says that its memory does not suffice for its first archives. */
static bool is_short_of_memory(const char *line) {
    return strstr(line, WRITE_ERROR) || strstr(line, "System is deadlocked on memory");
}

/* Xen's panic ends its first line in a colon: what it was follows. */
static void continue_reason(struct console *console, const char *line) {
    size_t length = strlen(console->reason);

    if (!console->panicked || length == 0 || console->reason[length - 1] != ':')
        return;
    line += strncmp(line, "(XEN) ", 6) == 0 ? 6 : 0;
    (void)snprintf(console->reason + length, sizeof(console->reason) - length, " %s", line);
}

static void judge(struct console *console, const char *line) {
    const char *measured = strstr(line, PREFIX "measured, exit status ");
    const char *detected = strstr(line, DETECTED), *up = strstr(line, UP);

    continue_reason(console, line);
    if (measured)
        (void)sscanf(measured, PREFIX "measured, exit status %d", &console->exit_status);
    if (up)
        (void)sscanf(up, UP "%lf", &console->up_s);
    if (detected)
        (void)sscanf(detected, DETECTED "%39[a-z0-9-]", console->detected);
    if (console->stage == CONSOLE_STARTED && is_short_of_memory(line))
        console->short_of_memory = true;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
        if (strstr(line, stages[i].words) && stages[i].stage > console->stage)
            console->stage = stages[i].stage;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        const char *found = strstr(line, failures[i].words);

        if (!found || console->panicked || (console->reason[0] && !failures[i].panic))
            continue;
        console->panicked = failures[i].panic;
        (void)snprintf(console->reason, sizeof(console->reason), "%s%.180s", failures[i].sentence,
                       found + strlen(failures[i].words));
    }
}

static void end_line(struct console *console) {
    console->line[console->length] = '\0';
    if (console->length > 0) {
        memcpy(console->last[console->n_lines % CONSOLE_LINES], console->line, sizeof(console->line));
        console->n_lines++;
        judge(console, console->line);
        if (console->on_line)
            console->on_line(console->context, console->line);
    }
    console->length = 0;
}

void console_feed(struct console *console, const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte == '\n')
            end_line(console);
        else if (byte >= 0x20 && byte != 0x7f && console->length + 1 < sizeof(console->line))
            console->line[console->length++] = (char)byte;
    }
}

void console_tail(const struct console *console, char *ret_text, size_t size) {
    size_t first = console->n_lines > CONSOLE_LINES ? console->n_lines - CONSOLE_LINES : 0, length = 0;

    ret_text[0] = '\0';
    for (size_t i = first; i < console->n_lines && length + 1 < size; i++) {
        int count = snprintf(ret_text + length, size - length, "%s%s", i > first ? " | " : "",
                             console->last[i % CONSOLE_LINES]);

        length += count > 0 ? (size_t)count : 0;
    }
}
