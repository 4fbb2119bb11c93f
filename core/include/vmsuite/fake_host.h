/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmsuite/fake_host.h - a host for the tests of a module: it calls the module's functions as vmsuite does,
 * with a clock, answers and messages that the test writes, and keeps what was reported. A test links the
 * module's own objects and what `pkg-config --libs vmsuite-fake-host` names; no run, record or peer is
 * needed.
 *
 * What a test does wrong (an unknown parameter, a value out of its limits) and tables that break the rules
 * end the program with a sentence and abort(). Not thread-safe, but for what `struct vms_host` allows to
 * modules.
 */
#ifndef VMSUITE_FAKE_HOST_H
#define VMSUITE_FAKE_HOST_H

#include <vmsuite/module.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vms_fake_host;

/* A new host for `module` (borrowed), with the defaults of its parameters and seed 42; never NULL. With
 * VMS_NEEDS_SCRATCH it makes a folder below /var/tmp. Freed with vms_fake_host_free, which aborts if the
 * module left something in that folder. */
struct vms_fake_host *vms_fake_host_new(const struct vms_module *module);
void vms_fake_host_free(struct vms_fake_host *fake);

/* Sets a parameter to what a user would type, such as "64KiB", which is copied. */
void vms_fake_host_set(struct vms_fake_host *fake, const char *parameter, const char *text);

/* `now` returns these times (nanoseconds) in turn, and the last one from then on. They are copied. With none,
 * time is that of CLOCK_MONOTONIC, as at the start. */
void vms_fake_host_set_clock(struct vms_fake_host *fake, const uint64_t *times_ns, size_t n);
/* `should_stop` is true from its call number `call` on, counted from 1 in each trial; 0: never, as at the
 * start. */
void vms_fake_host_stop_at(struct vms_fake_host *fake, size_t call);
/* How often the last trial asked for the time, and whether it should stop. */
size_t vms_fake_host_n_now(const struct vms_fake_host *fake);
size_t vms_fake_host_n_stop(const struct vms_fake_host *fake);

/* Two-sided modules: the next message that `get` returns, copied. Once there is one, the other half is this
 * script: `measure` runs alone, what it puts is kept, and behind the last message `get` returns -ECONNRESET.
 * Without any, `serve` runs in a child process at the other end of a socket pair. */
void vms_fake_host_answer(struct vms_fake_host *fake, const void *message, size_t length);
/* What was put to the script in the last trial, from 0; NULL beyond. Borrowed until the next trial. */
const void *vms_fake_host_sent(const struct vms_fake_host *fake, size_t index, size_t *ret_length);

/* What the module is given: a test may put its own functions there, or another seed. Borrowed. */
struct vms_host *vms_fake_host_lent(struct vms_fake_host *fake);

/* One trial: probe, prepare, measure, cleanup. 0 or the first error. Scripts of clock and messages begin
 * anew. */
int vms_fake_host_run(struct vms_fake_host *fake, struct vms_error *error);
/* The peer's half alone, against the script of messages. */
int vms_fake_host_serve(struct vms_fake_host *fake, struct vms_error *error);

/* How many metrics the last trial reported, and their names in the order reported; NULL beyond. Borrowed from
 * the module. */
size_t vms_fake_host_n_metrics(const struct vms_fake_host *fake);
const char *vms_fake_host_metric(const struct vms_fake_host *fake, size_t index);
/* What was reported as a metric, of a distribution its median; NaN where it was not reported. */
double vms_fake_host_value(const struct vms_fake_host *fake, const char *metric);
/* All values that were reported as a metric, in the order that the module gave them; NULL where it was not
 * reported. Borrowed until the next trial. */
const double *vms_fake_host_values(const struct vms_fake_host *fake, const char *metric, size_t *ret_n);
/* A fact of the last trial, else of the case, else NULL. Borrowed until the next trial. */
const char *vms_fake_host_fact(const struct vms_fake_host *fake, const char *key);
/* A line that the last trial logged, from 0; NULL beyond. Borrowed until the next trial. */
const char *vms_fake_host_log(const struct vms_fake_host *fake, size_t index);

#ifdef __cplusplus
}
#endif

#endif
