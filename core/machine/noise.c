/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise.h"

#include "cleanup.h"
#include "source.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

/* Why these limits: a trial's mean moves by at most about the share that was lost, so 1% stolen time keeps
 * within the 2% that a run aims at; two ticks and more are no accident of counting. The idle kernel's own
 * threads use well below 5% of a small machine. An idle machine preempts a busy thread some 10 times a
 * second; competitors do at every scheduler tick (100 to 1,000). */
const struct noise_rule noise_rules[NOISE_FLAGS] = {
    {NOISE_STEAL, "steal", 0.01, 0.02, "steal"},
    {NOISE_OTHER_LOAD, "other-load", 0.05, 0.05, "of the processors' time used by others"},
    {NOISE_SWITCHES, "switches", 100, 20, "involuntary switches"},
    {NOISE_FAULTS, "major-faults", 0, 0, "major page faults"},
    {NOISE_STALL_CPU, "cpu-stall", 0.2, 0, "of the time waited for a processor"},
    {NOISE_STALL_MEMORY, "memory-stall", 0.01, 0, "of the time waited for memory"},
    {NOISE_STALL_IO, "io-stall", 0.05, 0, "of the time waited for a disk"},
    {NOISE_FREQUENCY, "frequency", 0.05, 0, "fall of the processors' frequency"},
    {NOISE_THROTTLED, "throttled", 0, 0, "thermal throttling events"},
};

/* Fields of /proc/stat's first line (proc_stat(5)): user nice system idle iowait irq softirq steal, in ticks.
 * Guest time is in user's. */
static void read_processor_time(const struct machine_source *source, struct noise_counters *counters) {
    double ticks = (double)sysconf(_SC_CLK_TCK), field[8];
    cleanup_free char *text = NULL;

    if (source_text(source, &text, "/proc/stat") < 0 ||
        sscanf(text, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2], &field[3],
               &field[4], &field[5], &field[6], &field[7]) != 8)
        return;
    counters->busy_s = (field[0] + field[1] + field[2] + field[5] + field[6]) / ticks;
    counters->steal_s = field[7] / ticks;
    for (const char *line = strstr(text, "\ncpu"); line; line = strstr(line + 1, "\ncpu"))
        counters->processors++;
}

static double time_of(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void read_usage(struct noise_counters *counters) {
    struct rusage self, children;

    if (getrusage(RUSAGE_SELF, &self) < 0 || getrusage(RUSAGE_CHILDREN, &children) < 0)
        return;
    counters->own_s = time_of(&self) + time_of(&children);
    counters->involuntary_switches = (double)(self.ru_nivcsw + children.ru_nivcsw);
    counters->major_faults = (double)(self.ru_majflt + children.ru_majflt);
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

static double read_frequency(const struct machine_source *source, unsigned processors) {
    double sum = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < processors && i < 8; i++) {
        int64_t kilohertz;

        if (source_integer(source, &kilohertz, "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", i) <
            0)
            break;
        sum += (double)kilohertz * 1e3;
        n++;
    }
    return n ? sum / n : NAN;
}

static double read_throttles(const struct machine_source *source, unsigned processors) {
    double sum = NAN;

    for (unsigned i = 0; i < processors && i < 64; i++) {
        int64_t count;

        if (source_integer(source, &count,
                           "/sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count", i) < 0)
            break;
        sum = (isnan(sum) ? 0 : sum) + (double)count;
    }
    return sum;
}

void noise_read(const struct machine_source *source, struct noise_counters *ret_counters) {
    struct noise_counters counters = {
        .steal_s = NAN, .busy_s = NAN, .own_s = NAN, .involuntary_switches = NAN, .major_faults = NAN};

    read_processor_time(source, &counters);
    if (source_is_live(source))
        read_usage(&counters);
    counters.stall_cpu_s = read_stall(source, "cpu");
    counters.stall_memory_s = read_stall(source, "memory");
    counters.stall_io_s = read_stall(source, "io");
    counters.frequency_hz = read_frequency(source, counters.processors);
    counters.throttles = read_throttles(source, counters.processors);
    *ret_counters = counters;
}

/* A counter that a hypervisor set back (migration) tells nothing. */
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
    }
    return NAN;
}

/* Whether the rule's limits are passed. Comparisons with NaN are false: what is not known raises nothing. */
static bool is_passed(const struct noise_rule *rule, double figure, double processor_s, double duration_s) {
    switch (rule->flag) {
    case NOISE_STEAL:
    case NOISE_OTHER_LOAD:
        return figure > rule->limit && figure * processor_s > rule->least;
    case NOISE_SWITCHES:
        return figure > rule->limit * duration_s && figure > rule->least;
    default:
        return figure > rule->limit;
    }
}

void noise_judge(const struct noise_counters *before, const struct noise_counters *after, double duration_s,
                 bool shared, struct noise *ret_noise, uint32_t *ret_flags) {
    double processor_s = duration_s * (after->processors ? after->processors : NAN);
    double others_s = rise(before->busy_s, after->busy_s) - rise(before->own_s, after->own_s);
    struct noise noise = {
        .steal = rise(before->steal_s, after->steal_s) / processor_s,
        /* Ticks and the process's own time are counted differently: a small negative difference is none. */
        .other_load = isnan(others_s) ? NAN : fmax(others_s, 0) / processor_s,
        .involuntary_switches = rise(before->involuntary_switches, after->involuntary_switches),
        .major_faults = rise(before->major_faults, after->major_faults),
        .stall_cpu = share(before->stall_cpu_s, after->stall_cpu_s, duration_s),
        .stall_memory = share(before->stall_memory_s, after->stall_memory_s, duration_s),
        .stall_io = share(before->stall_io_s, after->stall_io_s, duration_s),
        .frequency_change = after->frequency_hz / before->frequency_hz - 1,
        .throttles = rise(before->throttles, after->throttles),
    };

    *ret_flags = 0;
    for (size_t i = 0; i < NOISE_FLAGS; i++)
        if (!(shared && noise_rules[i].flag == NOISE_OTHER_LOAD) &&
            is_passed(&noise_rules[i], noise_figure(&noise, noise_rules[i].flag), processor_s, duration_s))
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
    bool events = flag == NOISE_SWITCHES || flag == NOISE_FAULTS || flag == NOISE_THROTTLED;

    if (events)
        (void)snprintf(ret_text, NOISE_TEXT_SIZE, "%.0f %s", figure, rule ? rule->words : "");
    else
        (void)snprintf(ret_text, NOISE_TEXT_SIZE, "%.3g%% %s", figure * 100, rule ? rule->words : "");
}
