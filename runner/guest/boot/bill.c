/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/bill.h"

#include "base/cleanup.h"
#include "record/write/record.h"
#include "run/notice/progress.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_file(const char *root, pid_t pid, const char *name) {
    char path[600];

    (void)snprintf(path, sizeof(path), "%.380s/proc/%d/%.100s", root, (int)pid, name);
    return fopen(path, "re");
}

void bill_init(struct bill *bill, const char *root, pid_t pid, bool relayed) {
    *bill = (struct bill){.root = root, .pid = pid, .relayed = relayed, .memory = NAN};
}

void bill_done(struct bill *bill) {
    qmp_close(&bill->qmp);
    free(bill->trials);
    *bill = (struct bill){0};
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

/* The kernel's own counts, else QEMU's; a monitor that cannot be reached is not tried again. */
static void count(struct bill *bill, struct host_counts *ret_counts) {
    struct vms_error ignored;

    host_counts_read(bill->root, false, bill->pid, ret_counts);
    if (!isnan(ret_counts->exits))
        return;
    if (bill->socket && !bill->qmp.stream)
        (void)qmp_open(bill->socket, &bill->qmp, &ignored);
    bill->socket = NULL;
    qmp_count_exits(&bill->qmp, ret_counts);
}

/* /proc/stat has hundredths of a second, and what is not idle is read from three of its fields: where nothing
 * was done, a little less than before may seem to be busy. */
#define BUSY_ERROR_S 0.03

static double count_since(double now, double begun, bool is_time) {
    double count = now - begun;

    return is_time && count < 0 && count > -BUSY_ERROR_S ? 0 : count;
}

/* What was counted at the beginning of a trial, or at its end: then it is whole. */
static void account(struct bill_trial *trial, bool ends, struct host_counts *now) {
    if (!ends) {
        trial->state = BILL_BEGUN;
        trial->counts = *now;
    } else if (trial->state == BILL_BEGUN) {
        trial->state = BILL_WHOLE;
        for (size_t i = 0; i < HOST_COUNTS; i++)
            *host_counts_member(&trial->counts, i) = count_since(
                *host_counts_member(now, i), *host_counts_member(&trial->counts, i), i < HOST_COUNTS_TIMES);
    }
}

static bool take_relayed(struct bill *bill, const char *line) {
    struct host_counts now;

    if (!bill->relayed || !host_counts_parse(line, &now))
        return false;
    if (bill->awaiting)
        account(bill->awaiting, bill->awaits_end, &now);
    bill->awaiting = NULL;
    return true;
}

static bool is_monitor(const struct bill *bill) {
    return bill->pid > 0 && host_counts_is_monitor(bill->root, bill->pid);
}

void bill_mark(struct bill *bill, unsigned case_id, unsigned trial, bool ends) {
    struct bill_trial *billed = is_monitor(bill) ? find_trial(bill, case_id, trial) : NULL;
    struct host_counts now;

    if (!billed)
        return;
    count(bill, &now);
    account(billed, ends, &now);
}

bool bill_take_line(struct bill *bill, const char *line) {
    const char *begins = strstr(line, PROGRESS_TRIAL_BEGINS), *ends = strstr(line, PROGRESS_TRIAL_ENDS);
    const char *numbers = begins ? begins + strlen(PROGRESS_TRIAL_BEGINS)
                          : ends ? ends + strlen(PROGRESS_TRIAL_ENDS)
                                 : NULL;
    unsigned case_id, number;
    struct bill_trial *trial;

    if (!numbers || sscanf(numbers, "%u %u", &case_id, &number) != 2)
        return take_relayed(bill, line);
    bill->awaiting = NULL;
    if (!bill->relayed) {
        bill_mark(bill, case_id, number, !begins);
    } else if ((trial = find_trial(bill, case_id, number))) {
        bill->awaiting = trial;
        bill->awaits_end = !begins;
    }
    return true;
}

/* Whether a mapping is rather the guest's memory than another: the smallest that holds it (an emulator's
 * buffers may be larger), or the largest where none does. */
static bool is_nearer(double size, double than, double memory) {
    return size >= memory ? than < memory || size < than : than < memory && size > than;
}

void bill_read_memory(struct bill *bill) {
    cleanup_fclose FILE *file = is_monitor(bill) ? open_file(bill->root, bill->pid, "smaps") : NULL;
    double memory = bill->guest_memory > 0 ? (double)bill->guest_memory / 1024 : INFINITY;
    double sum = 0, size = 0, nearest = 0, of_nearest = 0, kib;
    char line[512];
    unsigned n = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Size: %lf kB", &kib) == 1)
            size = kib;
        if (sscanf(line, "Pss: %lf kB", &kib) != 1)
            continue;
        n++;
        sum += kib;
        if (is_nearer(size, nearest, memory)) {
            nearest = size;
            of_nearest = kib;
        }
    }
    bill->memory = n > 0 ? 1024 * (sum - of_nearest) : (double)NAN;
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

struct billed {
    const char *key;
    int decimals;
};

/* The fact of a count, in the order of host_counts_member. */
static struct billed fact_billed(size_t index) {
    static const struct billed plain[HOST_COUNTS_PLAIN] = {
        {RECORD_FACT_HOST_CPU, 6},   {RECORD_FACT_HOST_GUEST, 6},   {RECORD_FACT_HOST_BUSY, 2},
        {RECORD_FACT_HOST_EXITS, 0}, {RECORD_FACT_DEVICE_EXITS, 0}, {RECORD_FACT_HOST_SWITCHES, 0}};

    return index < HOST_COUNTS_PLAIN ? plain[index]
                                     : (struct billed){host_reasons[index - HOST_COUNTS_PLAIN].fact, 0};
}

static bool is_billed(const char *key) {
    for (size_t i = 0; i < HOST_COUNTS; i++)
        if (strcmp(key, fact_billed(i).key) == 0)
            return true;
    return false;
}

/* A guest knows nothing of its host's accounts. */
static void drop_claims(json_t *facts) {
    for (size_t i = json_array_size(facts); i-- > 0;) {
        const char *key = json_string_value(json_object_get(json_array_get(facts, i), "key"));

        if (key && is_billed(key))
            (void)json_array_remove(facts, i);
    }
}

static int add_to_trial(const struct bill *bill, json_t *json, const json_t *case_json) {
    const struct bill_trial *trial = whole_trial(bill, json_integer_value(json_object_get(case_json, "case")),
                                                 json_integer_value(json_object_get(json, "trial")));
    json_t *facts = json_object_get(json, "facts");
    struct host_counts counts;
    int failed = 0;

    drop_claims(facts);
    if (!trial || !json_is_array(facts))
        return 0;
    counts = trial->counts;
    for (size_t i = 0; i < HOST_COUNTS; i++) {
        struct billed fact = fact_billed(i);

        failed |= add_fact(facts, fact.key, fact.decimals, *host_counts_member(&counts, i));
    }
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
