/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise/noise.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"
#include "source/source.h"

#include <math.h>
#include <string.h>

/* Why these limits: a trial's mean moves by at most about the share that was lost, so 1% stolen time keeps
 * within the 2% that a run aims at; two ticks and more are no accident of counting. The idle kernel's own
 * threads use well below 5% of a small machine. Waiting for a processor and being taken off it count only
 * where others used 2% of the processors: below that they took less than is asked of a mean, and what is left
 * are the case's own threads and processes. Competitors switch at every scheduler tick (100 to 1,000 a
 * second), idle machines some 10 times a second. A wait for a disk counts only where others moved a tenth of
 * the bytes. */
#define OTHERS_LOAD_LEAST 0.02
#define OTHERS_IO_LEAST 0.1
#define OWN_IO_LEAST (1024.0 * 1024) /* bytes: a trial that moves less does not wait for the disk */
#define TICK 0.01                    /* seconds, the kernel's longest */
#define FREQUENCIES 8                /* processors asked: each costs a file read at each end of a trial */
#define THROTTLES 64
/* Held back in more than a tenth of the periods, a trial waits for its quota: what others use meanwhile it
 * could not have used, and the kernel counts the wait as one for a processor. */
#define QUOTA_LEAST 0.1
const struct noise_rule noise_rules[NOISE_FLAGS] = {
    {NOISE_STEAL, "steal", 0.01, 0.02, false, "steal"},
    {NOISE_OTHER_LOAD, "other-load", 0.05, 0, true, "of the processors' time used by others"},
    {NOISE_SWITCHES, "switches", 100, 20, true, "involuntary switches"},
    {NOISE_FAULTS, "major-faults", 0, 0, false, "major page faults"},
    {NOISE_STALL_CPU, "cpu-stall", 0.2, 0, true, "of the time waited for a processor"},
    {NOISE_STALL_MEMORY, "memory-stall", 0.01, 0, false, "of the time waited for memory"},
    {NOISE_STALL_IO, "io-stall", 0.05, 0, true, "of the time waited for a disk that others used, too"},
    {NOISE_FREQUENCY, "frequency", 0.05, 0, false, "fall of the processors' frequency"},
    {NOISE_THROTTLED, "throttled", 0, 0, false, "thermal throttling events"},
    {NOISE_QUOTA, "quota", 0, 0, false, "periods throttled by a quota"},
};

/* The next processor that is online: /proc/stat has a line for each, and none for the others. */
static bool next_processor(const char **at, unsigned *ret_cpu) {
    const char *line = *at ? strstr(*at, "\ncpu") : NULL;

    if (!line)
        return false;
    *at = line + 1;
    *ret_cpu = (unsigned)strtoul(line + strlen("\ncpu"), NULL, 10);
    return true;
}

/* Fields of /proc/stat's first line (proc_stat(5)): user nice system idle iowait irq softirq steal, in ticks.
 * Only idle time is measured; the others are sampled when the tick comes. */
static void read_processor_time(const char *text, struct noise_counters *counters) {
    double ticks = (double)sysconf(_SC_CLK_TCK), field[8];

    if (!text || sscanf(text, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
                        &field[3], &field[4], &field[5], &field[6], &field[7]) != 8)
        return;
    counters->idle_s = (field[3] + field[4]) / ticks;
    counters->interrupt_s = (field[5] + field[6]) / ticks;
    counters->steal_s = field[7] / ticks;
    for (unsigned cpu; next_processor(&text, &cpu);)
        counters->processors++;
}

/* KiB of all block devices together: lines "pgpgin N" and "pgpgout N". */
static double read_disk_bytes(const struct machine_source *source) {
    cleanup_free char *text = NULL;
    const char *in, *out;

    if (source_text(source, &text, "/proc/vmstat") < 0)
        return NAN;
    in = strstr(text, "\npgpgin ");
    out = strstr(text, "\npgpgout ");
    return in && out ? 1024 * (strtod(in + 8, NULL) + strtod(out + 9, NULL)) : NAN;
}

/* "some avg10=... total=MICROSECONDS" (the kernel's documentation of pressure stall information). */
static double read_stall(const struct machine_source *source, const char *what) {
    cleanup_free char *text = NULL;
    const char *total;
    char *end;
    double microseconds;

    if (source_text(source, &text, "/proc/pressure/%s", what) < 0 || strncmp(text, "some ", 5) != 0)
        return NAN;
    total = strstr(text, "total=");
    if (!total)
        return NAN;
    microseconds = strtod(total + 6, &end);
    return end == total + 6 ? NAN : microseconds / 1e6;
}

/* The mean of the first processors that are online. */
static double read_frequency(const struct machine_source *source, const char *stat) {
    double sum = 0;
    unsigned n = 0;

    for (unsigned cpu; n < FREQUENCIES && next_processor(&stat, &cpu); n++) {
        int64_t kilohertz;

        if (source_integer(source, &kilohertz, "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq",
                           cpu) < 0)
            break;
        if (kilohertz <= 0) /* a driver that does not know it: no fall to nothing */
            return NAN;
        sum += (double)kilohertz * 1e3;
    }
    return n ? sum / n : NAN;
}

static double read_throttles(const struct machine_source *source, const char *stat) {
    double sum = NAN;
    unsigned n = 0;

    for (unsigned cpu; n < THROTTLES && next_processor(&stat, &cpu); n++) {
        int64_t count;

        if (source_integer(source, &count,
                           "/sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count", cpu) < 0)
            break;
        sum = (isnan(sum) ? 0 : sum) + (double)count;
    }
    return sum;
}

void noise_read(const struct machine_source *source, pid_t helper, struct noise_counters *ret_counters) {
    struct noise_counters counters = {.idle_s = NAN, .steal_s = NAN, .interrupt_s = NAN};
    uint64_t start_ns = clock_now_ns();
    cleanup_free char *stat = NULL;

    counters.own = (struct process_usage){NAN, NAN, NAN, NAN};
    counters.disk_bytes = read_disk_bytes(source);
    counters.stall_cpu_s = read_stall(source, "cpu");
    counters.stall_memory_s = read_stall(source, "memory");
    counters.stall_io_s = read_stall(source, "io");
    if (source_text(source, &stat, "/proc/stat") < 0)
        stat = NULL;
    read_processor_time(stat, &counters);
    counters.taken_s = (double)clock_now_ns() / NS_PER_S;
    if (source_is_live(source))
        usage_read(helper, &counters.own);
    counters.frequency_hz = read_frequency(source, stat);
    counters.throttles = read_throttles(source, stat);
    cgroup_read_quota(source, &counters.quota);
    counters.cost_s = (double)(clock_now_ns() - start_ns) / NS_PER_S;
    *ret_counters = counters;
}

/* A counter that a hypervisor set back (migration) says nothing. */
static double rise(double before, double after) {
    return after >= before ? after - before : NAN;
}

/* A share of the time; the kernel brings its totals up to date a little later than we look. */
static double share(double before, double after, double duration_s) {
    double waited = rise(before, after) / duration_s;

    return waited > 1 ? 1 : waited;
}

double noise_figure(const struct noise *noise, enum noise_flag flag) {
    switch (flag) {
    case NOISE_STEAL:
        return noise->steal;
    case NOISE_OTHER_LOAD:
        return noise->other_load;
    case NOISE_SWITCHES:
        return noise->involuntary_switches;
    case NOISE_FAULTS:
        return noise->major_faults;
    case NOISE_STALL_CPU:
        return noise->stall_cpu;
    case NOISE_STALL_MEMORY:
        return noise->stall_memory;
    case NOISE_STALL_IO:
        return noise->stall_io;
    case NOISE_FREQUENCY:
        return -noise->frequency_change;
    case NOISE_THROTTLED:
        return noise->throttles;
    case NOISE_QUOTA:
        return noise->throttled_periods;
    }
    return NAN;
}

/* What the rules judge. */
struct judgement {
    const struct noise *noise;
    double duration_s, processor_s;
    double others_s, error_s; /* processor time of others, and how far that may be wrong */
    bool held_back;           /* a quota, not others, took the time */
};

/* Whether others had a part in it. */
static bool is_by_others(const struct noise_rule *rule, const struct judgement *judgement) {
    return rule->flag == NOISE_STALL_IO
               ? judgement->noise->other_io > OTHERS_IO_LEAST
               : !judgement->held_back && judgement->noise->other_load > OTHERS_LOAD_LEAST &&
                     judgement->others_s > judgement->error_s;
}

/* Whether the rule's limits are passed. Comparisons with NaN are false: what is unknown raises nothing. */
static bool is_passed(const struct noise_rule *rule, const struct judgement *judgement) {
    double figure = noise_figure(judgement->noise, rule->flag);

    if (rule->by_others && !is_by_others(rule, judgement))
        return false;
    switch (rule->flag) {
    case NOISE_STEAL:
        return figure > rule->limit && figure * judgement->processor_s > rule->least;
    case NOISE_SWITCHES:
        return figure > rule->limit * judgement->duration_s && figure > rule->least;
    default:
        return figure > rule->limit;
    }
}

/* What is left of the processors' time when everything else is taken off, and its error: two ticks, and three
 * standard deviations of the interrupts' time, which is not measured but counted in ticks. The counters are
 * read one after the other: a small negative rest is none. */
static void judge_others(const struct noise_counters *before, const struct noise_counters *after,
                         struct judgement *judgement) {
    double interrupt_s = rise(before->interrupt_s, after->interrupt_s);
    double others_s = judgement->processor_s - (after->idle_s - before->idle_s) -
                      rise(before->steal_s, after->steal_s) - interrupt_s -
                      rise(before->own.time_s, after->own.time_s);

    judgement->others_s = isnan(others_s) || others_s > judgement->processor_s ? NAN : fmax(others_s, 0);
    judgement->error_s = 2 * TICK + 3 * sqrt(interrupt_s * TICK);
}

static double other_io(const struct noise_counters *before, const struct noise_counters *after) {
    double own = rise(before->own.disk_bytes, after->own.disk_bytes);
    double all = rise(before->disk_bytes, after->disk_bytes);

    if (!(own >= OWN_IO_LEAST) || isnan(all))
        return NAN;
    return all > own ? 1 - own / all : 0;
}

void noise_judge(const struct noise_counters *before, const struct noise_counters *after,
                 struct noise *ret_noise, uint32_t *ret_flags) {
    const struct process_usage *was = &before->own, *is = &after->own;
    double duration_s = after->taken_s - before->taken_s;
    /* What is counted over all processors says nothing once some have been switched on or off. */
    bool same = before->processors == after->processors;
    struct noise noise = {
        .involuntary_switches = rise(was->involuntary_switches, is->involuntary_switches),
        .major_faults = rise(was->major_faults, is->major_faults),
        .stall_cpu = share(before->stall_cpu_s, after->stall_cpu_s, duration_s),
        .stall_memory = share(before->stall_memory_s, after->stall_memory_s, duration_s),
        .stall_io = share(before->stall_io_s, after->stall_io_s, duration_s),
        .other_io = other_io(before, after),
        .frequency_change = same ? after->frequency_hz / before->frequency_hz - 1 : NAN,
        .throttles = same ? rise(before->throttles, after->throttles) : NAN,
        .throttled_periods = rise(before->quota.throttled, after->quota.throttled),
        .cost_s = before->cost_s + after->cost_s,
    };
    struct judgement judgement = {.noise = &noise,
                                  .duration_s = duration_s,
                                  .processor_s =
                                      duration_s * (same && after->processors ? after->processors : NAN)};

    judge_others(before, after, &judgement);
    judgement.held_back =
        noise.throttled_periods > QUOTA_LEAST * rise(before->quota.periods, after->quota.periods);
    noise.steal = rise(before->steal_s, after->steal_s) / judgement.processor_s;
    noise.other_load = judgement.others_s / judgement.processor_s;
    *ret_flags = 0;
    for (size_t i = 0; i < NOISE_FLAGS; i++)
        if (is_passed(&noise_rules[i], &judgement))
            *ret_flags |= noise_rules[i].flag;
    if (ret_noise)
        *ret_noise = noise;
}

static const struct noise_rule *find_rule(enum noise_flag flag) {
    for (size_t i = 0; i < NOISE_FLAGS; i++)
        if (noise_rules[i].flag == flag)
            return &noise_rules[i];
    return NULL;
}

const char *noise_flag_name(enum noise_flag flag) {
    const struct noise_rule *rule = find_rule(flag);

    return rule ? rule->name : NULL;
}

void noise_format(const struct noise *noise, enum noise_flag flag, char ret_text[static NOISE_TEXT_SIZE]) {
    const struct noise_rule *rule = find_rule(flag);
    double figure = noise_figure(noise, flag);
    char per_cent[UNITS_TEXT_SIZE];
    bool events =
        flag == NOISE_SWITCHES || flag == NOISE_FAULTS || flag == NOISE_THROTTLED || flag == NOISE_QUOTA;

    units_format_number(figure * 100, 3, per_cent);
    if (events)
        (void)snprintf(ret_text, NOISE_TEXT_SIZE, "%.0f %s", figure, rule ? rule->words : "");
    else
        (void)snprintf(ret_text, NOISE_TEXT_SIZE, "%s%% %s", per_cent, rule ? rule->words : "");
}
