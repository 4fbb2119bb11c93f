/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/plan/foresee.h"

#include "base/clock.h"
#include "children/keeper.h"
#include "output/terminal.h"
#include "process/confine.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* For all cases together. */
#define LIMIT_NS (5 * NS_PER_S)

/* Of a case, shared with the process that asks. */
struct answer {
    bool is_refused;
    struct vms_error error;
};

struct question {
    const struct outcome_case *cases;
    size_t n_cases;
    struct answer *answers;
};

static uint64_t host_now(void *context) {
    (void)context;
    return clock_now_ns();
}

static bool host_should_stop(void *context) {
    (void)context;
    return false;
}

/* No trial is running, so no figure is taken. */
static int host_sample(void *context, unsigned metric, double value) {
    (void)context, (void)metric, (void)value;
    return -EINVAL;
}

static int host_distribution(void *context, unsigned metric, const double *values, size_t n) {
    (void)context, (void)metric, (void)values, (void)n;
    return -EINVAL;
}

static int host_fact(void *context, const char *key, const char *value) {
    (void)context, (void)key, (void)value;
    return 0;
}

static void host_log(void *context, enum vms_log_level level, const char *text) {
    (void)context, (void)level, (void)text;
}

static void ask(void *context) {
    const struct question *question = context;
    pid_t self = getpid();

    confine_descriptors(STDERR_FILENO + 1);
    for (size_t i = 0; i < question->n_cases; i++) {
        const struct outcome_case *outcome = &question->cases[i];
        const struct vms_host host = {.size = sizeof(host),
                                      .seed = outcome->seed,
                                      .now = host_now,
                                      .should_stop = host_should_stop,
                                      .sample = host_sample,
                                      .distribution = host_distribution,
                                      .fact = host_fact,
                                      .log = host_log};
        struct vms_error error = {""};
        int status;

        if (!outcome->module->probe || outcome->module->needs != 0)
            continue;
        status = outcome->module->probe(&host, outcome->values, &error);
        if (getpid() != self) /* a copy that the module has forked */
            _exit(1);
        question->answers[i].error = error;
        question->answers[i].is_refused = status < 0;
    }
    _exit(0);
}

static void print_refusal(FILE *file, const struct outcome_case *outcome, struct answer *answer) {
    char *text = answer->error.text;

    text[sizeof(answer->error.text) - 1] = '\0';
    terminal_print(file, "Case %u (%s, %s) will not be measured here: %s.\n", outcome->id, outcome->group,
                   outcome->module->name, text[0] ? text : "its module gives no reason");
}

void foresee_print(FILE *file, const struct outcome_case *cases, size_t n_cases) {
    size_t size = (n_cases + 1) * sizeof(struct answer);
    struct question question = {.cases = cases, .n_cases = n_cases};
    struct keeper keeper = {0};
    struct keeper_end end;

    question.answers = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (question.answers == MAP_FAILED)
        return;
    if (keeper_start(ask, &question, &keeper, NULL) == 0) {
        (void)keeper_wait(&keeper, clock_now_ns() + LIMIT_NS, &end);
        keeper_done(&keeper);
    }
    for (size_t i = 0; i < n_cases; i++)
        if (question.answers[i].is_refused)
            print_refusal(file, &cases[i], &question.answers[i]);
    (void)munmap(question.answers, size);
}
