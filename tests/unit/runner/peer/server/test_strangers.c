/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/strangers.h"

#include "unit/descriptors.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct stranger_source source(const char *text) {
    struct sockaddr_storage client = {0};

    if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&client)->sin_addr) == 1)
        client.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&client)->sin6_addr) == 1)
        client.ss_family = AF_INET6;
    return stranger_source(&client);
}

static void strangers__sources(void **state) {
    struct stranger_source a = source("192.0.2.1"), b = source("192.0.2.2"), six = source("2001:db8::1"),
                           near = source("2001:db8::ffff:1"), far = source("2001:db8:0:1::1");

    (void)state;
    assert_memory_not_equal(&a, &b, sizeof(a));
    assert_memory_equal(&six, &near, sizeof(six));
    assert_memory_not_equal(&six, &far, sizeof(six));
}

/* A crowd from one place: the one that came from elsewhere stays, whatever the chance, and so do the
 * newest. */
static void strangers__crowd_drops_its_own(void **state) {
    struct stranger strangers[11];
    unsigned dropped[11] = {0};

    (void)state;
    for (size_t i = 0; i < 10; i++)
        strangers[i] = (struct stranger){source("192.0.2.1"), 1000 - i}; /* the last came first */
    strangers[10] = (struct stranger){source("198.51.100.7"), 1};
    for (uint32_t chance = 0; chance < 1000; chance++)
        dropped[stranger_to_drop(strangers, 11, chance)]++;
    assert_int_equal(dropped[10], 0);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(dropped[i], 0);
    for (size_t i = 5; i < 10; i++)
        assert_int_equal(dropped[i], 200);
}

/* A crowd from as many places: each stays until half of them have come after it. */
static void strangers__from_everywhere(void **state) {
    struct stranger strangers[STRANGERS_MAX];
    unsigned dropped[STRANGERS_MAX] = {0};
    char text[32];

    (void)state;
    for (unsigned i = 0; i < STRANGERS_MAX; i++) {
        (void)snprintf(text, sizeof(text), "192.0.2.%u", i + 1);
        strangers[i] = (struct stranger){source(text), 1000 - i};
    }
    for (uint32_t chance = 0; chance < 100 * STRANGERS_MAX; chance++)
        dropped[stranger_to_drop(strangers, STRANGERS_MAX, chance)]++;
    for (unsigned i = 0; i < STRANGERS_MAX; i++)
        assert_int_equal(dropped[i], i < STRANGERS_MAX / 2 ? 0 : 200);
    /* Two that share a place are the crowd, however old the others are. */
    strangers[3].source = strangers[7].source;
    for (uint32_t chance = 0; chance < 100; chance++)
        assert_int_equal(stranger_to_drop(strangers, STRANGERS_MAX, chance), 7);
}

static void strangers__one(void **state) {
    const struct stranger alone = {source("::1"), 5};

    (void)state;
    assert_int_equal(stranger_to_drop(&alone, 1, UINT32_MAX), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers__sources),
        cmocka_unit_test(strangers__crowd_drops_its_own),
        cmocka_unit_test(strangers__from_everywhere),
        cmocka_unit_test(strangers__one),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
