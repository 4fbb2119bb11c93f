/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"

#include "base/clock.h"
#include "module/loader.h"
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

static _Noreturn void die(const char *what, const char *text) {
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

static struct outcome_metric *new_metric(struct fake_host *fake, unsigned metric, enum vms_shape shape) {
    if (!fake->measuring || metric >= fake->module->n_metrics || fake->module->metrics[metric].shape != shape)
        return NULL;
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (fake->trial.metrics[i].metric == metric)
            return NULL;
    return outcome_trial_add_metric(&fake->trial);
}

static int fake_sample(void *context, unsigned metric, double value) {
    struct outcome_metric *new = isfinite(value) ? new_metric(context, metric, VMS_SCALAR) : NULL;

    if (!new)
        return -EINVAL;
    new->metric = metric;
    new->value = value;
    return 0;
}

static int fake_distribution(void *context, unsigned metric, const double *values, size_t n) {
    struct outcome_metric *new = n > 0 ? new_metric(context, metric, VMS_DISTRIBUTION) : NULL;
    double *copy = new ? malloc(n * sizeof(*copy)) : NULL;

    if (!copy)
        return -EINVAL;
    memcpy(copy, values, n * sizeof(*copy));
    stats_distribute(copy, n, &new->distribution);
    free(copy);
    new->metric = metric;
    new->is_distribution = true;
    new->value = new->distribution.quantiles[1];
    return 0;
}

static int fake_fact(void *context, const char *key, const char *value) {
    struct fake_host *fake = context;

    return outcome_facts_set(fake->measuring ? &fake->trial.facts : &fake->case_facts, key, value);
}

static void fake_log(void *context, enum vms_log_level level, const char *text) {
    (void)context;
    (void)level;
    fprintf(stderr, "module: %s\n", text);
}

static int fake_put(void *context, const void *message, size_t length, uint64_t deadline) {
    struct fake_host *fake = context;

    (void)deadline;
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

void fake_host_init(struct fake_host *fake, const char *module) {
    const char *folder = getenv("VMSUITE_MODULE_PATH");
    struct vms_error error = {""};
    struct vms_module *loaded;
    char path[4096];

    memset(fake, 0, sizeof(*fake));
    fake->control = -1;
    (void)snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : ".", module);
    if (loader_open(path, &loaded, &error) < 0)
        die("loading", error.text);
    fake->module = loaded;
    if (param_defaults(fake->module, fake->values, &error) < 0)
        die("defaults", error.text);
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
            die("scratch", strerror(errno));
        fake->host.scratch = fake->scratch;
    }
}

void fake_host_set(struct fake_host *fake, const char *parameter, const char *text) {
    int index = param_find(fake->module, parameter);
    struct vms_error error = {""};

    if (index < 0)
        die("no such parameter", parameter);
    free(fake->texts[index]);
    fake->texts[index] = strdup(text);
    if (param_parse(&fake->module->params[index], fake->texts[index], &fake->values[index], &error) < 0)
        die(parameter, error.text);
}

/* Starts the peer's half; its exit status is 0 where serve succeeded. */
static pid_t start_peer(struct fake_host *fake) {
    int pair[2];
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair", strerror(errno));
    child = fork();
    if (child == 0) {
        struct vms_error error = {""};
        int status;

        (void)close(pair[0]);
        fake->control = pair[1];
        status = fake->module->serve(&fake->host, fake->values, &error);
        if (status < 0)
            fprintf(stderr, "fake peer: %s\n", error.text);
        _exit(status < 0);
    }
    (void)close(pair[1]);
    fake->control = pair[0];
    return child;
}

static int measure(struct fake_host *fake, void *state, struct vms_error *error) {
    pid_t peer = fake->module->serve ? start_peer(fake) : -1;
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

    outcome_trial_done(&fake->trial);
    fake->trial = (struct outcome_trial){0};
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

const struct outcome_metric *fake_host_metric(const struct fake_host *fake, const char *metric) {
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (strcmp(fake->module->metrics[fake->trial.metrics[i].metric].name, metric) == 0)
            return &fake->trial.metrics[i];
    return NULL;
}

double fake_host_value(const struct fake_host *fake, const char *metric) {
    const struct outcome_metric *found = fake_host_metric(fake, metric);

    return found ? found->value : NAN;
}

static const char *find_fact(const struct outcome_facts *facts, const char *key) {
    for (size_t i = 0; i < facts->n_facts; i++)
        if (strcmp(facts->facts[i].key, key) == 0)
            return facts->facts[i].value;
    return NULL;
}

const char *fake_host_fact(const struct fake_host *fake, const char *key) {
    const char *value = find_fact(&fake->trial.facts, key);

    return value ? value : find_fact(&fake->case_facts, key);
}

void fake_host_done(struct fake_host *fake) {
    for (size_t i = 0; i < VMS_LENGTH(fake->texts); i++)
        free(fake->texts[i]);
    outcome_trial_done(&fake->trial);
    free(fake->case_facts.facts);
    if (fake->host.scratch && rmdir(fake->scratch) < 0)
        die("the module left something in its scratch folder", fake->scratch);
    free(fake->module);
}
