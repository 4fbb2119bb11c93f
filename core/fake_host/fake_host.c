/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_host/fake_host.h"

#include "base/clock.h"
#include "base/cut.h"
#include "base/error.h"
#include "base/units.h"
#include "module/outcome.h"
#include "module/param.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void fake_host_die(const char *what, const char *text) {
    fprintf(stderr, "fake host: %s: %s\n", what, text);
    abort();
}

static uint64_t fake_now(void *context) {
    (void)context;
    return clock_now_ns();
}

static bool fake_should_stop(void *context) {
    return ((struct fake_host *)context)->stop;
}

/* Whether the module may report this now: once a trial, and in the shape that its table says. */
static bool may_report(const struct fake_host *fake, unsigned metric, enum vms_shape shape) {
    if (!fake->measuring || metric >= fake->module->n_metrics || fake->module->metrics[metric].shape != shape)
        return false;
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (fake->trial.metrics[i].metric == metric)
            return false;
    return true;
}

static bool is_figure(const struct fake_host *fake, unsigned metric, double value) {
    return isfinite(value) && (value >= 0 || !units_is_rate(fake->module->metrics[metric].unit));
}

static int fake_sample(void *context, unsigned metric, double value) {
    struct fake_host *fake = context;

    if (!may_report(fake, metric, VMS_SCALAR) || !is_figure(fake, metric, value))
        return -EINVAL;
    return fake_trial_add(&fake->trial, metric, false, &value, 1);
}

static int fake_distribution(void *context, unsigned metric, const double *values, size_t n) {
    struct fake_host *fake = context;

    if (n == 0 || !may_report(fake, metric, VMS_DISTRIBUTION))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!is_figure(fake, metric, values[i]))
            return -EINVAL;
    return fake_trial_add(&fake->trial, metric, true, values, n);
}

static int fake_fact(void *context, const char *key, const char *value) {
    struct fake_host *fake = context;
    char own_key[OUTCOME_KEY_SIZE], own_value[OUTCOME_FACT_SIZE];

    cut_copy(own_key, sizeof(own_key), key);
    cut_copy(own_value, sizeof(own_value), value);
    return fake_facts_set(fake->measuring ? &fake->trial.facts : &fake->case_facts, own_key, own_value);
}

static void fake_log(void *context, enum vms_log_level level, const char *text) {
    struct fake_host *fake = context;

    (void)level;
    fprintf(stderr, "module: %s\n", text);
    if (fake_trial_log(&fake->trial, text) < 0)
        fake_host_die("logging", strerror(ENOMEM));
}

static int fake_put(void *context, const void *message, size_t length, uint64_t deadline) {
    struct fake_host *fake = context;

    (void)deadline;
    if (length > VMS_MESSAGE_MAX)
        return -EMSGSIZE;
    if (send(fake->control, message, length, MSG_NOSIGNAL) < 0)
        return errno == EPIPE ? -ECONNRESET : -errno;
    return 0;
}

static ssize_t fake_get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    struct fake_host *fake = context;
    uint64_t now = fake->host.now(fake);
    struct pollfd poll_fd = {.fd = fake->control, .events = POLLIN};
    ssize_t got;

    if (poll(&poll_fd, 1, deadline > now ? (int)((deadline - now) / 1000000 + 1) : 0) <= 0)
        return -ETIMEDOUT;
    got = recv(fake->control, buffer, capacity, MSG_TRUNC);
    if (got == 0)
        return -ECONNRESET;
    return got < 0 ? -errno : (size_t)got > capacity ? -EMSGSIZE : got;
}

static void set_loopback(struct sockaddr_storage *address) {
    struct sockaddr_in *in = (struct sockaddr_in *)address;

    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

void fake_host_begin(struct fake_host *fake, const struct vms_module *module) {
    struct vms_error error = {""};

    memset(fake, 0, sizeof(*fake));
    fake->control = -1;
    fake->module = module;
    if (param_defaults(fake->module, fake->values, &error) < 0)
        fake_host_die("defaults", error.text);
    fake->host = (struct vms_host){.size = sizeof(fake->host),
                                   .context = fake,
                                   .seed = 42,
                                   .now = fake_now,
                                   .should_stop = fake_should_stop,
                                   .sample = fake_sample,
                                   .distribution = fake_distribution,
                                   .fact = fake_fact,
                                   .log = fake_log,
                                   .put = fake_put,
                                   .get = fake_get,
                                   .cookie = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    set_loopback(&fake->host.peer);
    set_loopback(&fake->host.address);
    if (fake->module->needs & VMS_NEEDS_SCRATCH) {
        (void)snprintf(fake->scratch, sizeof(fake->scratch), "/var/tmp/vmsuite-test-XXXXXX");
        if (!mkdtemp(fake->scratch))
            fake_host_die("scratch", strerror(errno));
        fake->host.scratch = fake->scratch;
    }
}

void fake_host_set(struct fake_host *fake, const char *parameter, const char *text) {
    int index = param_find(fake->module, parameter);
    struct vms_error error = {""};

    if (index < 0)
        fake_host_die("no such parameter", parameter);
    free(fake->texts[index]);
    fake->texts[index] = strdup(text);
    if (param_parse(&fake->module->params[index], fake->texts[index], &fake->values[index], &error) < 0)
        fake_host_die(parameter, error.text);
}

/* Starts the peer's half; its exit status is 0 where serve succeeded. */
static pid_t start_peer(struct fake_host *fake) {
    int pair[2];
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        fake_host_die("socketpair", strerror(errno));
    child = fork();
    if (child < 0)
        fake_host_die("fork", strerror(errno));
    if (child == 0) {
        struct vms_error error = {""};
        int status;

        (void)close(pair[0]);
        fake->control = pair[1];
        status = fake->module->serve(&fake->host, fake->values, &error);
        if (status < 0)
            fprintf(stderr, "fake peer: %s\n", error.text);
        _exit(status < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    (void)close(pair[1]);
    fake->control = pair[0];
    return child;
}

static int measure(struct fake_host *fake, void *state, struct vms_error *error) {
    pid_t peer = fake->module->serve && !fake->alone ? start_peer(fake) : -1;
    int status, peer_status = 0;

    fake->measuring = true;
    status = fake->module->measure(&fake->host, fake->values, state, error);
    fake->measuring = false;
    if (peer > 0) {
        (void)close(fake->control);
        fake->control = -1;
        (void)waitpid(peer, &peer_status, 0);
        if (status == 0 && peer_status != 0)
            status = error_set(error, -EIO, "the peer's half failed");
    }
    return status;
}

int fake_host_run(struct fake_host *fake, struct vms_error *error) {
    const struct vms_module *module = fake->module;
    void *state = NULL;
    int status = 0;

    fake_trial_done(&fake->trial);
    if (module->probe)
        status = module->probe(&fake->host, fake->values, error);
    if (status == 0 && module->prepare)
        status = module->prepare(&fake->host, fake->values, &state, error);
    if (status == 0)
        status = measure(fake, state, error);
    if (module->cleanup)
        module->cleanup(state);
    return status;
}

const struct fake_metric *fake_host_metric(const struct fake_host *fake, const char *metric) {
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (strcmp(fake->module->metrics[fake->trial.metrics[i].metric].name, metric) == 0)
            return &fake->trial.metrics[i];
    return NULL;
}

double fake_host_value(const struct fake_host *fake, const char *metric) {
    const struct fake_metric *found = fake_host_metric(fake, metric);

    return found ? found->value : NAN;
}

const char *fake_host_fact(const struct fake_host *fake, const char *key) {
    const char *value = fake_facts_find(&fake->trial.facts, key);

    return value ? value : fake_facts_find(&fake->case_facts, key);
}

void fake_host_end(struct fake_host *fake) {
    for (size_t i = 0; i < VMS_LENGTH(fake->texts); i++)
        free(fake->texts[i]);
    fake_trial_done(&fake->trial);
    fake_facts_done(&fake->case_facts);
    if (fake->host.scratch && rmdir(fake->scratch) < 0)
        fake_host_die("the module left something in its scratch folder", fake->scratch);
}
