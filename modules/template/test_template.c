/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The module's own test: what it computes, on a clock that is written here, and that its verification can
 * fail. It is linked with the module's object and with vmsuite's host for tests; the linker passes calls of
 * malloc through __wrap_malloc (see meson.build), so that the test finds the module's buffer.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmsuite/fake_host.h>

#define SIZE 4096
#define PASSES 3

static unsigned n_failed;
static unsigned char *last_buffer; /* the last that was allocated */

void *real_malloc(size_t size) __asm__("__real_malloc");
void *wrap_malloc(size_t size) __asm__("__wrap_malloc");

void *wrap_malloc(size_t size) {
    return last_buffer = real_malloc(size);
}

static void expect(bool holds, const char *what) {
    printf("%s: %s\n", holds ? "ok" : "FAILED", what);
    n_failed += !holds;
}

static struct vms_fake_host *new_host(void) {
    struct vms_fake_host *fake = vms_fake_host_new(&vms_module_v1);

    vms_fake_host_set(fake, "size", "4KiB");
    vms_fake_host_set(fake, "passes", "3");
    return fake;
}

/* The work takes 2 us by this clock, however long it takes. */
static void test_rate(void) {
    static const uint64_t times_ns[] = {1000000, 1002000};
    struct vms_fake_host *fake = new_host();
    struct vms_error error = {""};
    double expected = PASSES * SIZE / 2e-6;

    vms_fake_host_set_clock(fake, times_ns, VMS_LENGTH(times_ns));
    expect(vms_fake_host_run(fake, &error) == 0, "a trial succeeds");
    expect(fabs(vms_fake_host_value(fake, "fill") / expected - 1) < 1e-12, "fill is bytes through time");
    expect(vms_fake_host_n_metrics(fake) == 1, "nothing else is reported");
    expect(vms_fake_host_n_now(fake) == 2, "the clock is read around the work, and nowhere else");
    expect(vms_fake_host_n_stop(fake) == PASSES, "each pass asks whether to stop");
    vms_fake_host_free(fake);
}

static void test_stop(void) {
    struct vms_fake_host *fake = new_host();
    struct vms_error error = {""};

    vms_fake_host_stop_at(fake, 2);
    expect(vms_fake_host_run(fake, &error) == -ECANCELED, "a trial that is to stop is cancelled");
    expect(isnan(vms_fake_host_value(fake, "fill")), "and reports nothing");
    vms_fake_host_free(fake);
}

/* Time goes on by calls, and each look at the clock damages the buffer. */
static uint64_t spoiling_now(void *context) {
    static uint64_t now_ns;

    (void)context;
    last_buffer[SIZE / 2] ^= 0xff;
    return now_ns += 1000;
}

static void test_verification(void) {
    struct vms_fake_host *fake = new_host();
    struct vms_error error = {""};

    vms_fake_host_lent(fake)->now = spoiling_now;
    expect(vms_fake_host_run(fake, &error) == -EIO, "a damaged buffer fails the trial");
    expect(strstr(error.text, "byte 2048 is ") != NULL, "and the sentence names the byte");
    vms_fake_host_free(fake);
}

int main(void) {
    test_rate();
    test_stop();
    test_verification();
    return n_failed > 0;
}
