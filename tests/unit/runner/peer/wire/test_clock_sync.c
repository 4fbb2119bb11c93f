/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made of answers to the question for the peer's clock: those that were asked for, each once, and the
 * offset of the calendars that follows. */
#include "peer/wire/clock_sync.h"

#include "base/clock.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define FAR_NS (5000 * MS) /* by which the peer's calendar is ahead */

/* Our own epoch, as close as it can be read. */
static int64_t epoch_ns(void) {
    struct message own;

    clock_sync_answer(1, 0, clock_now_ns, &own);
    return own.epoch_ns;
}

static int64_t utc_ns(void) {
    struct timespec utc;

    (void)clock_gettime(CLOCK_REALTIME, &utc);
    return (int64_t)utc.tv_sec * 1000 * MS + utc.tv_nsec;
}

/* The calendar less the monotonic clock: no more than it could be then, and no less. */
static void answer__has_the_epoch_of_the_calendar(void **state) {
    int64_t monotonic_before = (int64_t)clock_now_ns(), utc_before = utc_ns(), epoch = epoch_ns();
    int64_t utc_after = utc_ns(), monotonic_after = (int64_t)clock_now_ns();

    (void)state;
    assert_true(epoch >= utc_before - monotonic_after);
    assert_true(epoch <= utc_after - monotonic_before);
}

/* Question and answer took `way_ms` each way; the peer's monotonic clock is 70 ms ahead. */
static void take(struct clock_sync *sync, uint32_t number, int64_t sent_ms, int64_t way_ms,
                 int64_t peer_epoch_ns) {
    const struct message answer = {.type = MESSAGE_CLOCK_ANSWER,
                                   .exchange = number,
                                   .received_ns = (sent_ms + way_ms + 70) * MS,
                                   .sent_ns = (sent_ms + way_ms + 71) * MS,
                                   .epoch_ns = peer_epoch_ns};

    sync->sent_ns = sent_ms * MS;
    clock_sync_take(sync, &answer, (uint64_t)((sent_ms + 2 * way_ms + 1) * MS));
}

/* As a question does it. */
static void ask(struct clock_sync *sync) {
    sync->asked++;
    sync->waiting = true;
}

static void estimate__is_of_the_quickest_exchange(void **state) {
    struct clock_sync sync = {0};
    struct clock_offset offset;

    (void)state;
    for (int64_t i = 1; i <= 3; i++) {
        ask(&sync);
        take(&sync, (uint32_t)i, 1000 * i, i == 2 ? 1 : 20, epoch_ns() + FAR_NS - 70 * MS);
    }
    assert_int_equal(sync.n, 3);
    clock_sync_estimate(&sync, &offset);
    assert_int_equal(offset.best, 1);
    assert_true(fabs(offset.offset_s - 5) < 0.5); /* but for what reading our own calendar takes */
}

/* Nothing was answered: nothing is known, and nothing is read. */
static void estimate__of_nothing(void **state) {
    struct clock_sync sync = {0};
    struct clock_offset offset;

    (void)state;
    clock_sync_estimate(&sync, &offset);
    assert_true(isnan(offset.offset_s));
}

static void estimate__of_a_peer_that_does_not_know_its_calendar(void **state) {
    struct clock_sync sync = {0};
    struct clock_offset offset;

    (void)state;
    ask(&sync);
    take(&sync, 1, 1000, 1, MESSAGE_EPOCH_UNKNOWN);
    assert_int_equal(sync.n, 1);
    clock_sync_estimate(&sync, &offset);
    assert_true(isnan(offset.offset_s));
    clock_sync_restart(&sync);
    assert_int_equal(sync.n, 0);
    assert_false(sync.waiting);
}

/* One that nobody asked for, that comes twice, or late. */
static void take__only_what_was_asked(void **state) {
    struct clock_sync sync = {0};

    (void)state;
    take(&sync, 0, 1000, 1, 0);
    assert_int_equal(sync.n, 0);
    ask(&sync);
    take(&sync, 2, 1000, 1, 0);
    assert_int_equal(sync.n, 0);
    take(&sync, 1, 1000, 1, 0);
    take(&sync, 1, 1000, 1, 0);
    assert_int_equal(sync.n, 1);
    assert_int_equal(sync.exchanges[0].sent_ns, 1000 * MS);
    assert_int_equal(sync.exchanges[0].peer_received_ns, 1071 * MS);
    assert_int_equal(sync.exchanges[0].peer_sent_ns, 1072 * MS);
    assert_int_equal(sync.exchanges[0].received_ns, 1003 * MS);
    ask(&sync);
    ask(&sync);
    take(&sync, 2, 2000, 1, 0);
    assert_int_equal(sync.n, 1);
    sync.n = CLOCK_SYNC_MAX;
    take(&sync, 3, 2000, 1, 0);
    assert_int_equal(sync.n, CLOCK_SYNC_MAX);
}

static uint64_t later(void) {
    return 777;
}

static void answer__has_both_times(void **state) {
    struct message answer;

    (void)state;
    clock_sync_answer(9, 555, later, &answer);
    assert_int_equal(answer.type, MESSAGE_CLOCK_ANSWER);
    assert_int_equal(answer.exchange, 9);
    assert_int_equal(answer.received_ns, 555);
    assert_int_equal(answer.sent_ns, 777);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer__has_the_epoch_of_the_calendar),
        cmocka_unit_test(estimate__is_of_the_quickest_exchange),
        cmocka_unit_test(estimate__of_nothing),
        cmocka_unit_test(estimate__of_a_peer_that_does_not_know_its_calendar),
        cmocka_unit_test(take__only_what_was_asked),
        cmocka_unit_test(answer__has_both_times),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
