/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stall: how much of the time a guest is not run, whether it knows or not. A thread on each processor looks
 * at the clock over and over (as Linux's osnoise tracer does: D. Bristot de Oliveira, D. Casini, T.
 * Cucinotta, "Operating System Noise in the Linux Kernel", IEEE Transactions on Computers 72, 2023); where
 * two looks lie further apart than the threshold, something else ran: an interrupt, another thread, or
 * another guest.
 *
 * The gaps are compared with what the kernel says of the same time: time in which the thread was ready and
 * did not run, steal, interrupts. What is in none of these accounts was taken by somebody whom this kernel
 * does not see, so a guest that is not told of it takes it for its own slowness.
 */
#include "gaps/spin.h"
#include "shared/case/affinity.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/memory/caches.h"
#include "shared/memory/place.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_PROCESSORS, PARAM_SECONDS, PARAM_THRESHOLD };
static const struct vms_param params[] = {
    [PARAM_PROCESSORS] = {"processors", VMS_TEXT, "all", NULL, NULL, NULL,
                          "Where a thread spins: all that this process may use, or a list such as 0,2-5.",
                          VMS_ROLE_PLAIN},
    [PARAM_SECONDS] = {"seconds", VMS_SECONDS, "1", "0.01", "1h", NULL, "How long they spin.",
                       VMS_ROLE_PLAIN},
    [PARAM_THRESHOLD] = {"threshold", VMS_SECONDS, "5us", "0.000001", "1", NULL,
                         "The shortest gap between two readings of the clock that counts as a stall.",
                         VMS_ROLE_PLAIN},
};

static const struct vms_fact facts[] = {
    {"processors", VMS_ROLE_PLAIN, "Where a thread spun."},
    AFFINITY_FACTS,
    {"look", VMS_ROLE_VOLATILE, "The mean time between two readings of the clock, gaps left out."},
    {"most_stalled", VMS_ROLE_VOLATILE, "The processor that lost most, and its share."},
    {"gaps_kept", VMS_ROLE_VOLATILE, "How many gaps were drawn for the distribution, where there were more."},
    {"steal_under_reported", VMS_ROLE_VOLATILE,
     "Whether more was lost than the kernel reports as waiting, steal and interrupts, and how much."},
};

enum {
    METRIC_STALLED,
    METRIC_LONGEST,
    METRIC_GAP,
    METRIC_GAPS,
    METRIC_HIDDEN,
    METRIC_WAITED,
    METRIC_STEAL,
    METRIC_INTERRUPTS,
    METRIC_SWITCHES
};

#define SHARE(name, role, help)                                                                              \
    { name, VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_LOCAL, help, VMS_ROLE_##role }

static const struct vms_metric metrics[] = {
    [METRIC_STALLED] = SHARE("stalled", HEADLINE, "The share of the time that lies in gaps."),
    [METRIC_LONGEST] = {"longest", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL, "The longest gap.",
                        VMS_ROLE_PLAIN},
    [METRIC_GAP] = {"gap", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                    "The gaps; without one it is not reported.", VMS_ROLE_VOLATILE},
    [METRIC_GAPS] = {"gaps", VMS_PER_SECOND, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                     "Gaps in a second of one processor.", VMS_ROLE_PLAIN},
    [METRIC_HIDDEN] = SHARE("hidden", PLAIN,
                            "The share of the time that was stalled and that the kernel reports neither as "
                            "waiting nor as steal nor as interrupts."),
    [METRIC_WAITED] = SHARE("waited", VOLATILE,
                            "The share in which the thread was ready and did not run: for other threads of "
                            "this kernel, or a quota."),
    [METRIC_STEAL] = SHARE("steal", VOLATILE, "The share that the kernel reports as steal."),
    [METRIC_INTERRUPTS] = SHARE("interrupts", VOLATILE, "The share that it reports as interrupts."),
    [METRIC_SWITCHES] = {"involuntary_switches", VMS_PER_SECOND, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                         "How often in a second of one processor the thread was taken off it.",
                         VMS_ROLE_VOLATILE},
};

struct stall {
    struct place place;
    struct spinner *spinners; /* one for each processor */
    double *gaps;             /* room for all that are kept */
};

/* A figure that is not known is not reported. */
static int report_known(const struct vms_host *host, unsigned metric, double value, struct vms_error *error) {
    return isnan(value) ? 0 : report_sample(host, error, metric, value);
}

static int report_gaps(const struct vms_host *host, const struct stall *stall, double count,
                       struct vms_error *error) {
    size_t n = 0;
    int status;

    for (unsigned i = 0; i < stall->place.threads; i++) {
        const struct gaps *gaps = &stall->spinners[i].gaps;

        memcpy(stall->gaps + n, gaps->kept, gaps->n_kept * sizeof(*gaps->kept));
        n += gaps->n_kept;
    }
    if (n == 0)
        return 0;
    status = report_distribution(host, error, METRIC_GAP, stall->gaps, n);
    if (status == 0 && (double)n < count)
        status = report_fact(host, error, "gaps_kept", "%zu of %.0f", n, count);
    return status;
}

static int report_most_stalled(const struct vms_host *host, const struct stall *stall,
                               struct vms_error *error) {
    double most = -1;
    unsigned at = 0;

    for (unsigned i = 0; i < stall->place.threads; i++) {
        const struct spinner *spinner = &stall->spinners[i];
        double part = (double)spinner->gaps.total_ns / (double)spinner->wall_ns;

        if (part > most) {
            most = part;
            at = i;
        }
    }
    return report_fact(host, error, "most_stalled", "processor %d: %.3g %%", stall->place.cpus[at],
                       100 * most);
}

static int report_hidden(const struct vms_host *host, const struct stall_account *sum,
                         struct vms_error *error) {
    double hidden_s = account_hidden(sum);
    int status = report_known(host, METRIC_HIDDEN, hidden_s / sum->wall_s, error);

    if (status < 0)
        return status;
    if (isnan(hidden_s))
        return report_fact(host, error, "steal_under_reported",
                           "unknown: this kernel does not say what it took from each processor");
    if (!account_is_short(sum))
        return report_fact(host, error, "steal_under_reported", "no");
    return report_fact(host, error, "steal_under_reported",
                       "yes: of %.3g s stalled, this kernel does not report %.3g s (%.3g %% of the time)",
                       sum->stalled_s, hidden_s, 100 * hidden_s / sum->wall_s);
}

static int report(const struct vms_host *host, const struct stall *stall, const struct stall_account *sum,
                  struct vms_error *error) {
    int status = report_sample(host, error, METRIC_STALLED, sum->stalled_s / sum->wall_s);

    if (status == 0)
        status = report_sample(host, error, METRIC_LONGEST, sum->longest_s);
    if (status == 0)
        status = report_sample(host, error, METRIC_GAPS, sum->gaps / sum->wall_s);
    if (status == 0)
        status = report_hidden(host, sum, error);
    if (status == 0)
        status = report_known(host, METRIC_WAITED, sum->waited_s / sum->wall_s, error);
    if (status == 0)
        status = report_known(host, METRIC_STEAL, sum->steal_s / sum->wall_s, error);
    if (status == 0)
        status = report_known(host, METRIC_INTERRUPTS, sum->interrupts_s / sum->wall_s, error);
    if (status == 0)
        status = report_known(host, METRIC_SWITCHES, sum->switches / sum->wall_s, error);
    if (status == 0)
        status = report_gaps(host, stall, sum->gaps, error);
    return status == 0 ? report_most_stalled(host, stall, error) : status;
}

/* Where one look takes as long as a gap, each look would be one. */
static int check_looks(const struct vms_host *host, const struct stall *stall,
                       const struct stall_account *sum, double threshold, struct vms_error *error) {
    double looks = 0, look_s;

    for (unsigned i = 0; i < stall->place.threads; i++)
        looks += (double)stall->spinners[i].looks;
    if (sum->gaps > looks / 2)
        return report_error(error, -ENOTSUP,
                            "reading the clock takes about %.3g us here: give a threshold above %.3g us",
                            1e6 * sum->wall_s / looks, 1e6 * fmax(threshold, 10 * sum->wall_s / looks));
    look_s = (sum->wall_s - sum->stalled_s) / (looks - sum->gaps);
    return report_fact(host, error, "look", "%.3g ns", 1e9 * look_s);
}

static int make_ready(struct stall *stall, double threshold, uint64_t seed, struct vms_error *error) {
    for (unsigned i = 0; i < stall->place.threads; i++) {
        struct spinner *spinner = &stall->spinners[i];

        gaps_done(&spinner->gaps);
        memset(spinner, 0, sizeof(*spinner));
        if (gaps_init(&spinner->gaps, (uint64_t)(1e9 * threshold + 0.5), seed + 2 * i) < 0)
            return report_error(error, -ENOMEM, "no memory for %d gaps on each of %u processors", GAPS_KEPT,
                                stall->place.threads);
    }
    return 0;
}

static int stall_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    struct stall *stall = state;
    const struct gaps_clock clock = {host->now, host->should_stop, host->context};
    const int *cpus = stall->place.cpus;
    unsigned n = stall->place.threads;
    double threshold = values[PARAM_THRESHOLD].seconds;
    struct processor_account before, after;
    struct stall_account sum;
    int status = make_ready(stall, threshold, host->seed, error);

    if (status < 0)
        return status;
    accounts_of_processors(cpus, n, &before);
    status =
        spin_all(&clock, cpus, n, (uint64_t)(1e9 * values[PARAM_SECONDS].seconds), stall->spinners, error);
    accounts_of_processors(cpus, n, &after);
    if (status < 0)
        return status;
    spin_sum_up(stall->spinners, n, &before, &after, &sum);
    status = check_looks(host, stall, &sum, threshold, error);
    return status == 0 ? report(host, stall, &sum, error) : status;
}

static void stall_cleanup(void *state) {
    struct stall *stall = state;

    if (!stall)
        return;
    for (unsigned i = 0; stall->spinners && i < stall->place.threads; i++)
        gaps_done(&stall->spinners[i].gaps);
    free(stall->spinners);
    free(stall->gaps);
    free(stall);
}

static bool is_all(const union vms_value *values) {
    return strcmp(values[PARAM_PROCESSORS].text, "all") == 0;
}

/* A processor that is named twice would have two threads that take it from each other. */
static int check_once(const struct place *place, struct vms_error *error) {
    for (unsigned i = 0; i < place->threads; i++)
        for (unsigned k = 0; k < i; k++)
            if (place->cpus[i] == place->cpus[k])
                return report_error(error, -EINVAL, "processors names processor %d twice", place->cpus[i]);
    return 0;
}

static int find_place(const union vms_value *values, struct place *ret_place, struct vms_error *error) {
    static const char prefix[] = "affinity: "; /* what the parameter is called elsewhere */
    struct vms_error inner = {""};
    hwloc_topology_t topology;
    int status = caches_load_topology(&topology, error);

    if (status < 0)
        return status;
    status = is_all(values)
                 ? place_resolve(topology, "all", "compact", ret_place, &inner)
                 : place_resolve(topology, "list", values[PARAM_PROCESSORS].text, ret_place, &inner);
    hwloc_topology_destroy(topology);
    if (status < 0)
        return report_error(error, status, "processors: %s",
                            inner.text +
                                (strncmp(inner.text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0));
    return check_once(ret_place, error);
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct stall *stall = state;
    char text[64];
    int status = report_affinity(host, error);

    if (status == 0)
        status = find_place(values, &stall->place, error);
    if (status < 0)
        return status;
    stall->spinners = calloc(stall->place.threads, sizeof(*stall->spinners));
    stall->gaps = malloc(stall->place.threads * GAPS_KEPT * sizeof(*stall->gaps));
    if (!stall->spinners || !stall->gaps)
        return report_error(error, -ENOMEM, "no memory for the gaps of %u processors", stall->place.threads);
    place_format(&stall->place, text, sizeof(text));
    return report_fact(host, error, "processors", "%s", text);
}

static int stall_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                         struct vms_error *error) {
    return state_make(host, values, sizeof(struct stall), set_up, stall_cleanup, ret_state, error);
}

static int stall_validate(const union vms_value *values, struct vms_error *error) {
    const char *text = values[PARAM_PROCESSORS].text;
    struct vms_error inner = {""};

    if (values[PARAM_THRESHOLD].seconds >= values[PARAM_SECONDS].seconds)
        return report_error(error, -EINVAL, "threshold is not below seconds");
    if (is_all(values) || (*text >= '0' && *text <= '9' && place_check("list", text, &inner) == 0))
        return 0;
    return report_error(error, -EINVAL, "processors: \"%s\" is neither all nor a list such as 0,2-5", text);
}

static void stall_estimate(const union vms_value *values, struct vms_estimate *ret) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    ret->seconds = values[PARAM_SECONDS].seconds;
    ret->memory = 2 * GAPS_KEPT * sizeof(double) * (uint64_t)(processors > 0 ? processors : 1);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "stall",
    .summary = "Time that was taken from each processor, and what of it the kernel does not report",
    .resource = VMS_CPU,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .prepare = stall_prepare,
    .measure = stall_measure,
    .cleanup = stall_cleanup,
    .estimate = stall_estimate,
    .validate = stall_validate,
};
