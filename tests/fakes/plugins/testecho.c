/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two-sided: sends messages that its peer's half sends back. `peer_does` makes the peer's half misbehave. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <vmsuite/module.h>

enum {
    ECHOES,
    FAILS,
    CRASHES,
    HANGS,
    LEAVES,
    CHATTERS,
    REFUSES,
    DESERTS,
    HELPER_HOLDS_CRASH,
    CLOSES_AND_LOOPS,
    WRITES,
    SAMPLES
};
/* The descriptor over which the peer talks with its trial: no module may rely on it. */
#define PEERS_DESCRIPTOR 3

enum { PEER_DOES, MESSAGES, SIZE, PAUSE, NOTE, MEMORY };

static const char *const deeds[] = {"echo",
                                    "fail",
                                    "crash",
                                    "hang",
                                    "leave",
                                    "chatter",
                                    "refuse",
                                    "desert",
                                    "helper_holds_crash",
                                    "closes_and_loops",
                                    "writes",
                                    "samples",
                                    NULL};

static const struct vms_param params[] = {
    {.name = "peer_does",
     .kind = VMS_CHOICE,
     .fallback = "echo",
     .choices = deeds,
     .help = "What the peer's half does after the first message."},
    {.name = "messages",
     .kind = VMS_COUNT,
     .fallback = "3",
     .min = "1",
     .max = "100000",
     .help = "Messages sent and echoed."},
    {.name = "size",
     .kind = VMS_BYTES,
     .fallback = "16",
     .min = "16",
     .max = "64KiB",
     .help = "Bytes of each."},
    {.name = "pause", .kind = VMS_SECONDS, .fallback = "0", .max = "10", .help = "Before each message."},
    {.name = "note", .kind = VMS_TEXT, .fallback = "", .help = "Any text."},
    {.name = "memory", .kind = VMS_BYTES, .fallback = "0", .help = "What its estimate says that it takes."},
};

static const struct vms_metric metrics[] = {
    {.name = "echoes",
     .unit = VMS_RATIO,
     .better = VMS_HIGHER,
     .side = VMS_RECEIVER,
     .help = "Messages that came back as they were sent."},
};

static uint64_t soon(const struct vms_host *host) {
    return host->now(host->context) + UINT64_C(5000000000);
}

static int fail(struct vms_error *error, int status, const char *text) {
    snprintf(error->text, sizeof(error->text), "%s", text);
    return status;
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    uint8_t sent[VMS_MESSAGE_MAX], got[VMS_MESSAGE_MAX];
    uint64_t n = 0;

    (void)state;
    for (; n < values[MESSAGES].count; n++) {
        const struct timespec pause = {.tv_nsec = (long)(fmod(values[PAUSE].seconds, 1) * 1e9),
                                       .tv_sec = (time_t)values[PAUSE].seconds};
        ssize_t length;
        int status;

        (void)nanosleep(&pause, NULL);
        memset(sent, (int)('a' + n % 26), values[SIZE].bytes);
        memcpy(sent, host->cookie, sizeof(host->cookie));
        if ((status = host->put(host->context, sent, values[SIZE].bytes, soon(host))) < 0)
            return fail(error, status, "put failed");
        if ((length = host->get(host->context, got, sizeof(got), soon(host))) < 0)
            return fail(error, (int)length, "get failed");
        if ((size_t)length != values[SIZE].bytes || memcmp(sent, got, (size_t)length) != 0)
            return fail(error, -EBADMSG, "the echo differs");
    }
    return host->sample(host->context, 0, (double)n);
}

/* What the peer's half does instead of echoing. */
static int misbehave(const struct vms_host *host, unsigned deed, struct vms_error *error) {
    static const char chat[1024];

    switch (deed) {
    case FAILS:
        return fail(error, -EIO, "the peer's half fails\x1b[31m as it was told");
    case REFUSES:
        return fail(error, -ENOTSUP, "not on this peer");
    case CRASHES:
        return raise(SIGKILL);
    case DESERTS: /* to a session of its own, and is still there when the trial is over */
    case HELPER_HOLDS_CRASH:
        if (fork() == 0) {
            (void)setsid();
            for (;;)
                pause();
        }
        return deed == DESERTS ? 0 : raise(SIGKILL);
    case WRITES:
        return write(PEERS_DESCRIPTOR, "rubbish", 7) < 0 ? -errno : 0;
    case SAMPLES:
        return host->sample(host->context, 0, 1);
    case CLOSES_AND_LOOPS:
        (void)close(PEERS_DESCRIPTOR);
        for (;;)
            pause();
    case HANGS:
        for (;;)
            pause();
    case CHATTERS:
        while (!host->should_stop(host->context))
            if (host->put(host->context, chat, sizeof(chat), soon(host)) < 0)
                break;
        return -ECANCELED;
    default:
        return 0;
    }
}

static int do_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    uint8_t message[VMS_MESSAGE_MAX];

    for (uint64_t n = 0; n < values[MESSAGES].count; n++) {
        ssize_t length = host->get(host->context, message, sizeof(message), soon(host));
        int status;

        if (length < 0)
            return fail(error, (int)length, "get failed");
        if (values[PEER_DOES].choice != ECHOES)
            return misbehave(host, values[PEER_DOES].choice, error);
        if (memcmp(message, host->cookie, sizeof(host->cookie)) != 0)
            return fail(error, -EBADMSG, "another cookie");
        if ((status = host->put(host->context, message, (size_t)length, soon(host))) < 0)
            return fail(error, status, "put failed");
    }
    return 0;
}

static void do_estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->memory = values[MEMORY].bytes;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testecho",
    .summary = "Sends messages to and fro.",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = do_measure,
    .serve = do_serve,
    .estimate = do_estimate,
};
