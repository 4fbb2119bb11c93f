/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/exchange/host_counts.h"

#include "base/cleanup.h"
#include "files/listing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KVM_FOLDER "/sys/kernel/debug/kvm"
#define PATH_SIZE 640
#define GUEST_TIME 43 /* the field of /proc/PID/stat (proc_pid_stat(5)) */

const char *const host_counts_kvm_names[HOST_REASONS] = {
    [HOST_REASON_PORT] = "io_exits",           [HOST_REASON_MMIO] = "mmio_exits",
    [HOST_REASON_HALT] = "halt_exits",         [HOST_REASON_INTERRUPT] = "irq_exits",
    [HOST_REASON_WINDOW] = "irq_window_exits", [HOST_REASON_PAGE_FAULT] = "pf_taken",
    [HOST_REASON_HYPERCALL] = "hypercalls"};

double *host_counts_member(struct host_counts *counts, size_t index) {
    double *const members[HOST_COUNTS_PLAIN] = {&counts->processor_s,  &counts->guest_s,
                                                &counts->busy_s,       &counts->exits,
                                                &counts->device_exits, &counts->switches};

    return index < HOST_COUNTS_PLAIN ? members[index] : &counts->reasons[index - HOST_COUNTS_PLAIN];
}

/* None of it is known. */
static void forget(struct host_counts *counts) {
    for (size_t i = 0; i < HOST_COUNTS; i++)
        *host_counts_member(counts, i) = NAN;
}

static FILE *open_file(const char *root, pid_t pid, const char *name) {
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%.380s/proc/%d/%.100s", root, (int)pid, name);
    return fopen(path, "re");
}

bool host_counts_is_monitor(const char *root, pid_t pid) {
    FILE *file = open_file(root, pid, "comm");
    char name[32] = "";
    bool is_monitor = file && fgets(name, sizeof(name), file) &&
                      (strncmp(name, "qemu", 4) == 0 || strncmp(name, "xen-qemu", 8) == 0);

    if (file)
        (void)fclose(file);
    return is_monitor;
}

pid_t host_counts_find_monitor(const char *root) {
    cleanup_closedir DIR *folder = NULL;
    char path[PATH_SIZE];
    const char *name;
    pid_t found = 0;
    int status;

    (void)snprintf(path, sizeof(path), "%.380s/proc", root);
    status = listing_open(path, &folder);
    while (found == 0 && (name = listing_next(folder, &status))) {
        pid_t pid = (pid_t)strtol(name, NULL, 10);

        if (pid > 0 && host_counts_is_monitor(root, pid))
            found = pid;
    }
    return found;
}

static double read_processor_time(pid_t pid) {
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return NAN;
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The fields are counted behind the name, which may hold anything. */
static double read_guest_time(const char *root, pid_t pid) {
    FILE *file = open_file(root, pid, "stat");
    char line[2048] = "", *at = NULL, *rest = NULL;
    double ticks = NAN;
    unsigned field = 3;

    if (file && fgets(line, sizeof(line), file))
        at = strrchr(line, ')');
    for (char *word = at ? strtok_r(at + 1, " \n", &rest) : NULL; word; word = strtok_r(NULL, " \n", &rest))
        if (field++ == GUEST_TIME)
            ticks = strtod(word, NULL);
    if (file)
        (void)fclose(file);
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

/* All that was neither idle nor given to others: user nice system idle iowait irq softirq steal
 * (proc_stat(5)). Of these only idle time is measured, the others are sampled when a tick comes, and a busy
 * emulator loses ticks. */
static double read_busy_time(const char *root) {
    double field[8], idle = NAN, ticks = (double)sysconf(_SC_CLK_TCK);
    char path[PATH_SIZE], line[512];
    unsigned processors = 0;
    struct timespec now;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%.380s/proc/stat", root);
    file = fopen(path, "re");
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    while (file && fgets(line, sizeof(line), file) && strncmp(line, "cpu", 3) == 0)
        if (line[3] != ' ')
            processors++;
        else if (sscanf(line, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
                        &field[3], &field[4], &field[5], &field[6], &field[7]) == 8)
            idle = (field[3] + field[4] + field[7]) / ticks;
    if (file)
        (void)fclose(file);
    return processors * ((double)now.tv_sec + 1e-9 * (double)now.tv_nsec) - idle;
}

static double read_number(const char *folder, const char *guest, const char *name) {
    char path[PATH_SIZE + 300];
    double number = NAN;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%.600s/%.200s/%.40s", folder, guest, name);
    file = fopen(path, "re");
    if (file && fscanf(file, "%lf", &number) != 1)
        number = NAN;
    if (file)
        (void)fclose(file);
    return number;
}

/* One unknown number makes the sum unknown. */
static double add(bool is_first, double sum, double number) {
    return is_first ? number : sum + number;
}

static void add_guest(const char *folder, const char *guest, bool is_first, struct host_counts *counts) {
    counts->exits = add(is_first, counts->exits, read_number(folder, guest, "exits"));
    for (size_t i = 0; i < HOST_REASONS; i++)
        if (host_counts_kvm_names[i])
            counts->reasons[i] =
                add(is_first, counts->reasons[i], read_number(folder, guest, host_counts_kvm_names[i]));
}

/* KVM has a folder PID-FD for each guest. */
static void read_exits(const char *root, pid_t pid, struct host_counts *counts) {
    char path[PATH_SIZE], prefix[32];
    cleanup_closedir DIR *folder = NULL;
    struct host_counts sums = *counts;
    const char *name;
    unsigned n = 0;
    int status;

    (void)snprintf(path, sizeof(path), "%.380s" KVM_FOLDER, root);
    (void)snprintf(prefix, sizeof(prefix), "%d-", (int)pid);
    status = listing_open(path, &folder);
    while ((name = listing_next(folder, &status)))
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            add_guest(path, name, n++ == 0, &sums);
    if (status < 0)
        return;
    *counts = sums;
    counts->device_exits = counts->reasons[HOST_REASON_PORT] + counts->reasons[HOST_REASON_MMIO];
}

/* The two counts of a thread, or of a process of one: "voluntary_ctxt_switches: 7",
 * "nonvoluntary_ctxt_switches: 2". */
static double read_switches_of(const char *root, pid_t pid, const char *thread) {
    char name[100], line[128];
    double sum = 0, number;
    unsigned n = 0;
    FILE *file;

    (void)snprintf(name, sizeof(name), "task/%.40s/status", thread);
    file = open_file(root, pid, name);
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "voluntary_ctxt_switches: %lf", &number) == 1 ||
            sscanf(line, "nonvoluntary_ctxt_switches: %lf", &number) == 1) {
            sum += number;
            n++;
        }
    if (file)
        (void)fclose(file);
    return n == 2 ? sum : NAN;
}

static double read_switches(const char *root, pid_t pid) {
    cleanup_closedir DIR *folder = NULL;
    char path[PATH_SIZE];
    const char *thread;
    double sum = NAN;
    unsigned n = 0;
    int status;

    (void)snprintf(path, sizeof(path), "%.380s/proc/%d/task", root, (int)pid);
    status = listing_open(path, &folder);
    while ((thread = listing_next(folder, &status)))
        sum = add(n++ == 0, sum, read_switches_of(root, pid, thread));
    return status < 0 ? NAN : sum;
}

/* What a line of dom0's /proc/interrupts says of events of a domain: whom they reached. False: they are no
 * domain's. */
static bool find_reason(const char *line, enum host_reason *ret_reason) {
    static const struct {
        const char *words;
        enum host_reason reason;
    } rows[] = {{"evtchn:qemu", HOST_REASON_DEVICE_MODEL},
                {"evtchn:xen-qemu", HOST_REASON_DEVICE_MODEL},
                {"blkif-backend", HOST_REASON_DISK},
                {" vif", HOST_REASON_NETWORK}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strstr(line, rows[i].words)) {
            *ret_reason = rows[i].reason;
            return true;
        }
    return false;
}

static void read_events(const char *root, struct host_counts *counts) {
    char path[PATH_SIZE], line[1024];
    enum host_reason reason;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%.380s/proc/interrupts", root);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        char *at = strchr(line, ':'), *end;

        if (!at || !find_reason(line, &reason))
            continue;
        for (at++;; at = end) {
            double count = (double)strtoul(at, &end, 10);

            if (end == at)
                break;
            counts->reasons[reason] = add(isnan(counts->reasons[reason]), counts->reasons[reason], count);
            counts->device_exits = add(isnan(counts->device_exits), counts->device_exits, count);
        }
    }
    if (file)
        (void)fclose(file);
}

void host_counts_read(const char *root, bool is_dom0, pid_t monitor, struct host_counts *ret_counts) {
    struct host_counts counts;

    forget(&counts);
    counts.busy_s = read_busy_time(root);
    if (is_dom0) {
        counts.processor_s = counts.busy_s;
        counts.guest_s = 0;
        read_events(root, &counts);
    } else if (monitor > 0) {
        counts.processor_s = read_processor_time(monitor);
        counts.guest_s = read_guest_time(root, monitor);
        read_exits(root, monitor, &counts);
    }
    if (monitor > 0)
        counts.switches = read_switches(root, monitor);
    *ret_counts = counts;
}

void host_counts_format(struct host_counts *counts, char ret_line[static HOST_COUNTS_LINE_SIZE]) {
    size_t length = (size_t)snprintf(ret_line, HOST_COUNTS_LINE_SIZE, HOST_COUNTS_LINE);

    for (size_t i = 0; i < HOST_COUNTS && length < HOST_COUNTS_LINE_SIZE; i++)
        length += (size_t)snprintf(ret_line + length, HOST_COUNTS_LINE_SIZE - length, "%s%.*f", i ? " " : "",
                                   i < HOST_COUNTS_TIMES ? 6 : 0, *host_counts_member(counts, i));
}

bool host_counts_parse(const char *line, struct host_counts *ret_counts) {
    const char *at = strstr(line, HOST_COUNTS_LINE);
    struct host_counts counts;

    if (!at)
        return false;
    at += strlen(HOST_COUNTS_LINE);
    for (size_t i = 0; i < HOST_COUNTS; i++) {
        char *end;

        *host_counts_member(&counts, i) = strtod(at, &end);
        if (end == at)
            return false;
        at = end;
    }
    *ret_counts = counts;
    return true;
}
