/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <vmsuite/fake_host.h>

#include "fake_host/fake_host.h"
#include "module/descriptor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct message {
    void *bytes; /* owned */
    size_t length;
};

struct messages {
    struct message *messages; /* owned */
    size_t n;
};

struct vms_fake_host {
    struct fake_host fake; /* first: the context that the module gives back */
    struct vms_module *module;
    uint64_t *times_ns; /* owned */
    size_t n_times, n_now, n_stop, stop_at;
    struct messages answers, sent;
    size_t n_got;
    uint64_t (*real_now)(void *context);
};

static void add_message(struct messages *messages, const void *bytes, size_t length) {
    struct message *grown = reallocarray(messages->messages, messages->n + 1, sizeof(*grown));
    void *copy = calloc(1, length + 1);

    if (grown && copy) {
        memcpy(copy, bytes, length);
        messages->messages = grown;
        grown[messages->n++] = (struct message){copy, length};
    } else {
        fake_host_die("a message", strerror(ENOMEM));
    }
}

static void drop_messages(struct messages *messages) {
    for (size_t i = 0; i < messages->n; i++)
        free(messages->messages[i].bytes);
    free(messages->messages);
    *messages = (struct messages){0};
}

static uint64_t scripted_now(void *context) {
    struct vms_fake_host *fake = context;
    size_t turn = fake->n_now++;

    if (fake->n_times == 0)
        return fake->real_now(context);
    return fake->times_ns[turn < fake->n_times ? turn : fake->n_times - 1];
}

static bool scripted_should_stop(void *context) {
    struct vms_fake_host *fake = context;

    fake->n_stop++;
    return fake->stop_at > 0 && fake->n_stop >= fake->stop_at;
}

static int scripted_put(void *context, const void *message, size_t length, uint64_t deadline) {
    struct vms_fake_host *fake = context;

    (void)deadline;
    if (length > VMS_MESSAGE_MAX)
        return -EMSGSIZE;
    add_message(&fake->sent, message, length);
    return 0;
}

static ssize_t scripted_get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    struct vms_fake_host *fake = context;
    const struct message *next;

    (void)deadline;
    if (fake->n_got == fake->answers.n)
        return -ECONNRESET;
    next = &fake->answers.messages[fake->n_got++];
    if (next->length > capacity)
        return -EMSGSIZE;
    memcpy(buffer, next->bytes, next->length);
    return (ssize_t)next->length;
}

struct vms_fake_host *vms_fake_host_new(const struct vms_module *module) {
    struct vms_fake_host *fake = calloc(1, sizeof(*fake));
    struct vms_error error = {""};
    struct vms_module *adopted;

    if (!fake)
        fake_host_die("a host", strerror(ENOMEM));
    if (descriptor_adopt(module, module->name, &adopted, &error) < 0)
        fake_host_die(module->name ? module->name : "the module", error.text);
    fake_host_begin(&fake->fake, adopted);
    fake->module = adopted;
    fake->real_now = fake->fake.host.now;
    fake->fake.host.now = scripted_now;
    fake->fake.host.should_stop = scripted_should_stop;
    return fake;
}

void vms_fake_host_free(struct vms_fake_host *fake) {
    if (!fake)
        return;
    fake_host_end(&fake->fake);
    free(fake->module);
    free(fake->times_ns);
    drop_messages(&fake->answers);
    drop_messages(&fake->sent);
    free(fake);
}

void vms_fake_host_set(struct vms_fake_host *fake, const char *parameter, const char *text) {
    fake_host_set(&fake->fake, parameter, text);
}

void vms_fake_host_set_clock(struct vms_fake_host *fake, const uint64_t *times_ns, size_t n) {
    uint64_t *copy = n > 0 ? reallocarray(NULL, n, sizeof(*copy)) : NULL;

    if (copy)
        memcpy(copy, times_ns, n * sizeof(*copy));
    else if (n > 0)
        fake_host_die("the clock", strerror(ENOMEM));
    free(fake->times_ns);
    fake->times_ns = copy;
    fake->n_times = n;
}

void vms_fake_host_stop_at(struct vms_fake_host *fake, size_t call) {
    fake->stop_at = call;
}

size_t vms_fake_host_n_now(const struct vms_fake_host *fake) {
    return fake->n_now;
}

size_t vms_fake_host_n_stop(const struct vms_fake_host *fake) {
    return fake->n_stop;
}

static void use_script_of_messages(struct vms_fake_host *fake) {
    fake->fake.alone = true;
    fake->fake.host.put = scripted_put;
    fake->fake.host.get = scripted_get;
}

void vms_fake_host_answer(struct vms_fake_host *fake, const void *message, size_t length) {
    if (length > VMS_MESSAGE_MAX)
        fake_host_die("an answer", "it is longer than VMS_MESSAGE_MAX");
    add_message(&fake->answers, message, length);
    use_script_of_messages(fake);
}

const void *vms_fake_host_sent(const struct vms_fake_host *fake, size_t index, size_t *ret_length) {
    if (index >= fake->sent.n)
        return NULL;
    *ret_length = fake->sent.messages[index].length;
    return fake->sent.messages[index].bytes;
}

struct vms_host *vms_fake_host_lent(struct vms_fake_host *fake) {
    return &fake->fake.host;
}

static void begin_scripts(struct vms_fake_host *fake) {
    fake->n_now = fake->n_stop = fake->n_got = 0;
    drop_messages(&fake->sent);
}

int vms_fake_host_run(struct vms_fake_host *fake, struct vms_error *error) {
    begin_scripts(fake);
    return fake_host_run(&fake->fake, error);
}

int vms_fake_host_serve(struct vms_fake_host *fake, struct vms_error *error) {
    if (!fake->module->serve)
        fake_host_die(fake->module->name, "the module has no function \"serve\"");
    begin_scripts(fake);
    use_script_of_messages(fake);
    return fake->module->serve(&fake->fake.host, fake->fake.values, error);
}

size_t vms_fake_host_n_metrics(const struct vms_fake_host *fake) {
    return fake->fake.trial.n_metrics;
}

const char *vms_fake_host_metric(const struct vms_fake_host *fake, size_t index) {
    if (index >= fake->fake.trial.n_metrics)
        return NULL;
    return fake->module->metrics[fake->fake.trial.metrics[index].metric].name;
}

double vms_fake_host_value(const struct vms_fake_host *fake, const char *metric) {
    return fake_host_value(&fake->fake, metric);
}

const double *vms_fake_host_values(const struct vms_fake_host *fake, const char *metric, size_t *ret_n) {
    const struct fake_metric *found = fake_host_metric(&fake->fake, metric);

    if (!found)
        return NULL;
    *ret_n = found->n;
    return found->values;
}

const char *vms_fake_host_fact(const struct vms_fake_host *fake, const char *key) {
    return fake_host_fact(&fake->fake, key);
}

const char *vms_fake_host_log(const struct vms_fake_host *fake, size_t index) {
    return index < fake->fake.trial.n_log ? fake->fake.trial.log[index] : NULL;
}
