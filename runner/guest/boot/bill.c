/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/bill.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "record/record.h"
#include "run/progress.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MONITOR "qemu" /* how the process of a monitor is called */
#define KVM_FOLDER "/sys/kernel/debug/kvm"

static FILE *open_file(const char *root, pid_t pid, const char *name) {
    char path[600];

    (void)snprintf(path, sizeof(path), "%.380s/proc/%d/%.100s", root, (int)pid, name);
    return fopen(path, "re");
}

static bool is_monitor(const char *root, pid_t pid) {
    cleanup_fclose FILE *file = open_file(root, pid, "comm");
    char name[32] = "";

    return file && fgets(name, sizeof(name), file) && strncmp(name, MONITOR, strlen(MONITOR)) == 0;
}

void bill_init(struct bill *bill, const char *root, pid_t pid) {
    *bill = (struct bill){.root = root, .pid = pid, .memory = NAN};
}

void bill_done(struct bill *bill) {
    free(bill->trials);
    *bill = (struct bill){0};
}

static double read_processor_time(pid_t pid) {
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return NAN;
    return (double)time.tv_sec + (double)time.tv_nsec / NS_PER_S;
}

static double read_number(const char *folder, const char *name) {
    char path[900];
    cleanup_fclose FILE *file = NULL;
    double number;

    (void)snprintf(path, sizeof(path), "%.600s/%.200s/exits", folder, name);
    file = fopen(path, "re");
    return file && fscanf(file, "%lf", &number) == 1 ? number : (double)NAN;
}

/* KVM has a folder PID-FD for each guest. */
static double read_exits(const char *root, pid_t pid) {
    char folder[600], prefix[32];
    const struct dirent *entry;
    double exits = NAN;
    DIR *dir;

    (void)snprintf(folder, sizeof(folder), "%.500s" KVM_FOLDER, root);
    (void)snprintf(prefix, sizeof(prefix), "%d-", (int)pid);
    dir = opendir(folder);
    while (dir && (entry = readdir(dir)))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            exits = (isnan(exits) ? 0 : exits) + read_number(folder, entry->d_name);
    if (dir)
        (void)closedir(dir);
    return exits;
}

static struct bill_counters read_counters(const struct bill *bill) {
    return (struct bill_counters){read_processor_time(bill->pid), read_exits(bill->root, bill->pid)};
}

/* A trial that begins again begins its account again. */
static struct bill_trial *find_trial(struct bill *bill, unsigned case_id, unsigned trial) {
    struct bill_trial *grown;

    for (size_t i = bill->n_trials; i-- > 0;)
        if (bill->trials[i].case_id == case_id && bill->trials[i].trial == trial)
            return &bill->trials[i];
    if (bill->n_trials >= BILL_TRIALS_MAX)
        return NULL;
    grown = reallocarray(bill->trials, bill->n_trials + 1, sizeof(*grown));
    if (!grown)
        return NULL;
    bill->trials = grown;
    grown[bill->n_trials] = (struct bill_trial){.case_id = case_id, .trial = trial};
    return &grown[bill->n_trials++];
}

bool bill_take_line(struct bill *bill, const char *line) {
    const char *begins = strstr(line, PROGRESS_TRIAL_BEGINS), *ends = strstr(line, PROGRESS_TRIAL_ENDS);
    const char *numbers = begins ? begins + strlen(PROGRESS_TRIAL_BEGINS)
                          : ends ? ends + strlen(PROGRESS_TRIAL_ENDS)
                                 : NULL;
    struct bill_counters now;
    unsigned case_id, number;
    struct bill_trial *trial;

    if (!numbers || sscanf(numbers, "%u %u", &case_id, &number) != 2)
        return false;
    if (bill->pid <= 0 || !is_monitor(bill->root, bill->pid) || !(trial = find_trial(bill, case_id, number)))
        return true;
    now = read_counters(bill);
    if (begins) {
        trial->state = BILL_BEGUN;
        trial->counters = now;
    } else if (trial->state == BILL_BEGUN) {
        trial->state = BILL_WHOLE;
        trial->counters.processor_s = now.processor_s - trial->counters.processor_s;
        trial->counters.exits = now.exits - trial->counters.exits;
    }
    return true;
}

void bill_read_memory(struct bill *bill) {
    cleanup_fclose FILE *file =
        bill->pid > 0 && is_monitor(bill->root, bill->pid) ? open_file(bill->root, bill->pid, "smaps") : NULL;
    double sum = 0, size = 0, largest = 0, of_largest = 0, kib;
    char line[512];
    unsigned n = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Size: %lf kB", &kib) == 1)
            size = kib;
        if (sscanf(line, "Pss: %lf kB", &kib) != 1)
            continue;
        n++;
        sum += kib;
        if (size > largest) {
            largest = size;
            of_largest = kib;
        }
    }
    bill->memory = n > 0 ? 1024 * (sum - of_largest) : (double)NAN;
}

static const struct bill_trial *whole_trial(const struct bill *bill, json_int_t case_id, json_int_t trial) {
    for (size_t i = 0; i < bill->n_trials; i++)
        if (bill->trials[i].case_id == case_id && bill->trials[i].trial == trial &&
            bill->trials[i].state == BILL_WHOLE)
            return &bill->trials[i];
    return NULL;
}

static int add_fact(json_t *facts, const char *key, int decimals, double value) {
    char text[40];
    json_t *fact;

    if (!(value >= 0)) /* unknown, or set back */
        return 0;
    (void)snprintf(text, sizeof(text), "%.*f", decimals, value);
    fact = json_pack("{s:s, s:s}", "key", key, "value", text);
    return fact ? json_array_append_new(facts, fact) : -ENOMEM;
}

/* A guest knows nothing of its host's accounts. */
static void drop_claims(json_t *facts) {
    for (size_t i = json_array_size(facts); i-- > 0;) {
        const char *key = json_string_value(json_object_get(json_array_get(facts, i), "key"));

        if (key && (strcmp(key, RECORD_FACT_HOST_CPU) == 0 || strcmp(key, RECORD_FACT_HOST_EXITS) == 0))
            (void)json_array_remove(facts, i);
    }
}

static int add_to_trial(const struct bill *bill, json_t *json, const json_t *case_json) {
    const struct bill_trial *trial = whole_trial(bill, json_integer_value(json_object_get(case_json, "case")),
                                                 json_integer_value(json_object_get(json, "trial")));
    json_t *facts = json_object_get(json, "facts");
    int failed = 0;

    drop_claims(facts);
    if (!trial || !json_is_array(facts))
        return 0;
    failed |= add_fact(facts, RECORD_FACT_HOST_CPU, 6, trial->counters.processor_s);
    failed |= add_fact(facts, RECORD_FACT_HOST_EXITS, 0, trial->counters.exits);
    return failed ? -ENOMEM : 0;
}

int bill_add(const struct bill *bill, json_t *record) {
    json_t *case_json, *trial;
    size_t i, k;
    int status = 0;

    json_array_foreach (json_object_get(record, "cases"), i, case_json)
        json_array_foreach (json_object_get(case_json, "trials"), k, trial)
            if (status == 0)
                status = add_to_trial(bill, trial, case_json);
    return status;
}
