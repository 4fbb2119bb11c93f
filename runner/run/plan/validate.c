/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/plan/validate.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"
#include "children/keeper.h"
#include "process/confine.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* For all cases together: it is plain arithmetic. */
#define LIMIT_NS (5 * NS_PER_S)

/* Shared with the process that asks. */
struct verdict {
    size_t at;  /* the case that is refused */
    int status; /* 0: none is */
    struct vms_error error;
};

struct question {
    const struct outcome_case *cases;
    size_t n_cases;
    struct verdict *verdict;
};

static void ask(void *context) {
    const struct question *question = context;
    struct verdict *verdict = question->verdict;

    confine_descriptors(STDERR_FILENO + 1);
    for (size_t i = 0; i < question->n_cases && verdict->status == 0; i++) {
        const struct outcome_case *outcome = &question->cases[i];
        struct vms_error error = {""};
        int status = outcome->module->validate ? outcome->module->validate(outcome->values, &error) : 0;

        if (status < 0) {
            verdict->at = i;
            verdict->error = error;
            verdict->status = status;
        }
    }
    _exit(0);
}

int validate_cases(const struct outcome_case *cases, size_t n_cases, struct vms_error *error) {
    struct verdict *verdict =
        mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct question question = {.cases = cases, .n_cases = n_cases, .verdict = verdict};
    struct keeper keeper = {0};
    struct keeper_end end;
    int status = 0;

    if (verdict == MAP_FAILED)
        return error_memory(error);
    if (keeper_start(ask, &question, &keeper, NULL) == 0) {
        (void)keeper_wait(&keeper, clock_now_ns() + LIMIT_NS, &end);
        keeper_done(&keeper);
    }
    verdict->error.text[sizeof(verdict->error.text) - 1] = '\0';
    if (verdict->status < 0 && verdict->at < n_cases)
        status = error_set(error, -EINVAL, "group \"%s\" (module %s): %.400s", cases[verdict->at].group,
                           cases[verdict->at].module->name,
                           verdict->error.text[0] ? verdict->error.text : "its values do not fit together");
    (void)munmap(verdict, sizeof(*verdict));
    return status;
}

int validate_memory(const struct outcome_case *cases, const struct vms_estimate *estimates, size_t n_cases,
                    struct vms_error *error) {
    uint64_t here = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; i < n_cases; i++) {
        char wanted[UNITS_TEXT_SIZE], there[UNITS_TEXT_SIZE];

        if (estimates[i].memory <= here)
            continue;
        units_format_number((double)estimates[i].memory / 1e9, 4, wanted);
        units_format_number((double)here / 1e9, 4, there);
        return error_set(error, -ENOMEM,
                         "group \"%s\" (module %s): it takes %s GB of memory, but this machine has %s GB",
                         cases[i].group, cases[i].module->name, wanted, there);
    }
    return 0;
}
