/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/timing/list.h"

#include "shared/case/report.h"

#include <errno.h>
#include <stdlib.h>

/* `why` may lie in `error`. */
static int report_missing(const struct vms_host *host, const char *metric, const char *why,
                          struct vms_error *error) {
    char text[224];

    (void)snprintf(text, sizeof(text), "not measured: %.200s", why);
    return report_fact(host, error, metric, "%s", text);
}

static int choose(const struct timing_list *list, struct bench *bench, bool *wanted,
                  struct vms_error *error) {
    unsigned n = 0;

    for (unsigned i = 0; i < list->n; i++) {
        struct vms_error ignored;
        int status;

        if (!wanted[i])
            continue;
        wanted[i] = list->check(bench, i, error) == 0;
        n += wanted[i];
        status = wanted[i] ? 0 : report_missing(bench->host, list->metrics[i].name, error->text, &ignored);
        if (status < 0)
            return status;
    }
    return n > 0 ? 0 : -ENOTSUP;
}

int timing_set_up(struct timing_case *timed, const struct timing_list *list, const struct vms_host *host,
                  const struct bench_plan *plan, struct vms_error *error) {
    int status = bench_init(&timed->bench, host, plan, error);

    return status < 0 ? status : choose(list, &timed->bench, timed->wanted, error);
}

void timing_cleanup(void *state) {
    struct timing_case *timed = state;

    if (!timed)
        return;
    bench_done(&timed->bench);
    free(timed);
}

int timing_measure_all(struct timing_case *timed, const struct timing_list *list, const struct vms_host *host,
                       struct vms_error *error) {
    struct bench *bench = &timed->bench;
    unsigned measured = 0;

    bench->host = host;
    for (unsigned i = 0; i < list->n; i++) {
        const char *name = list->metrics[i].name;
        struct vms_error inner = {""};
        int status = timed->wanted[i] ? list->measure(bench, i, &inner) : 0;

        if (status == -EAGAIN && measured > 0)
            status = report_missing(bench->host, name, inner.text, &inner);
        else if (status == 0)
            measured += timed->wanted[i];
        if (status < 0)
            return report_error(error, status, "%s: %.400s", name, inner.text);
    }
    return 0;
}
