/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agents that are silent: nobody waits for them without end, and what is said of them is what they did. */
#include "base/clock.h"
#include "places/station.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_NS (NS_PER_S / 20)
#define LATER_NS (60 * NS_PER_S)

/* A channel whose agent's words are written to the returned descriptor. */
static int open_pipe(struct channel *channel) {
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    *channel = (struct channel){.to = -1, .from = ends[0], .output = -1};
    frame_stream_init_pipes(&channel->stream, ends[0], -1);
    return ends[1];
}

static void close_pipe(struct channel *channel, int fd) {
    frame_stream_done(&channel->stream);
    (void)close(channel->from);
    if (fd >= 0)
        (void)close(fd);
}

static int receive(struct channel *channel, uint64_t wait_ns, enum agent_type *ret_type,
                   struct vms_error *error) {
    json_t *message = NULL;
    int status = channel_receive(channel, clock_now_ns() + wait_ns, ret_type, &message, error);

    if (status == 0)
        json_decref(message);
    else
        assert_null(message);
    return status;
}

static const char finished[] = "\0\0\0\x20J{\"type\": \"finished\", \"case\": 1}";

static void put(int fd, size_t from, size_t to) {
    assert_int_equal(write(fd, finished + from, to - from), (ssize_t)(to - from));
}

static void receive__from_who_says_nothing(void **state) {
    enum agent_type type = AGENT_ERROR;
    struct vms_error error = {""};
    struct channel channel;
    int fd = open_pipe(&channel);

    (void)state;
    assert_int_equal(receive(&channel, SOON_NS, &type, &error), -ETIMEDOUT);
    assert_string_equal(error.text, "no answer came in time");
    close_pipe(&channel, fd);
}

/* The deadline is the whole message's: a part of one keeps nobody waiting, and what follows completes it. */
static void receive__from_who_stops_in_the_middle(void **state) {
    const size_t whole = sizeof(finished) - 1;
    enum agent_type type = AGENT_ERROR;
    struct vms_error error = {""};
    struct channel channel;
    int fd = open_pipe(&channel);

    (void)state;
    for (size_t n = 1; n < whole; n += 9) {
        put(fd, n == 1 ? 0 : n - 9, n);
        assert_int_equal(receive(&channel, SOON_NS, &type, &error), -ETIMEDOUT);
        assert_true(error.text[0]);
    }
    put(fd, (whole - 2) / 9 * 9 + 1, whole);
    assert_int_equal(receive(&channel, LATER_NS, &type, &error), 0);
    assert_int_equal(type, AGENT_FINISHED);
    close_pipe(&channel, fd);
}

/* A trial may be prepared and taken, each within its deadline and 10 s for what surrounds it, after every
 * warm-up and repetition, and 120 s beside. */
static void limit__of_a_trial(void **state) {
    static const struct {
        unsigned warmup, retry_noisy;
        double deadline_s;
        uint64_t seconds;
    } rows[] = {{0, 0, 1, 142}, {1, 0, 1, 153}, {0, 3, 1, 175}, {2, 3, 60, 610}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct outcome_case outcome = {.warmup = rows[i].warmup, .deadline_s = rows[i].deadline_s};

        assert_int_equal(station_limit_ns(&outcome, rows[i].retry_noisy), rows[i].seconds * NS_PER_S);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receive__from_who_says_nothing),
        cmocka_unit_test(receive__from_who_stops_in_the_middle),
        cmocka_unit_test(limit__of_a_trial),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
