/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/worker_host.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cut.h"
#include "base/error.h"
#include "base/units.h"
#include "run/worker/worker_scratch.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

void worker_say(const struct worker *worker, struct worker_message *message) {
    int status;

    message->magic = WORKER_MAGIC;
    message->order = worker->order;
    /* A parent that is gone shows by SIGKILL (PR_SET_PDEATHSIG), not here. */
    do
        status = send(WORKER_SOCKET, message, sizeof(*message), MSG_NOSIGNAL) < 0 ? -errno : 0;
    while (status == -EINTR);
    /* Nobody is to wait for a message that was lost, nor to miss a figure. */
    if (status == -ENOBUFS || status == -ENOMEM) {
        fprintf(stderr, "a message to vmsuite was lost: %s\n", strerror(-status));
        _exit(1);
    }
}

void worker_say_path(const struct worker *worker, const char *path) {
    struct worker_message message = {.kind = WORKER_PATH};

    (void)snprintf(message.error.text, sizeof(message.error.text), "%s", path);
    worker_say(worker, &message);
}

static void say_fact(const struct worker *worker, const struct outcome_fact *fact, bool of_case) {
    struct worker_message message = {.kind = WORKER_FACT, .of_case = of_case, .fact = *fact};

    worker_say(worker, &message);
}

void worker_say_trial(const struct worker *worker) {
    for (size_t i = 0; i < worker->trial.n_metrics; i++) {
        const struct outcome_metric *metric = &worker->trial.metrics[i];
        struct worker_message message = {
            .kind = WORKER_METRIC, .metric = *metric, .has_sketch = metric->sketch != NULL};

        if (metric->sketch)
            message.sketch = *metric->sketch;
        worker_say(worker, &message);
    }
    for (size_t i = 0; i < worker->trial.facts.n_facts; i++)
        say_fact(worker, &worker->trial.facts.facts[i], false);
}

static uint64_t host_now(void *context) {
    (void)context;
    return clock_now_ns();
}

/* Leaves a module the last 100 ms of its time to end in order. */
static bool host_should_stop(void *context) {
    const struct worker *worker = context;
    uint64_t now = clock_now_ns();
    uint64_t left = worker->deadline_ns > now ? worker->deadline_ns - now : 0;

    return worker_stopped() || left < NS_PER_S / 10;
}

static int refuse(struct worker *worker, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int refuse(struct worker *worker, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    if (!worker->refusal[0])
        (void)vsnprintf(worker->refusal, sizeof(worker->refusal), format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* Checks what every report must be, and makes room for it. */
static int add_metric(struct worker *worker, unsigned metric, enum vms_shape shape,
                      struct outcome_metric **ret) {
    const struct vms_module *module = worker->task->outcome->module;

    if (!worker->measuring)
        return refuse(worker, "the module reported a figure outside a trial");
    if (metric >= module->n_metrics)
        return refuse(worker, "the module reported a metric that is not in its table");
    if (module->metrics[metric].shape != shape)
        return refuse(worker, "the module reported metric \"%s\" in the wrong shape",
                      module->metrics[metric].name);
    for (size_t i = 0; i < worker->trial.n_metrics; i++)
        if (worker->trial.metrics[i].metric == metric)
            return refuse(worker, "the module reported metric \"%s\" twice", module->metrics[metric].name);
    *ret = outcome_trial_add_metric(&worker->trial);
    if (!*ret)
        return refuse(worker, ERROR_MEMORY);
    (*ret)->metric = metric;
    return 0;
}

static const char *metric_name(const struct worker *worker, unsigned metric) {
    const struct vms_module *module = worker->task->outcome->module;

    return metric < module->n_metrics ? module->metrics[metric].name : "?";
}

/* What no figure can be. A time may be a difference of two, and below 0. */
static int check_value(struct worker *worker, unsigned metric, double value) {
    const struct vms_module *module = worker->task->outcome->module;

    if (!isfinite(value))
        return refuse(worker, "the module reported a value for metric \"%s\" that is not a finite number",
                      metric_name(worker, metric));
    if (value < 0 && metric < module->n_metrics && units_is_rate(module->metrics[metric].unit))
        return refuse(worker, "the module reported %g for metric \"%s\", a rate, which cannot be negative",
                      value, metric_name(worker, metric));
    return 0;
}

static int host_sample(void *context, unsigned metric, double value) {
    struct worker *worker = context;
    struct outcome_metric *new = NULL;

    if (check_value(worker, metric, value) < 0)
        return -EINVAL;
    if (add_metric(worker, metric, VMS_SCALAR, &new) < 0)
        return -EINVAL;
    new->value = value;
    return 0;
}

/* The histogram of values that are too many to be kept; none where one is negative. */
static int add_sketch(struct outcome_metric *metric, const double *sorted, size_t n) {
    if (n <= OUTCOME_RAW_MAX || sorted[0] < 0)
        return 0;
    metric->sketch = calloc(1, sizeof(*metric->sketch));
    for (size_t i = 0; metric->sketch && i < n; i++)
        (void)sketch_add(metric->sketch, sorted[i], 1);
    return metric->sketch ? 0 : -ENOMEM;
}

static int host_distribution(void *context, unsigned metric, const double *values, size_t n) {
    cleanup_free double *copy = n > 0 ? malloc(n * sizeof(*copy)) : NULL;
    struct worker *worker = context;
    struct outcome_metric *new = NULL;

    for (size_t i = 0; i < n; i++)
        if (check_value(worker, metric, values[i]) < 0)
            return -EINVAL;
    if (n == 0)
        return refuse(worker, "the module reported an empty distribution for metric \"%s\"",
                      metric_name(worker, metric));
    if (!copy)
        return refuse(worker, ERROR_MEMORY);
    if (add_metric(worker, metric, VMS_DISTRIBUTION, &new) < 0)
        return -EINVAL;
    memcpy(copy, values, n * sizeof(*copy));
    stats_distribute(copy, n, &new->distribution);
    new->is_distribution = true;
    new->value = new->distribution.quantiles[1];
    new->n_raw = n <= OUTCOME_RAW_MAX ? n : 0;
    memcpy(new->raw, values, new->n_raw * sizeof(*values));
    return add_sketch(new, copy, n) < 0 ? refuse(worker, ERROR_MEMORY) : 0;
}

static int host_fact(void *context, const char *key, const char *value) {
    struct worker *worker = context;
    struct outcome_fact fact = {0};

    if (worker->measuring) {
        int status = outcome_facts_set(&worker->trial.facts, key, value);

        if (status == -E2BIG)
            return refuse(worker, "the module reported more than %d facts", OUTCOME_FACTS_MAX);
        return status == -ENOMEM ? refuse(worker, ERROR_MEMORY) : status;
    }
    cut_copy(fact.key, sizeof(fact.key), key);
    cut_copy(fact.value, sizeof(fact.value), value);
    say_fact(worker, &fact, true);
    return 0;
}

static void host_log(void *context, enum vms_log_level level, const char *text) {
    struct worker_message message = {.kind = WORKER_LOG, .status = (int)level};

    cut_copy(message.error.text, sizeof(message.error.text), text);
    worker_scratch_explain(((struct worker *)context)->task, &message.error);
    worker_say(context, &message);
}

void worker_host_init(struct worker *worker, struct vms_host *ret_host) {
    *ret_host = (struct vms_host){.size = sizeof(*ret_host),
                                  .context = worker,
                                  .seed = worker->task->outcome->seed,
                                  .scratch = worker_scratch_path(worker->task),
                                  .destroys = worker->task->destroys,
                                  .now = host_now,
                                  .should_stop = host_should_stop,
                                  .sample = host_sample,
                                  .distribution = host_distribution,
                                  .fact = host_fact,
                                  .log = host_log};
}
