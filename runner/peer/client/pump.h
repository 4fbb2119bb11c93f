/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's control connection while a trial runs: a thread reads it, so that the clocks can be compared
 * while the module is at work, and keeps the module's messages until it asks for them. */
#ifndef VMSUITE_RUNNER_PEER_CLIENT_PUMP_H
#define VMSUITE_RUNNER_PEER_CLIENT_PUMP_H

#include "peer/wire/clock_sync.h"

#include <pthread.h>
#include <sys/types.h>

struct pump_message; /* a module's message that waits */

struct pump {
    struct frame_stream *stream;
    struct clock_sync *sync; /* the thread's alone while it runs */
    uint32_t trial;
    bool running; /* the thread is to be joined */
    pthread_t thread;
    pthread_mutex_t sending; /* whole frames only */
    pthread_mutex_t lock;    /* of all that follows */
    pthread_cond_t changed;
    struct pump_message *first, *last;
    size_t waiting_bytes;
    bool stopping;
    bool dropping;           /* the module reads no more */
    int wake;                /* eventfd that ends the thread's poll */
    bool ended;              /* the peer's half has ended, or the session has, */
    int ending;              /* with 0 or a negative errno */
    struct vms_error reason; /* and a sentence */
};

/* Prepares one; nothing runs yet. -errno. */
int pump_init(struct pump *pump, struct frame_stream *stream, struct clock_sync *sync,
              struct vms_error *error);
void pump_done(struct pump *pump);

/* Starts reading, once the peer has said that the trial has started. */
int pump_start(struct pump *pump, uint32_t trial, struct vms_error *error);

/* Ends the thread; nothing where none runs. */
void pump_stop(struct pump *pump);

/* module.h's put and get. */
int pump_put(struct pump *pump, const void *message, size_t length, uint64_t deadline_ns);
ssize_t pump_get(struct pump *pump, void *buffer, size_t capacity, uint64_t deadline_ns);

/* Waits for the end of the peer's half: false at the deadline. The module reads no more: what it left is
 * dropped. */
bool pump_wait(struct pump *pump, uint64_t deadline_ns);

#endif
