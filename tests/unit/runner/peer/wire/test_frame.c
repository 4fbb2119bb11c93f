/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/frame.h"

#include "base/clock.h"

#include "unit/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct wire {
    int raw; /* the other end, blocking */
    struct frame_stream stream;
    struct vms_error error;
};

static int setup(void **state) {
    static struct wire wire;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    wire = (struct wire){.raw = pair[1]};
    frame_stream_init(&wire.stream, pair[0]);
    *state = &wire;
    return 0;
}

static int teardown(void **state) {
    struct wire *wire = *state;

    (void)close(wire->stream.fd);
    (void)close(wire->raw);
    frame_stream_done(&wire->stream);
    return 0;
}

static uint64_t soon(void) {
    return clock_now_ns() + 60 * NS_PER_S;
}

static void write_raw(struct wire *wire, const void *bytes, size_t length) {
    assert_int_equal(write(wire->raw, bytes, length), length);
}

/* Writes a header that announces `length` bytes of kind and payload. */
static void write_header(struct wire *wire, uint32_t length, char kind) {
    uint32_t announced = htonl(length);

    write_raw(wire, &announced, sizeof(announced));
    write_raw(wire, &kind, 1);
}

static int receive(struct wire *wire, uint64_t deadline_ns, const void **ret_payload, size_t *ret_length) {
    enum frame_kind kind;

    return frame_receive(&wire->stream, &kind, ret_payload, ret_length, deadline_ns, &wire->error);
}

static void frame__wire_format(void **state) {
    struct wire *wire = *state;
    static const uint8_t expected[] = {0, 0, 0, 4, 'B', 1, 2, 3};
    uint8_t got[sizeof(expected)];

    assert_int_equal(frame_send(&wire->stream, FRAME_BINARY, expected + 5, 3, soon(), &wire->error), 0);
    assert_int_equal(recv(wire->raw, got, sizeof(got), MSG_WAITALL), sizeof(got));
    assert_memory_equal(got, expected, sizeof(expected));
}

/* Whatever the network does to the pieces, the frame is the same, and the next one is found. */
static void frame__every_split_point(void **state) {
    struct wire *wire = *state;
    static const char frame[] = "\0\0\0\x08"
                                "J{\"a\":1}"
                                "\0\0\0\x03"
                                "Bxy";
    const size_t size = sizeof(frame) - 1;

    for (size_t split = 0; split <= size; split++) {
        enum frame_kind kind = FRAME_BINARY;
        const void *payload = NULL;
        size_t length = 0;
        int status;

        write_raw(wire, frame, split);
        status = frame_receive(&wire->stream, &kind, &payload, &length, 0, &wire->error);
        assert_int_equal(status, split < 12 ? -ETIMEDOUT : 0);
        write_raw(wire, frame + split, size - split);
        if (status < 0)
            assert_int_equal(frame_receive(&wire->stream, &kind, &payload, &length, soon(), &wire->error), 0);
        assert_int_equal(kind, FRAME_JSON);
        assert_int_equal(length, 7);
        assert_memory_equal(payload, "{\"a\":1}", 7);
        assert_int_equal(frame_receive(&wire->stream, &kind, &payload, &length, soon(), &wire->error), 0);
        assert_int_equal(kind, FRAME_BINARY);
        assert_int_equal(length, 2);
        assert_memory_equal(payload, "xy", 2);
    }
}

static void frame__empty_message(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length = 1;

    write_header(wire, 1, 'B');
    assert_int_equal(receive(wire, soon(), &payload, &length), 0);
    assert_int_equal(length, 0);
}

static void frame__zero(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length;

    write_header(wire, 0, 'J');
    assert_int_equal(receive(wire, soon(), &payload, &length), -EMSGSIZE);
}

static void frame__unknown_kind(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length;

    write_header(wire, 10, 'X');
    assert_int_equal(receive(wire, soon(), &payload, &length), -EPROTO);
    assert_string_equal(wire->error.text, "a frame of unknown kind 0x58 was received");
}

/* Refused on the header alone: not a byte of the rest is waited for. */
static void frame__oversize(void **state) {
    static const struct {
        char kind;
        uint32_t limit;
    } rows[] = {{'J', FRAME_JSON_MAX}, {'B', VMS_MESSAGE_MAX}};

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct wire *wire = *state;
        const void *payload;
        size_t length;

        write_header(wire, rows[i].limit + 2, rows[i].kind);
        assert_int_equal(receive(wire, soon(), &payload, &length), -EMSGSIZE);
        assert_true(wire->stream.capacity < 64);
        assert_int_equal(teardown(state), 0);
        assert_int_equal(setup(state), 0);
        write_header(*state, rows[i].limit + 1, rows[i].kind);
        assert_int_equal(receive(*state, 0, &payload, &length), -ETIMEDOUT);
        assert_int_equal(teardown(state), 0);
        assert_int_equal(setup(state), 0);
    }
}

static void frame__lower_limit(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length;

    wire->stream.json_max = 100;
    write_header(wire, 102, 'J');
    assert_int_equal(receive(wire, soon(), &payload, &length), -EMSGSIZE);
}

static void frame__oversize_not_sent(void **state) {
    struct wire *wire = *state;
    static const char big[VMS_MESSAGE_MAX + 1];

    assert_int_equal(frame_send(&wire->stream, FRAME_BINARY, big, sizeof(big), soon(), &wire->error),
                     -EMSGSIZE);
}

/* A deadline covers the whole frame: bytes that trickle in do not push it out. */
static void *trickle(void *context) {
    struct wire *wire = context;

    for (unsigned i = 0; i < 100; i++) {
        if (send(wire->raw, "x", 1, MSG_NOSIGNAL) < 0)
            break;
        (void)usleep(10000);
    }
    return NULL;
}

static void frame__slow_loris(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length;
    pthread_t thread;

    write_header(wire, 1001, 'J');
    assert_int_equal(pthread_create(&thread, NULL, trickle, wire), 0);
    assert_int_equal(receive(wire, clock_now_ns() + NS_PER_S / 10, &payload, &length), -ETIMEDOUT);
    assert_true(wire->stream.used < 1000);
    (void)shutdown(wire->stream.fd, SHUT_RDWR);
    (void)pthread_join(thread, NULL);
}

static void frame__end_of_stream(void **state) {
    struct wire *wire = *state;
    const void *payload;
    size_t length;

    write_header(wire, 10, 'B');
    (void)shutdown(wire->raw, SHUT_RDWR);
    assert_int_equal(receive(wire, soon(), &payload, &length), -ECONNRESET);
    assert_int_equal(frame_send(&wire->stream, FRAME_BINARY, "x", 1, soon(), &wire->error), -ECONNRESET);
}

/* More than the socket's buffers hold, with nobody reading. */
static void frame__send_deadline(void **state) {
    struct wire *wire = *state;
    static const char big[VMS_MESSAGE_MAX];
    int status = 0;

    for (unsigned i = 0; i < 1000 && status == 0; i++)
        status = frame_send(&wire->stream, FRAME_BINARY, big, sizeof(big), clock_now_ns() + NS_PER_S / 20,
                            &wire->error);
    assert_int_equal(status, -ETIMEDOUT);
}

static int receive_json(struct wire *wire, const char *text) {
    json_t *json = NULL;
    int status;

    write_header(wire, (uint32_t)strlen(text) + 1, 'J');
    write_raw(wire, text, strlen(text));
    status = frame_receive_json(&wire->stream, &json, soon(), &wire->error);
    json_decref(json);
    return status;
}

static void frame__json(void **state) {
    struct wire *wire = *state;

    assert_int_equal(receive_json(wire, "{\"a\": {\"b\": [1, 2.5, null]}}"), 0);
    assert_int_equal(receive_json(wire, ""), -EPROTO);
    assert_int_equal(receive_json(wire, "[]"), -EPROTO);
    assert_int_equal(receive_json(wire, "{} {}"), -EPROTO);
    assert_int_equal(receive_json(wire, "{\"a\": 1, \"a\": 2}"), -EPROTO);
    assert_int_equal(receive_json(wire, "{\"a\": \"\\u0000\"}"), -EPROTO);
    assert_int_equal(receive_json(wire, "{\"a\": \"\xff\"}"), -EPROTO);
    assert_int_equal(receive_json(wire, "{\"a\": 1"), -EPROTO);
    write_header(wire, 2, 'B');
    write_raw(wire, "x", 1);
    assert_int_equal(frame_receive_json(&wire->stream, &(json_t *){NULL}, soon(), &wire->error), -EPROTO);
}

/* Seals what the stream sends and, with the same key, what it receives: its own frames come back to it. */
static void seal_both(struct wire *wire) {
    wire->stream.sends = wire->stream.receives = (struct seal){.on = true, .key = {1, 2, 3}};
}

/* One sealed frame as it goes over the wire. */
static size_t take_sealed(struct wire *wire, const char *text, uint8_t *ret_frame) {
    size_t size = FRAME_HEADER_SIZE + strlen(text) + SEAL_TAG_SIZE;

    assert_int_equal(frame_send(&wire->stream, FRAME_BINARY, text, strlen(text), soon(), &wire->error), 0);
    assert_int_equal(recv(wire->raw, ret_frame, size, MSG_WAITALL), size);
    return size;
}

static void frame__sealed(void **state) {
    struct wire *wire = *state;
    const void *payload = NULL;
    size_t length = 0;
    uint8_t first[64], second[64];

    seal_both(wire);
    assert_int_equal(take_sealed(wire, "same", first), 25);
    (void)take_sealed(wire, "same", second);
    assert_memory_equal(first,
                        "\0\0\0\x15"
                        "B",
                        5);
    assert_memory_not_equal(first + 5, "same", 4);
    assert_memory_not_equal(first + 5, second + 5, 4);
    write_raw(wire, first, 25);
    write_raw(wire, second, 25);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(receive(wire, soon(), &payload, &length), 0);
        assert_int_equal(length, 4);
        assert_memory_equal(payload, "same", 4);
    }
}

/* Every bit of a frame but those of its length, which are checked with the rest once it is there. */
static void frame__every_bit_is_sealed(void **state) {
    struct wire *wire = *state;
    const void *payload;
    uint8_t frame[64];
    size_t length, size;

    seal_both(wire);
    size = take_sealed(wire, "text", frame);
    for (size_t bit = 8 * (FRAME_HEADER_SIZE - 1); bit < 8 * size; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_raw(wire, frame, size);
        assert_int_equal(receive(wire, soon(), &payload, &length), -EPROTO);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (bit / 8 < FRAME_HEADER_SIZE) { /* an unknown kind ends the stream before its frame is read */
            assert_int_equal(teardown(state), 0);
            assert_int_equal(setup(state), 0);
            seal_both(wire);
        }
    }
    write_raw(wire, frame, size);
    assert_int_equal(receive(wire, soon(), &payload, &length), 0);
}

static void frame__sealed_order(void **state) {
    struct wire *wire = *state;
    const void *payload;
    uint8_t first[64], second[64];
    size_t length, size;

    seal_both(wire);
    size = take_sealed(wire, "first", first);
    (void)take_sealed(wire, "other", second);
    write_raw(wire, second, size); /* the first was left out */
    assert_int_equal(receive(wire, soon(), &payload, &length), -EPROTO);
    write_raw(wire, first, size);
    assert_int_equal(receive(wire, soon(), &payload, &length), 0);
    write_raw(wire, first, size); /* again */
    assert_int_equal(receive(wire, soon(), &payload, &length), -EPROTO);
    write_header(wire, SEAL_TAG_SIZE, 'B'); /* one byte less than a seal */
    assert_int_equal(receive(wire, soon(), &payload, &length), -EPROTO);
    assert_string_equal(wire->error.text, "a frame without a seal was received");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frame__wire_format, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__every_split_point, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__empty_message, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__zero, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__unknown_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__oversize, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__lower_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__oversize_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__slow_loris, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__end_of_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__send_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__json, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__every_bit_is_sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(frame__sealed_order, setup, teardown),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
