/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gaps/accounts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SHORT_LEAST 0.01 /* the share of the time from which hidden stalls are said to be such */
#define TICK 0.01        /* seconds, the longest of /proc/stat's */

/* The processor that a line "cpuN ..." of /proc/stat is about, or -1. */
static long processor_of(const char *line, const char **ret_fields) {
    char *end;
    long cpu;

    if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9')
        return -1;
    errno = 0;
    cpu = strtol(line + 3, &end, 10);
    *ret_fields = end;
    return errno == 0 && *end == ' ' ? cpu : -1;
}

static bool has_processor(const int *cpus, unsigned n, long cpu) {
    for (unsigned i = 0; i < n; i++)
        if (cpus[i] == cpu)
            return true;
    return false;
}

/* user nice system idle iowait irq softirq steal (proc_stat(5)). */
static unsigned add_line(const char *fields, struct processor_account *sum) {
    double field[8], ticks = (double)sysconf(_SC_CLK_TCK);

    if (sscanf(fields, "%lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2], &field[3],
               &field[4], &field[5], &field[6], &field[7]) != 8)
        return 0;
    sum->interrupts_s += (field[5] + field[6]) / ticks;
    sum->steal_s += field[7] / ticks;
    return 1;
}

void accounts_of_text(const char *text, const int *cpus, unsigned n, struct processor_account *ret_account) {
    struct processor_account sum = {0};
    unsigned found = 0;

    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        const char *fields = NULL;

        line += *line == '\n';
        if (has_processor(cpus, n, processor_of(line, &fields)))
            found += add_line(fields, &sum);
    }
    *ret_account = found == n ? sum : (struct processor_account){NAN, NAN};
}

void accounts_of_processors(const int *cpus, unsigned n, struct processor_account *ret_account) {
    FILE *file = fopen("/proc/stat", "re");
    char *text = NULL;
    size_t size = 0;

    *ret_account = (struct processor_account){NAN, NAN};
    if (!file)
        return;
    /* As far as a NUL, which it does not hold: all of it. */
    if (getdelim(&text, &size, '\0', file) > 0)
        accounts_of_text(text, cpus, n, ret_account);
    free(text);
    (void)fclose(file);
}

void accounts_of_thread(struct thread_account *ret_account) {
    struct thread_account account = {NAN, NAN, NAN};
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    struct timespec ran;
    struct rusage usage;
    double ran_ns, waited_ns;

    if (file) {
        /* A kernel that does not keep it writes zeros: no thread that spins has run for no time. */
        if (fscanf(file, "%lf %lf", &ran_ns, &waited_ns) == 2 && ran_ns > 0)
            account.waited_s = 1e-9 * waited_ns;
        (void)fclose(file);
    }
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran) == 0)
        account.ran_s = (double)ran.tv_sec + 1e-9 * (double)ran.tv_nsec;
    if (getrusage(RUSAGE_THREAD, &usage) == 0)
        account.switches = (double)usage.ru_nivcsw;
    *ret_account = account;
}

double account_hidden(const struct stall_account *account) {
    double waited_s = account->waited_s, hidden_s;

    /* Without an account of waiting it is what the thread did not run, of which the kernel may have taken
     * steal off already. */
    if (isnan(waited_s))
        waited_s = account->wall_s - account->ran_s - account->steal_s;
    hidden_s = account->stalled_s - waited_s - account->steal_s - account->interrupts_s;
    return hidden_s < 0 ? 0 : hidden_s;
}

bool account_is_short(const struct stall_account *account) {
    double hidden_s = account_hidden(account);

    /* Ticks err both ways: the error of n watches together is sqrt(n) times one's. */
    return hidden_s > SHORT_LEAST * account->wall_s &&
           hidden_s > TICK * (1 + account->processors) * sqrt(account->watches);
}

void account_join(struct stall_account *sum, const struct stall_account *more) {
    sum->processors = more->processors > sum->processors ? more->processors : sum->processors;
    sum->watches += more->watches;
    sum->wall_s += more->wall_s;
    sum->stalled_s += more->stalled_s;
    sum->longest_s = fmax(sum->longest_s, more->longest_s);
    sum->ran_s += more->ran_s;
    sum->waited_s += more->waited_s;
    sum->steal_s += more->steal_s;
    sum->interrupts_s += more->interrupts_s;
    sum->switches += more->switches;
    sum->gaps += more->gaps;
}
