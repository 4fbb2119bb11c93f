/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/estimate.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "children/keeper.h"
#include "process/confine.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

/* For one estimate, which is plain arithmetic. */
#define ESTIMATE_LIMIT_NS (2 * NS_PER_S)
#define LOOK_NS (NS_PER_S / 20)

/* Shared with the process that asks. */
struct answers {
    volatile size_t at;     /* the case that is being asked for; the number of cases when all are done */
    volatile bool nonsense; /* that case's answer was no number */
    struct vms_estimate estimates[];
};

struct question {
    const struct outcome_case *cases;
    size_t n_cases;
    const bool *left_out; /* per case: its module has failed before */
    struct answers *answers;
};

static void ask(void *context) {
    const struct question *question = context;
    struct answers *answers = question->answers;
    pid_t self = getpid();

    confine_descriptors(STDERR_FILENO + 1);
    for (size_t i = answers->at; i < question->n_cases; answers->at = ++i) {
        const struct outcome_case *outcome = &question->cases[i];
        struct vms_estimate estimate = {0};

        if (!outcome->module->estimate || question->left_out[i])
            continue;
        outcome->module->estimate(outcome->values, &estimate);
        if (getpid() != self) /* a copy that the module has forked */
            _exit(1);
        if (!isfinite(estimate.seconds) || estimate.seconds < 0) {
            answers->nonsense = true;
            _exit(1);
        }
        estimate.seconds = fmin(estimate.seconds, ESTIMATE_SECONDS_MAX);
        answers->estimates[i] = estimate;
    }
    _exit(0);
}

/* Waits until the process has ended, or has not come further for too long; then *ret_end is unknown. */
static void await(const struct keeper *keeper, const struct answers *answers, struct keeper_end *ret_end) {
    size_t at = answers->at;
    uint64_t since_ns = clock_now_ns();

    *ret_end = (struct keeper_end){0};
    while (!keeper_wait(keeper, clock_now_ns() + LOOK_NS, ret_end)) {
        if (answers->at != at) {
            at = answers->at;
            since_ns = clock_now_ns();
        } else if (clock_now_ns() - since_ns > ESTIMATE_LIMIT_NS) {
            return;
        }
    }
}

/* Says what went wrong with the case that was being asked for, and leaves its module's cases out. */
static void give_up(const struct question *question, bool *left_out, const struct keeper_end *end,
                    char ret_trouble[static ESTIMATE_TROUBLE_SIZE]) {
    struct answers *answers = question->answers;
    const struct outcome_case *outcome = &question->cases[answers->at];
    char how[KEEPER_WORDS_SIZE] = "did not end and was killed";

    if (answers->nonsense)
        (void)snprintf(how, sizeof(how), "is not a number of seconds");
    else if (end->known)
        keeper_describe(end, how);
    if (!ret_trouble[0])
        (void)snprintf(ret_trouble, ESTIMATE_TROUBLE_SIZE, "the estimate of module %s for case %u %s",
                       outcome->module->name, outcome->id, how);
    for (size_t i = answers->at; i < question->n_cases; i++)
        left_out[i] |= question->cases[i].module == outcome->module;
    answers->nonsense = false;
    answers->at++;
}

void estimate_cases(const struct outcome_case *cases, size_t n_cases, struct vms_estimate *ret_estimates,
                    char ret_trouble[static ESTIMATE_TROUBLE_SIZE]) {
    size_t size = sizeof(struct answers) + n_cases * sizeof(struct vms_estimate);
    cleanup_free bool *left_out = calloc(n_cases + 1, sizeof(*left_out));
    struct question question = {.cases = cases, .n_cases = n_cases, .left_out = left_out};
    struct answers *answers = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ret_trouble[0] = '\0';
    if (answers == MAP_FAILED || !left_out) {
        (void)snprintf(ret_trouble, ESTIMATE_TROUBLE_SIZE, "out of memory for what modules expect");
        return;
    }
    question.answers = answers;
    while (answers->at < n_cases) {
        struct keeper keeper = {0};
        struct keeper_end end;
        struct vms_error error;

        if (keeper_start(ask, &question, &keeper, &error) < 0) {
            if (!ret_trouble[0])
                (void)snprintf(ret_trouble, ESTIMATE_TROUBLE_SIZE, "%.*s", ESTIMATE_TROUBLE_SIZE - 1,
                               error.text);
            break;
        }
        await(&keeper, answers, &end);
        keeper_done(&keeper);
        if (answers->at < n_cases)
            give_up(&question, left_out, &end, ret_trouble);
    }
    for (size_t i = 0; i < n_cases; i++)
        ret_estimates[i] = answers->estimates[i];
    (void)munmap(answers, size);
}

void estimate_format_time(double seconds, char ret_text[static UNITS_TEXT_SIZE]) {
    long minutes = lround(seconds / 60);

    if (seconds < 90)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.0f s", seconds);
    else if (minutes < 90)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%ld min", minutes);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%ld h %ld min", minutes / 60, minutes % 60);
}

void estimate_format_bytes(uint64_t bytes, char ret_text[static UNITS_TEXT_SIZE]) {
    static const char *const names[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 999.5 && unit + 1 < VMS_LENGTH(names); unit++)
        value /= 1000;
    (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.*f %s", value < 9.95 && unit > 0 && value > 0 ? 1 : 0, value,
                   names[unit]);
}
