/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/boot_limits.h"

#include "common/estimate.h"
#include "guest/launchers/launcher.h"
#include "run/plan/plan.h"

/* How long a boot takes on bare hardware before and after it measures; what surrounds each trial (counters,
 * questions for the clock, a process of the peer); what counting instructions costs. */
#define BOOT_S 0.5
#define TRIAL_S 0.006
#define INSTRUCTIONS_FACTOR 1.5

/* How long the first process may take on bare hardware, and anywhere, within the usual deadline; whoever
 * sets a longer one knows that this machine is slow. */
#define READY_BARE_S 30
#define READY_MIN_S 120

/* A guest that hung was waited for 29 minutes where 40 s were expected; one on a machine with much other load
 * took three times what was expected. */
#define SILENCE_FACTOR 5
#define SILENCE_MIN_S 30
#define SILENCE_BARE_S 3

/* Of what hangs at times less is waited for: to boot it again costs less than to wait. Guests that stood
 * still on their way to the first process did so after two thirds of the usual time; others stood still
 * between trials. */
#define STANDSTILL_FACTOR 2

static const struct launcher *launcher_of(const struct configuration *configuration) {
    return configuration->guest.present ? launcher_find(configuration->guest.launcher) : NULL;
}

/* By how much longer than on bare hardware its boot and its trials take. */
static double slowness_of(const struct configuration *configuration) {
    const struct launcher *launcher = launcher_of(configuration);
    const struct launcher_kind *kind =
        launcher && configuration->guest.kind ? launcher_kind(launcher, configuration->guest.kind) : NULL;

    if (kind && kind->slowness > 0)
        return kind->slowness;
    return launcher ? launcher->slowness : 1;
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

double boot_limits_job(const struct configuration *configuration, char *ret_trouble) {
    double slowness = slowness_of(configuration), seconds = 0;
    struct outcome_run outcome = {.seed = 1};
    struct plan plan = {0};
    struct vms_error error;
    int status = plan_make(&configuration->suite, &outcome, &plan, &error);

    for (size_t i = 0; status == 0 && i < outcome.n_cases; i++)
        seconds += (outcome.cases[i].n_trials + outcome.cases[i].warmup) *
                   (plan.estimates[i].seconds + TRIAL_S * slowness);
    if (ret_trouble)
        (void)snprintf(ret_trouble, ESTIMATE_TROUBLE_SIZE, "%.*s", ESTIMATE_TROUBLE_SIZE - 1,
                       status < 0 ? error.text : plan.trouble);
    plan_done(&plan);
    outcome_run_done(&outcome);
    return configuration->guest.icount ? seconds * INSTRUCTIONS_FACTOR : seconds;
}

static unsigned ready_of(double slowness, double factor, unsigned deadline_s) {
    double usual = larger(READY_BARE_S * slowness * factor, READY_MIN_S);
    double seconds = usual * larger((double)deadline_s / GUEST_DEADLINE_S, 1);

    return seconds < deadline_s ? (unsigned)seconds : deadline_s;
}

struct boot_limits boot_limits_of(const struct configuration *configuration) {
    double slowness = slowness_of(configuration);
    double factor = configuration->guest.icount ? INSTRUCTIONS_FACTOR : 1;

    return (struct boot_limits){
        .boot = BOOT_S * slowness * factor,
        .job = boot_limits_job(configuration, NULL),
        .ready = ready_of(launcher_of(configuration)->slowness, factor, configuration->guest.deadline_s),
        .deadline = configuration->guest.deadline_s,
        .may_be_silent = configuration->guest.serves,
        .may_hang = launcher_may_hang(&configuration->guest)};
}

unsigned boot_limits_silence(const struct boot_limits *limits, double boot) {
    double pace = limits->boot > 0 ? larger(boot / limits->boot, 1) : 1;
    double seconds = limits->may_hang ? STANDSTILL_FACTOR * limits->boot + limits->job
                                      : larger(SILENCE_BARE_S * limits->boot / BOOT_S, SILENCE_MIN_S) +
                                            SILENCE_FACTOR * limits->job;

    return seconds * pace < limits->deadline ? (unsigned)(seconds * pace) : limits->deadline;
}

unsigned boot_limits_standstill(const struct boot_limits *limits, double heard) {
    double seconds = STANDSTILL_FACTOR * larger(limits->boot, heard);

    return seconds < limits->deadline ? (unsigned)seconds : limits->deadline;
}
