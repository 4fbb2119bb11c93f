/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tcp, udp and loaded make of what the peer reports: each field of its last message is set to a number
 * of its own, and every figure and fact that is made of the peer's words alone is held exactly; where words
 * contradict what this half has seen, or are too few, the one right sentence. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/loopback.h"
#include "shared/net/message.h"

/* What becomes of the peer's message of that kind: fields are set, "index=value ...", in which "+value" is
 * added and "/value" is a double's bits; then all from `length` on are cut off. */
static struct {
    enum net_kind kind;
    const char *edits;
    size_t length; /* 0: as many as there are, or are set */
    ssize_t (*get)(void *context, void *buffer, size_t capacity, uint64_t deadline);
    pid_t client;
} words;

static size_t edit(uint64_t *fields, size_t n) {
    const char *at = words.edits;
    size_t index;
    int used;

    for (; sscanf(at, " %zu=%n", &index, &used) == 1; at += strcspn(at, " "), at += strspn(at, " ")) {
        const char *value = at + used;
        double real = strtod(value + 1, NULL);

        while (n <= index)
            fields[n++] = 0;
        if (*value == '/')
            memcpy(&fields[index], &real, sizeof(real));
        else if (*value == '+')
            fields[index] += strtoull(value + 1, NULL, 10);
        else
            fields[index] = strtoull(value, NULL, 10);
    }
    return words.length > 0 ? words.length : n;
}

static ssize_t get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    ssize_t n = words.get(context, buffer, capacity, deadline), n_fields;
    uint64_t fields[64] = {0};
    struct vms_error error;

    if (n < 0 || getpid() != words.client)
        return n;
    n_fields = net_message_decode(words.kind, buffer, (size_t)n, fields, VMS_LENGTH(fields), &error);
    if (n_fields <= 0)
        return n;
    return (ssize_t)net_message_encode(words.kind, fields, edit(fields, (size_t)n_fields), buffer);
}

static void begin(struct fake_host *fake, const char *module, const char *settings) {
    fake_host_init(fake, module);
    fake_host_set_all(fake, settings);
    words.get = fake->host.get;
    words.client = getpid();
    fake->host.get = get;
}

#define TCP "interval=100ms block_size=1000 bytes=1000 "
/* The peer's flows, of what it sent: 0 bytes in all, 1 that count, 2 ns of them, 3 ns of processor time, 4
 * sent again, 5 round trip in ns, 6 sends without a copy, 7 of which were copied, 8 its buffer; from 9 on the
 * same of what it received; from 18 on the intervals. */
#define UDP "interval=100ms datagram_size=1000 bytes=5000 offload=false receive_buffer=1MiB "
/* A sender's end: 0 sent, 1 refused, 2 ns, 3 ns of processor time, 4 joined, 5 why not joined, 6 its
 * buffer, 7 path MTU, 8 errors from outside, 9 the last, 10 why 1 is unknown. A receiver's result: 0
 * unique, 1 bytes, 2 of the first, 3 ns, 4 duplicates, 5 reordered, 6 jitter in ns, 7 ns of processor time,
 * 8 dropped, 9 most joined, 10 its buffer, then the intervals. */
#define LOADED "idle=10ms seconds=10ms warmup=0 interval=1ms "

static const struct {
    const char *module, *settings;
    enum net_kind kind;
    const char *edits;
    const char *figures; /* "name=value ...", of which "none" is none */
    const char *facts[6][2];
} rows[] = {
    /* Sent by this half: the figures of receiving are the peer's. */
    {"tcp",
     TCP,
     NET_RESULT,
     "10=5000 11=2000 12=40 17=7777 18=1000 19=3000",
     "goodput=20e9 receiver_cpu_per_gigabyte=0.008 interval_goodput=160e3",
     {{"receiver_buffer", "7777"}}},
    {"tcp", TCP, NET_RESULT, "10=5000 11=2000 12=0 18=0", "receiver_cpu_per_gigabyte=0", {{NULL, NULL}}},
    {"tcp", TCP "interval=0 ", NET_RESULT, "10=5000 11=2000", "interval_goodput=none", {{NULL, NULL}}},
    /* Received by this half: those of sending. */
    {"tcp",
     TCP "direction=receive ",
     NET_RESULT,
     "1=4000 2=8000 3=60 4=5 5=2000000 6=10 7=3 8=8888",
     "sender_rate=4e9 sender_cpu_per_gigabyte=0.015 retransmits=5 smoothed_rtt=2e-3",
     {{"sender_buffer", "8888"}, {"sends_copied", "3 of 10"}, {"zerocopy", "yes"}}},
    {"tcp",
     TCP "direction=receive ",
     NET_RESULT,
     "2=0 6=10 7=10",
     "sender_rate=none",
     {{"sends_copied", "10 of 10"}, {"zerocopy", "no: the kernel copied all"}}},
    {"udp",
     UDP,
     NET_RESULT,
     "0=3 1=3000 2=1000 3=4000 4=7 5=9 6=/2500 7=60 8=1 9=1 10=4444 11=500 12=1500",
     "goodput=4e9 packets=5e5 loss=0.4 lost=2 lost_in_sender=0 lost_in_network=1 lost_in_receiver=1 "
     "duplicates=7 "
     "reordered=9 jitter=2.5e-6 receiver_cpu_per_gigabyte=0.02 interval_goodput=80e3",
     {{"receiver_buffer", "4444"},
      {"receiver_joined", "1"},
      {"receiver_offload", "none"},
      {"receiver_dropped", "1 messages of up to 1 datagrams"},
      {"icmp_errors", NULL}}},
    {"udp",
     UDP,
     NET_RESULT,
     "0=4 1=4000 2=1000 3=4000 8=1 9=2",
     "lost=1 lost_in_sender=0 lost_in_network=none lost_in_receiver=none",
     {{"receiver_joined", "2"},
      {"receiver_offload", "UDP_GRO"},
      {"receiver_dropped", "1 messages of up to 2 datagrams"}}},
    {"udp",
     UDP,
     NET_RESULT,
     "0=5 1=5000 2=1000 3=4000 8=0 9=2",
     "lost=0 lost_in_network=0 lost_in_receiver=0",
     {{"receiver_joined", "2"}, {"receiver_dropped", NULL}}},
    {"udp",
     UDP,
     NET_RESULT,
     "1=5000 2=1000 3=4000 8=18446744073709551615",
     "lost_in_receiver=none lost_in_sender=0",
     {{"receiver_dropped", NULL}}},
    {"udp",
     UDP "direction=receive batch=1 ",
     NET_END,
     "0=10 1=2 2=4000 3=50 4=1 5=0 6=3333 7=1028 8=0 10=0",
     "sender_rate=20e9 loss=0.5 lost=5 lost_in_sender=2 lost_in_network=3 lost_in_receiver=0 "
     "sender_cpu_per_gigabyte=0.01",
     {{"sender_buffer", "3333"},
      {"sender_joined", "1"},
      {"sender_offload", "none"},
      {"fragmentation", "none"},
      {"icmp_errors", NULL}}},
    {"udp",
     UDP "direction=receive batch=1 ",
     NET_END,
     "2=0 4=3 7=1027 8=4 9=111 10=22",
     "sender_rate=0 lost_in_sender=none lost_in_network=none lost_in_receiver=0",
     {{"sender_joined", "3"},
      {"sender_offload", "UDP_SEGMENT"},
      {"fragmentation", "fragmented, path MTU 1027"},
      {"icmp_errors", "4, the last: Connection refused"}}},
    {"udp",
     UDP "direction=receive batch=1 ",
     NET_END,
     "4=1 5=95 7=0",
     "",
     {{"sender_offload", "none: Operation not supported"},
      {"fragmentation", "unknown: the system does not say the path's MTU"}}},
    {"loaded",
     "idle=500ms seconds=500ms warmup=0 interval=1ms ",
     NET_RESULT,
     "2=5000 3=2000",
     "stream_rate=20e9",
     {{NULL, NULL}}},
};

static void expect_figures(size_t row, const struct fake_host *fake) {
    char copy[512], *rest = NULL;

    (void)snprintf(copy, sizeof(copy), "%s", rows[row].figures);
    for (char *one = strtok_r(copy, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(one, '=');
        const struct fake_metric *found;
        double expected = strtod(equals + 1, NULL);

        *equals = '\0';
        found = fake_host_metric(fake, one);
        if (strcmp(equals + 1, "none") == 0 ? found != NULL
                                            : !found || !(found->value >= expected * (1 - 1e-12) &&
                                                          found->value <= expected * (1 + 1e-12)))
            fail_msg("%s %s: %s is %.17g, not %s", rows[row].module, rows[row].edits, one,
                     found ? found->value : 0, equals + 1);
    }
}

static void words__are_each_used_for_what_they_say(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host fake;

        words.kind = rows[i].kind;
        words.edits = rows[i].edits;
        words.length = 0;
        begin(&fake, rows[i].module, rows[i].settings);
        expect_success(&fake);
        expect_figures(i, &fake);
        for (size_t k = 0; k < VMS_LENGTH(rows[i].facts) && rows[i].facts[k][0]; k++) {
            const char *found = fake_host_fact(&fake, rows[i].facts[k][0]), *expected = rows[i].facts[k][1];

            if (found && expected ? strcmp(found, expected) != 0 : found != expected)
                fail_msg("%s %s: %s is %s", rows[i].module, rows[i].edits, rows[i].facts[k][0],
                         found ? found : "not said");
        }
        fake_host_done(&fake);
    }
}

static const struct {
    const char *module, *settings;
    enum net_kind kind;
    const char *edits;
    size_t length;
    int status;
    const char *says; /* NULL: of two counts of bytes, the second is `more` more */
    int more;
} lies[] = {
    {"tcp", TCP, NET_RESULT, "", 17, -EPROTO, "the peer's result has 17 fields, too few", 0},
    {"tcp", TCP, NET_RESULT, "9=999", 0, -EIO, "1000 bytes were sent, but 999 received", 0},
    {"tcp", TCP, NET_RESULT, "9=1001", 0, -EIO, "1000 bytes were sent, but 1001 received", 0},
    {"tcp", TCP "direction=receive ", NET_RESULT, "0=999", 0, -EIO, "999 bytes were sent, but 1000 received",
     0},
    {"tcp", TCP, NET_RESULT, "0=3", 0, -EIO, "1003 bytes were sent, but 1000 received", 0},
    {"tcp", TCP "direction=receive ", NET_RESULT, "0=1001", 0, -EIO,
     "1001 bytes were sent, but 1000 received", 0},
    {"tcp", TCP, NET_RESULT, "11=0", 0, -EIO, "too little was sent to compute a rate", 0},
    {"udp", UDP, NET_RESULT, "", 10, -EPROTO, "the peer's result has 10 fields, too few", 0},
    {"udp", UDP, NET_RESULT, "0=0 1=0 2=0 3=0", 0, -EIO, "0 of 5 datagrams came: too few to compute a rate",
     0},
    {"udp", UDP, NET_RESULT, "0=1 1=1000 2=1000", 0, -EIO, "1 of 5 datagrams came: too few to compute a rate",
     0},
    {"udp", UDP "direction=receive batch=1 ", NET_END, "", 10, -EPROTO,
     "message 3 of the other half has 10 fields instead of 11", 0},
    {"udp", UDP "direction=receive batch=1 ", NET_END, "11=1", 0, -EPROTO,
     "message 3 of the other half has 108 bytes and says that it holds 12 fields", 0},
    {"loaded", LOADED, NET_RESULT, "1=+5", 0, -EIO, NULL, 5},
    {"loaded", LOADED, NET_RESULT, "0=+5", 0, -EIO, NULL, -5},
    {"loaded", LOADED "direction=receive ", NET_RESULT, "0=+7", 0, -EIO, NULL, -7},
    {"loaded", LOADED, NET_RESULT, "", 3, -EPROTO, "message 4 of the other half has 3 fields instead of 4",
     0},
};

static bool is_right(size_t lie, const char *text) {
    uint64_t sent, received;

    if (lies[lie].says)
        return strcmp(text, lies[lie].says) == 0;
    return sscanf(text, "%" SCNu64 " bytes were sent, but %" SCNu64 " received", &sent, &received) == 2 &&
           (int64_t)(received - sent) == lies[lie].more;
}

static void lies__are_found(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(lies); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        words.kind = lies[i].kind;
        words.edits = lies[i].edits;
        words.length = lies[i].length;
        begin(&fake, lies[i].module, lies[i].settings);
        status = fake_host_run(&fake, &error);
        if (status != lies[i].status || !is_right(i, error.text) || fake.trial.n_metrics > 0)
            fail_msg("%s %s: %d \"%s\"", lies[i].module, lies[i].edits, status, error.text);
        fake_host_done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__are_each_used_for_what_they_say),
        cmocka_unit_test(lies__are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
