/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/message.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int read_text(const char *text, enum message_origin origin, struct message *ret,
                     struct vms_error *error) {
    json_t *json = json_loads(text, 0, NULL);
    int status;

    assert_non_null(json);
    status = message_read(json, origin, ret, error);
    json_decref(json);
    return status;
}

#define NONCE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define COOKIE "00112233445566778899aabbccddeeff"
#define AT(boot, id, weight)                                                                                 \
    "{\"boot\": \"" boot "\", \"cpu_group\": \"/a\", \"cpu_group_id\": \"" id "\", \"cpu_weight\": " weight  \
    "}"
#define MACHINE AT("b", "7", "300")
#define OPENED(cookie, mtu, interface, machine)                                                              \
    "{\"type\": \"opened\", \"cookie\": \"" cookie "\", \"local\": false, \"mtu\": " mtu                     \
    ", \"interface\": \"" interface "\", \"driver\": \"\", \"offloads\": \"\", \"client\": \"192.0.2.1\", "  \
    "\"peer\": \"\", \"machine\": " machine "}"

static void message__hellos(void **state) {
    struct vms_error error;
    struct message message;

    (void)state;
    assert_int_equal(read_text("{\"type\": \"hello\", \"versions\": [7, 3], \"nonce\": \"" NONCE "\"}",
                               MESSAGE_FROM_CLIENT, &message, &error),
                     0);
    assert_true(message.speaks);
    assert_int_equal(message.nonce[1], 0x11);
    assert_int_equal(read_text("{\"type\": \"hello\", \"versions\": [7], \"nonce\": \"" NONCE "\"}",
                               MESSAGE_FROM_CLIENT, &message, &error),
                     0);
    assert_false(message.speaks);
    assert_int_equal(
        read_text("{\"type\": \"hello\", \"version\": 3, \"token\": \"none\", \"nonce\": \"" NONCE "\"}",
                  MESSAGE_FROM_PEER, &message, &error),
        0);
    assert_true(message.speaks && !message.guarded);
}

/* What the sentence of each refusal says is wrong. */
static void message__refusals(void **state) {
    static const struct {
        enum message_origin origin;
        const char *text, *sentence;
    } rows[] = {
        {MESSAGE_FROM_CLIENT, "{}", "without a type"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"ended\"}", "a type that this version does not know"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"hello\", \"versions\": [], \"nonce\": \"" NONCE "\"}",
         "nonce or versions"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"hello\", \"versions\": [3], \"nonce\": \"zz\"}",
         "nonce or versions"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"proof\", \"proof\": \"" NONCE "00\"}", "proof"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"proof\"}", "proof"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"trial\", \"trial\": 1, \"limit_s\": 0}", "limit_s"},
        {MESSAGE_FROM_CLIENT, "{\"type\": \"trial\", \"trial\": 1, \"limit_s\": 1, \"more\": 1}", "more"},
        {MESSAGE_FROM_PEER, "{\"type\": \"opened\", \"cookie\": \"00\"}", "local"},
        {MESSAGE_FROM_PEER, OPENED("00", "0", "eth0", MACHINE), "cookie"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "-1", "eth0", MACHINE), "mtu"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "1500", "\\u001b[2J", MACHINE), "interface"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "1500", "0123456789abcdef0123456789abcdef", MACHINE), "interface"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", "[]"), "machine"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", AT("", "", "-1")), "machine"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", AT("\\u0007", "", "0")), "machine"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", AT("", "\\u0007", "0")), "machine"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", AT("", "1234567890123456789012345", "0")), "machine"},
        {MESSAGE_FROM_PEER, OPENED(COOKIE, "0", "", "{\"boot\": \"\", \"cpu_group\": \"\"}"), "machine"},
        {MESSAGE_FROM_PEER, "{\"type\": \"error\", \"code\": \"whim\", \"text\": \"\"}", "code"},
        {MESSAGE_FROM_PEER, "{\"type\": \"ended\", \"trial\": 1, \"status\": \"well\", \"text\": \"\"}",
         "status"},
        {MESSAGE_FROM_PEER,
         "{\"type\": \"clock\", \"exchange\": 1, \"received_ns\": 9, \"sent_ns\": 8, \"epoch_ns\": 0}",
         "time stamp"},
        {MESSAGE_FROM_PEER,
         "{\"type\": \"clock\", \"exchange\": 1, \"received_ns\": -1, \"sent_ns\": 8, \"epoch_ns\": 0}",
         "time stamp"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct message message = {.trial = 77};
        struct vms_error error = {""};

        assert_int_equal(read_text(rows[i].text, rows[i].origin, &message, &error), -EPROTO);
        assert_int_equal(message.trial, 77);
        if (!strstr(error.text, rows[i].sentence))
            fail_msg("\"%s\" lacks \"%s\"", error.text, rows[i].sentence);
    }
}

static void message__open_there_and_back(void **state) {
    const struct message open = {.type = MESSAGE_OPEN,
                                 .module = "tcp",
                                 .workload_version = 3,
                                 .params = json_pack("{s:s}", "mode", "stream"),
                                 .seed = UINT64_MAX};
    json_t *json = message_new(&open);
    struct message message;

    (void)state;
    assert_int_equal(message_read(json, MESSAGE_FROM_CLIENT, &message, NULL), 0);
    assert_string_equal(message.module, "tcp");
    assert_int_equal(message.workload_version, 3);
    assert_true(message.seed == UINT64_MAX);
    assert_true(json_equal(message.params, open.params));
    json_decref(open.params);
    json_decref(json);
}

static void message__opened(void **state) {
    struct message message;
    struct vms_error error;

    (void)state;
    assert_int_equal(read_text(OPENED(COOKIE, "1500", "eth0", MACHINE), MESSAGE_FROM_PEER, &message, &error),
                     0);
    assert_int_equal(message.cookie[15], 0xff);
    assert_int_equal(message.path.mtu, 1500);
    assert_string_equal(message.path.interface, "eth0");
    assert_string_equal(message.path.driver, "");
    assert_string_equal(peer_path_kind(&message.path), "network");
    assert_string_equal(message.path.other, "192.0.2.1");
    assert_string_equal(message.path.own, "");
    assert_string_equal(message.machine.boot, "b");
    assert_string_equal(message.machine.cpu_group, "/a");
    assert_string_equal(message.machine.cpu_group_id, "7");
    assert_true(message.machine.cpu_weight == 300);
}

/* What the other end says is shown to people, and must not move their cursor. */
/* No date is too far away: whoever adds stamps up looks for overflow. */
static void message__any_date(void **state) {
    struct vms_error error = {""};
    struct message message;

    (void)state;
    assert_int_equal(
        read_text(
            "{\"type\": \"clock\", \"exchange\": 1, \"received_ns\": 9, \"sent_ns\": 9223372036854775807, "
            "\"epoch_ns\": -9223372036854775807}",
            MESSAGE_FROM_PEER, &message, &error),
        0);
    assert_true(message.sent_ns == INT64_MAX && message.epoch_ns == -INT64_MAX);
}

static void message__clean(void **state) {
    struct vms_error clean;
    char longer[1000];

    (void)state;
    message_clean("a\x1b[2J\r\nb\x7f \xc3\xa9", &clean);
    assert_string_equal(clean.text, "a\\x1b[2J\\x0d\\x0ab\\x7f \xc3\xa9");
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    message_clean(longer, &clean);
    assert_int_equal(strlen(clean.text), sizeof(clean.text) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message__hellos),
        cmocka_unit_test(message__refusals),
        cmocka_unit_test(message__open_there_and_back),
        cmocka_unit_test(message__opened),
        cmocka_unit_test(message__any_date),
        cmocka_unit_test(message__clean),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
