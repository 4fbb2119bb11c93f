/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the network modules are made of: messages, lists of processors, windows of transactions, accounts. */
#include "shared/net/affinity.h"
#include "shared/net/control.h"
#include "shared/net/notice.h"
#include "shared/net/window.h"
#include "udp/account.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- message.c ---- */

static void net_message__there_and_back(void **state) {
    static const uint8_t expected[] = {'V', 'N', 'E', 'T', 0, 1, 0,    4,    0,    0,    0,    1,
                                       0x1, 0x2, 0x3, 0x4, 5, 6, 0x77, 0x88, 0xff, 0xff, 0xff, 0xff};
    const uint64_t fields[] = {0x0102030405067788, UINT64_MAX};
    uint8_t buffer[NET_MESSAGE_HEADER + 16];
    struct vms_error error = {""};
    uint64_t back[2];

    (void)state;
    assert_int_equal(net_message_encode(NET_RESULT, fields, 1, buffer), 20);
    assert_memory_equal(buffer, expected, 20);
    assert_int_equal(net_message_encode(NET_RESULT, fields, 2, buffer), 28);
    assert_int_equal(net_message_decode(NET_RESULT, buffer, 28, back, 2, &error), 2);
    assert_memory_equal(back, fields, sizeof(fields));
    assert_true(net_to_double(net_from_double(-1.5e-300)) == -1.5e-300);
}

static void net_message__every_broken_one_is_refused(void **state) {
    const uint64_t fields[] = {1, 2, 3};
    uint8_t good[NET_MESSAGE_HEADER + 24], bad[sizeof(good) + 1] = {0};
    struct vms_error error;
    uint64_t back[3];
    size_t length = net_message_encode(NET_END, fields, 3, good);

    (void)state;
    memcpy(bad, good, length);
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(net_message_decode(NET_END, bad, cut, back, 3, &error), -EPROTO);
    assert_int_equal(net_message_decode(NET_END, bad, length + 1, back, 3, &error), -EPROTO);
    assert_int_equal(net_message_decode(NET_END, bad, length, back, 2, &error), -EPROTO);
    assert_int_equal(net_message_decode(NET_READY, bad, length, back, 3, &error), -EPROTO);
    for (size_t i = 0; i < NET_MESSAGE_HEADER; i++) { /* each byte of the header counts */
        bad[i] ^= 0x80;
        assert_int_equal(net_message_decode(NET_END, bad, length, back, 3, &error), -EPROTO);
        bad[i] ^= 0x80;
    }
    memset(bad + 8, 0xff, 4); /* 2^32 - 1 fields */
    assert_int_equal(net_message_decode(NET_END, bad, length, back, SIZE_MAX, &error), -EPROTO);
}

/* ---- affinity.c ---- */

static void net_cpus__lists(void **state) {
    static const char *const wrong[] = {"x",  "1,",  ",1",    "2-1",     "1-",
                                        "-1", "1 2", "99999", "0-99999", "1,,2"};
    struct vms_error error;
    cpu_set_t set;

    (void)state;
    assert_int_equal(net_cpus_parse("", &set, &error), 0);
    assert_int_equal(CPU_COUNT(&set), 0);
    assert_int_equal(net_cpus_parse("0,2-3,7", &set, &error), 0);
    assert_int_equal(CPU_COUNT(&set), 4);
    assert_true(CPU_ISSET(0, &set) && CPU_ISSET(2, &set) && CPU_ISSET(3, &set) && CPU_ISSET(7, &set));
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        assert_int_equal(net_cpus_parse(wrong[i], &set, &error), -EINVAL);
        assert_non_null(strstr(error.text, wrong[i]));
    }
    assert_int_equal(CPU_COUNT(&set), 4); /* not touched by what failed */
}

static bool no_affinity;

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *ret_set) {
    if (no_affinity) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_sched_getaffinity, pid, size, ret_set) < 0 ? -1 : 0;
}

static int half_that_runs(const struct vms_host *host, const union vms_value *values,
                          struct vms_error *error) {
    (void)host, (void)values, (void)error;
    return 0;
}

/* Where nothing is to be bound, a system that does not say what might be is good enough. */
static void net_cpus__are_asked_for_only_to_be_bound(void **state) {
    const struct vms_host host = {0};
    struct vms_error error = {""};

    (void)state;
    no_affinity = true;
    assert_int_equal(net_run_placed(&host, NULL, "", half_that_runs, &error), 0);
    no_affinity = false;
    assert_int_equal(net_run_placed(&host, NULL, "0", half_that_runs, &error), 0);
}

/* ---- window.c, transactions.c ---- */

static void start_account(struct net_transactions *account, uint64_t count) {
    const struct net_transaction_plan plan = {.count = count, .seconds_ns = 10 * NET_SECOND};
    struct vms_error error;

    assert_int_equal(net_transactions_init(account, &plan, 42, &error), 0);
}

static void net_window__burst_and_count(void **state) {
    struct net_transaction_plan plan = {.burst = 3, .count = 4};
    struct net_transactions account;
    struct net_window window;
    uint64_t number;

    (void)state;
    start_account(&account, 4);
    net_window_init(&window, &plan, &account, 1000);
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(net_window_may_begin(&window, 1000 + i));
        assert_int_equal(net_window_begin(&window, 1000 + i), i);
    }
    assert_false(net_window_may_begin(&window, 1003)); /* no room */
    net_window_complete(&window, 1, 1010);
    assert_false(net_window_may_begin(&window, 1010)); /* the oldest is still under way */
    net_window_complete(&window, 0, 1020);
    assert_int_equal(net_window_in_flight(&window), 1);
    assert_int_equal(net_window_begin(&window, 1020), 3);
    assert_true(net_window_over(&window, 1020));
    assert_true(net_window_find(&window, "\x03", 1, &number) && number == 3);
    assert_false(net_window_find(&window, "\x01", 1, &number)); /* it was completed */
    net_window_expire(&window, 1030, 15);
    assert_int_equal(account.lost, 1); /* number 2, begun at 1002 */
    net_window_complete(&window, 3, 1040);
    assert_int_equal(account.done, 3);
    assert_true(account.start_ns == 1000 && account.end_ns == 1040);
    assert_true(account.min_ns == 9 && account.max_ns == 20);
    net_transactions_done(&account);
}

/* A response that takes 5 intervals holds up four others: their wait counts. */
static void net_window__no_coordinated_omission(void **state) {
    struct net_transaction_plan plan = {.burst = 1, .rate = 1000, .seconds_ns = NET_SECOND};
    const uint64_t interval = NET_SECOND / 1000;
    struct net_transactions account;
    struct net_window window;
    uint64_t now = 0;

    (void)state;
    start_account(&account, 0);
    net_window_init(&window, &plan, &account, 0);
    assert_true(net_window_may_begin(&window, now));
    net_window_complete(&window, net_window_begin(&window, now), 5 * interval + 10);
    now = 5 * interval + 10;
    for (uint64_t k = 1; k <= 5; k++) { /* each takes 10 ns now */
        assert_true(net_window_may_begin(&window, now));
        net_window_complete(&window, net_window_begin(&window, now), now + 10);
        now += 10;
    }
    assert_int_equal(account.n_kept, 6);
    assert_true(fabs(account.latencies[1] * 1e9 - (4 * (double)interval + 20)) < 1);
    assert_true(fabs(account.latencies[4] * 1e9 - ((double)interval + 50)) < 1);
    /* The next is waited for, and the timer's delay of 70 ns is not its own. */
    assert_false(net_window_may_begin(&window, now));
    assert_int_equal(net_window_due(&window), 6 * interval);
    now = 6 * interval + 70;
    assert_true(net_window_may_begin(&window, now));
    net_window_complete(&window, net_window_begin(&window, now), now + 10);
    assert_true(fabs(account.latencies[6] * 1e9 - 10) < 1e-3);
    net_transactions_done(&account);
}

static void net_window__warmup_does_not_count(void **state) {
    struct net_transaction_plan plan = {.burst = 1, .seconds_ns = 100, .warmup_ns = 50};
    struct net_transactions account;
    struct net_window window;

    (void)state;
    start_account(&account, 0);
    net_window_init(&window, &plan, &account, 0);
    for (uint64_t now = 0; !net_window_over(&window, now); now += 10)
        net_window_complete(&window, net_window_begin(&window, now), now + 10);
    assert_int_equal(account.done, 10);
    assert_true(account.start_ns == 50 && account.end_ns == 150);
    net_transactions_done(&account);
}

/* What is touched before each trial is in proportion to the trial. */
static void net_transactions__room_is_for_the_time(void **state) {
    static const struct {
        struct net_transaction_plan plan;
        size_t room;
    } rows[] = {{{.seconds_ns = NET_SECOND / 1000000}, NET_LATENCIES_MIN},
                {{.seconds_ns = NET_SECOND * 3 / 100}, 30000},
                {{.seconds_ns = 60 * NET_SECOND}, NET_LATENCIES_MAX},
                {{.seconds_ns = 60 * NET_SECOND, .count = 5}, 5},
                {{.seconds_ns = NET_SECOND / 1000000, .count = 2 * NET_LATENCIES_MAX}, NET_LATENCIES_MAX}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        assert_int_equal(net_transactions_room(&rows[i].plan), rows[i].room);
}

/* Of more latencies than are kept, each has the same chance: the mean of a ramp stays in its middle. */
static void net_transactions__sampling_is_even(void **state) {
    const uint64_t n = 3 * (uint64_t)NET_LATENCIES_MAX;
    struct net_transactions account;
    double sum = 0;

    (void)state;
    start_account(&account, 0);
    for (uint64_t i = 1; i <= n; i++)
        net_transactions_add(&account, i);
    assert_true(account.done == n && account.n_kept == NET_LATENCIES_MAX);
    assert_true(account.min_ns == 1 && account.max_ns == n);
    for (size_t i = 0; i < account.n_kept; i++)
        sum += account.latencies[i] * 1e9;
    /* The mean's standard error is n / sqrt(12 * 2^20): six of them. */
    assert_true(fabs(sum / (double)account.n_kept - (double)n / 2) < 6 * (double)n / sqrt(12.0 * (1 << 20)));
    net_transactions_done(&account);
}

/* ---- account.c ---- */

static void account__duplicates_and_reordering(void **state) {
    static const uint64_t numbers[] = {0, 1, 1, 3, 2, 2, 5, 4, 10, 6};
    struct account account;

    (void)state;
    assert_int_equal(account_init(&account, 0), 0);
    for (uint64_t i = 0; i < VMS_LENGTH(numbers); i++)
        account_add(&account, numbers[i], 100, 10 * i, 1000 + 10 * i);
    assert_int_equal(account.unique, 8);
    assert_int_equal(account.duplicates, 2);
    assert_int_equal(account.reordered, 3); /* 2, 4 and 6 */
    assert_int_equal(account.bytes, 800);
    assert_true(account.first_ns == 1000 && account.last_ns == 1090);
    assert_true(account.jitter_ns == 0); /* all took the same time */
    account_done(&account);
}

static void account__across_the_window(void **state) {
    struct account account;

    (void)state;
    assert_int_equal(account_init(&account, 0), 0);
    account_add(&account, 5, 1, 0, 0);
    account_add(&account, 5 + 3 * (uint64_t)ACCOUNT_WINDOW, 1, 0, 1); /* the same bit, another number */
    account_add(&account, 6 + 2 * (uint64_t)ACCOUNT_WINDOW, 1, 0, 2); /* the oldest that is remembered */
    account_add(&account, 6 + 2 * (uint64_t)ACCOUNT_WINDOW, 1, 0, 3);
    account_add(&account, 6, 1, 0, 4); /* too old to be known */
    assert_int_equal(account.unique, 4);
    assert_int_equal(account.duplicates, 1);
    assert_int_equal(account.reordered, 2);
    account_done(&account);
}

/* Transit times 100, 116, 100: J = 16/16, then 1 + (16 - 1)/16 (RFC 3550, section 6.4.1). */
static void account__jitter(void **state) {
    struct account account;

    (void)state;
    assert_int_equal(account_init(&account, 10), 0);
    account_add(&account, 0, 8, 0, 100);
    account_add(&account, 1, 8, 10, 126);
    assert_true(fabs(account.jitter_ns - 1) < 1e-12);
    account_add(&account, 2, 8, 20, 120);
    assert_true(fabs(account.jitter_ns - 1.9375) < 1e-12);
    assert_int_equal(account_n_intervals(&account), 2);
    assert_true(account.intervals[0] == 8 && account.intervals[2] == 16);
    account_done(&account);
}

/* ---- notice.c ---- */

/* A socket that has no such queue answers from the one that it has: with what came, and with its end. */
static void net_notice__ends_where_there_is_no_queue(void **state) {
    struct sock_extended_err notice;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(net_notice_take(pair[0], &notice), 0);
    assert_int_equal(send(pair[1], "x", 1, 0), 1);
    assert_int_equal(net_notice_take(pair[0], &notice), 0);
    assert_int_equal(close(pair[1]), 0);
    assert_int_equal(net_notice_take(pair[0], &notice), 0);
    assert_int_equal(close(pair[0]), 0);
    assert_int_equal(net_notice_take(pair[0], &notice), -EBADF);
}

/* A datagram to a port that nobody has open, and what its sender is told of it. */
static void net_notice__of_a_refused_datagram(void **state) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int closed = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof(address);
    struct sock_extended_err notice;

    (void)state;
    assert_int_equal(bind(closed, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(closed, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(close(closed), 0);
    assert_int_equal(send(fd, "datagram", 8, 0), 8);
    assert_int_equal(net_notice_take(fd, &notice), 1);
    assert_int_equal(notice.ee_errno, ECONNREFUSED);
    assert_int_equal(notice.ee_origin, SO_EE_ORIGIN_ICMP);
    assert_int_equal(net_notice_take(fd, &notice), 0);
    assert_int_equal(close(fd), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_message__there_and_back),
        cmocka_unit_test(net_message__every_broken_one_is_refused),
        cmocka_unit_test(net_cpus__lists),
        cmocka_unit_test(net_cpus__are_asked_for_only_to_be_bound),
        cmocka_unit_test(net_notice__ends_where_there_is_no_queue),
        cmocka_unit_test(net_notice__of_a_refused_datagram),
        cmocka_unit_test(net_window__burst_and_count),
        cmocka_unit_test(net_window__no_coordinated_omission),
        cmocka_unit_test(net_window__warmup_does_not_count),
        cmocka_unit_test(net_transactions__room_is_for_the_time),
        cmocka_unit_test(net_transactions__sampling_is_even),
        cmocka_unit_test(account__duplicates_and_reordering),
        cmocka_unit_test(account__across_the_window),
        cmocka_unit_test(account__jitter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
