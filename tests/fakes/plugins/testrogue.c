/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does to a run what a module must not be able to do to it: its parameter names the deed. */
#include "fakes/fake_module.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The descriptor over which the runner talks with its child: no module may rely on it. */
#define RUNNERS_DESCRIPTOR 3

enum {
    FORKS_AND_RETURNS,
    FORKS_IN_PREPARE,
    HELPER_REPORTS,
    WRITES,
    WRITES_MUCH,
    CLOSES_AND_LOOPS,
    CLOSES_AND_EXITS,
    HELPER_HOLDS_CRASH,
    LEAVES_SESSION,
    LEAVES_DAEMON,
    CRASHES_IN_CLEANUP,
    HANGS_IN_CLEANUP,
    EXITS_IN_CLEANUP,
    HANGS_IN_ESTIMATE,
    CRASHES_IN_ESTIMATE,
    SAMPLES_TWICE,
    SAYS_AND_SAMPLES_TWICE,
    NO_FIGURE,
    STOPS_ITSELF,
    EXITS,
    IGNORES_SIGTERM,
    LOGS_WITHOUT_END,
    PRINTS_WITHOUT_END,
    KILLS_ITS_PARENT,
    LOGS,
    HANGS_IN_PREPARE,
    DESCRIPTORS,
    SAMPLES_NO_NUMBER,
    SAMPLES_INFINITY,
    SAMPLES_UNKNOWN,
    SAMPLES_IN_WRONG_SHAPE,
    SAMPLES_IN_PREPARE,
    SAMPLES_IN_CLEANUP,
    SAMPLES_AND_FAILS,
    FAILS_IN_TURN,
    COUNTS,
    SAMPLES_NEGATIVE,
    FACTS_WITHOUT_END,
    FACTS_IN_PREPARE,
    STOPS_ITS_PARENT,
    ESTIMATES_WITHOUT_MEASURE
};

static const char *const deeds[] = {"forks_and_returns",
                                    "forks_in_prepare",
                                    "helper_reports",
                                    "writes",
                                    "writes_much",
                                    "closes_and_loops",
                                    "closes_and_exits",
                                    "helper_holds_crash",
                                    "leaves_session",
                                    "leaves_daemon",
                                    "crashes_in_cleanup",
                                    "hangs_in_cleanup",
                                    "exits_in_cleanup",
                                    "hangs_in_estimate",
                                    "crashes_in_estimate",
                                    "samples_twice",
                                    "says_and_samples_twice",
                                    "no_figure",
                                    "stops_itself",
                                    "exits",
                                    "ignores_sigterm",
                                    "logs_without_end",
                                    "prints_without_end",
                                    "kills_its_parent",
                                    "logs",
                                    "hangs_in_prepare",
                                    "descriptors",
                                    "samples_no_number",
                                    "samples_infinity",
                                    "samples_unknown",
                                    "samples_in_wrong_shape",
                                    "samples_in_prepare",
                                    "samples_in_cleanup",
                                    "samples_and_fails",
                                    "fails_in_turn",
                                    "counts",
                                    "samples_negative",
                                    "facts_without_end",
                                    "facts_in_prepare",
                                    "stops_its_parent",
                                    "estimates_without_measure",
                                    NULL};

static const struct vms_param params[] = {
    {.name = "deed", .kind = VMS_CHOICE, .fallback = "no_figure", .choices = deeds, .help = "What it does."},
};

struct state {
    unsigned deed, calls;
    const struct vms_host *host;
};

static _Noreturn void loop(void) {
    for (;;)
        (void)pause();
}

static void crash(void) {
    (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would exit instead */
    (void)raise(SIGSEGV);
}

/* A fact of another name each time; returns once the host has refused one. */
static void report_facts(const struct vms_host *host) {
    char key[32];

    for (unsigned i = 0; i < 100000; i++) {
        (void)snprintf(key, sizeof(key), "fact_%u", i);
        if (host->fact(host->context, key, "x") < 0)
            return;
    }
}

/* A process of its own session, which no signal to a group reaches. */
static void leave(bool twice) {
    if (fork() != 0)
        return;
    (void)setsid();
    if (twice && fork() != 0)
        _exit(0);
    loop();
}

static int do_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                      struct vms_error *error) {
    struct state *own = calloc(1, sizeof(*own));

    (void)error;
    if (!own)
        return -ENOMEM;
    own->deed = values[0].choice;
    own->host = host;
    *ret_state = own;
    switch (own->deed) {
    case SAMPLES_IN_PREPARE:
        (void)host->sample(host->context, 0, 1);
        break;
    case FORKS_IN_PREPARE:
        (void)fork();
        break;
    case HANGS_IN_PREPARE:
        loop();
    case FACTS_IN_PREPARE:
        report_facts(host);
        break;
    case LOGS:
        host->log(host->context, VMS_LOG_WARNING, "while preparing");
        break;
    }
    return 0;
}

/* Deeds that the module itself does not come back from, or not alone. */
static void misbehave(const struct vms_host *host, unsigned deed) {
    char rubbish[4096] = "rubbish";
    pid_t child;

    switch (deed) {
    case FORKS_AND_RETURNS:
        (void)fork();
        break;
    case HELPER_REPORTS:
        child = fork();
        if (child == 0) {
            host->log(host->context, VMS_LOG_INFO, "from a helper");
            loop();
        }
        (void)usleep(50000);
        break;
    case WRITES:
        (void)!write(RUNNERS_DESCRIPTOR, rubbish, 7);
        break;
    case WRITES_MUCH:
        (void)!write(RUNNERS_DESCRIPTOR, rubbish, sizeof(rubbish));
        break;
    case CLOSES_AND_LOOPS:
        (void)close(RUNNERS_DESCRIPTOR);
        loop();
    case CLOSES_AND_EXITS:
        (void)close(RUNNERS_DESCRIPTOR);
        _exit(4);
    case HELPER_HOLDS_CRASH:
        if (fork() == 0)
            loop();
        crash();
        break;
    case LEAVES_SESSION:
    case LEAVES_DAEMON:
        leave(deed == LEAVES_DAEMON);
        break;
    case STOPS_ITSELF:
        (void)raise(SIGSTOP);
        break;
    case EXITS:
        exit(0);
    case IGNORES_SIGTERM:
        (void)signal(SIGTERM, SIG_IGN);
        loop();
    case LOGS_WITHOUT_END:
        for (;;)
            host->log(host->context, VMS_LOG_INFO, "again");
    case PRINTS_WITHOUT_END:
        (void)fcntl(STDOUT_FILENO, F_SETFL, 0); /* as programs expect it: blocking */
        for (;;)
            (void)!write(STDOUT_FILENO, rubbish, sizeof(rubbish));
    case STOPS_ITS_PARENT:
        (void)kill(getppid(), SIGSTOP);
        loop();
    case KILLS_ITS_PARENT:
        (void)kill(getppid(), SIGKILL);
        loop();
    }
}

/* What else than the standard ones and the runner's is open. */
static int count_descriptors(void) {
    int n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    struct state *own = state;
    unsigned deed = values[0].choice;
    double value = 1;

    misbehave(host, deed);
    own->calls++;
    switch (deed) {
    case SAMPLES_NO_NUMBER:
        (void)host->sample(host->context, 0, (double)NAN);
        break;
    case SAMPLES_INFINITY:
        (void)host->sample(host->context, 0, -(double)INFINITY);
        break;
    case SAMPLES_NEGATIVE:
        (void)host->sample(host->context, 0, -1);
        break;
    case FACTS_WITHOUT_END:
        report_facts(host);
        break;
    case SAMPLES_UNKNOWN:
        (void)host->sample(host->context, 1, 1);
        break;
    case SAMPLES_IN_WRONG_SHAPE:
        (void)host->distribution(host->context, 0, &value, 1);
        break;
    case SAMPLES_AND_FAILS:
        (void)host->sample(host->context, 0, 1);
        (void)snprintf(error->text, sizeof(error->text), "the work went wrong");
        return -EIO;
    case FAILS_IN_TURN:
        return own->calls % 2 == 0 ? -EIO : host->sample(host->context, 0, 1);
    case COUNTS:
        return host->sample(host->context, 0, own->calls);
    case NO_FIGURE:
        return 0;
    case LOGS:
        host->log(host->context, VMS_LOG_INFO, "while measuring");
        break;
    case SAMPLES_TWICE:
    case SAYS_AND_SAMPLES_TWICE:
        (void)host->sample(host->context, 0, 1);
        if (deed == SAYS_AND_SAMPLES_TWICE)
            (void)snprintf(error->text, sizeof(error->text), "the second one failed");
        break;
    case DESCRIPTORS:
        return host->sample(host->context, 0, count_descriptors());
    }
    return host->sample(host->context, 0, 1);
}

static void do_cleanup(void *state) {
    struct state *own = state;

    if (!own)
        return;
    if (own->deed == CRASHES_IN_CLEANUP)
        crash();
    if (own->deed == HANGS_IN_CLEANUP)
        loop();
    if (own->deed == EXITS_IN_CLEANUP)
        _exit(5);
    if (own->deed == SAMPLES_IN_CLEANUP)
        (void)own->host->sample(own->host->context, 0, 1);
    free(own);
}

static void do_estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->seconds = 0.001;
    if (values[0].choice == HANGS_IN_ESTIMATE) {
        (void)signal(SIGALRM, SIG_IGN);
        loop();
    }
    if (values[0].choice == CRASHES_IN_ESTIMATE)
        crash();
    if (values[0].choice == ESTIMATES_WITHOUT_MEASURE)
        *ret = (struct vms_estimate){.seconds = 1e300, .traffic = UINT64_MAX / 2 + 1};
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,          FAKE_MODULE("testrogue", "Does what no module may."),
    FAKE_PARAMS(params),     .prepare = do_prepare,
    .measure = do_measure,   .cleanup = do_cleanup,
    .estimate = do_estimate,
};
