/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/pack.h"

#include "base/cleanup.h"
#include "record/file/spool.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int add(void *user, const char *text, size_t length) {
    return spool_add(user, text, length);
}

/* Packs and gives the bytes, which the caller frees. */
static char *pack(const json_t *json, size_t *ret_length) {
    char *bytes;
    FILE *file = open_memstream(&bytes, ret_length);

    assert_int_equal(pack_json(file, json), 0);
    (void)fclose(file);
    return bytes;
}

/* Unpacks pieces of that many bytes. */
static int unpack(struct spool *spool, const char *bytes, size_t length, size_t piece) {
    struct unpack *unpack = unpack_new(add, spool);
    int status = 0;

    for (size_t at = 0; status == 0 && at < length; at += piece)
        status = unpack_add(unpack, bytes + at, length - at < piece ? length - at : piece);
    if (status == 0)
        status = unpack_end(unpack);
    unpack_free(unpack);
    return status;
}

/* An array of many numbers: its text needs a temporary file. */
static json_t *new_large(void) {
    json_t *json = json_array();

    for (int i = 0; i < 300000; i++)
        json_array_append_new(json, json_integer(i));
    return json;
}

static void pack__comes_back(void **state) {
    json_auto_t *small = json_pack("{s:s}", "a", "b"), *large = new_large();
    const json_t *const documents[] = {small, large};
    static const size_t pieces[] = {1, 7, 1 << 20};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        cleanup_free char *text = json_dumps(documents[i], JSON_INDENT(2)), *bytes = NULL;
        size_t length = 0;

        bytes = pack(documents[i], &length);
        assert_true(pack_is_packed(bytes, length));
        for (size_t j = 0; j < 3; j++) {
            struct spool spool = SPOOL_EMPTY(1 << 30);
            cleanup_free char *back = calloc(1, strlen(text) + 2);

            assert_int_equal(unpack(&spool, bytes, length, pieces[j]), 0);
            assert_int_equal(spool.length, strlen(text) + 1);
            assert_int_equal(spool.fd >= 0, i == 1);
            if (spool.fd >= 0)
                assert_int_equal(pread(spool.fd, back, spool.length, 0), spool.length);
            else
                memcpy(back, spool.text, spool.length);
            assert_memory_equal(back, text, strlen(text));
            spool_done(&spool);
        }
    }
}

static void unpack__refuses_what_is_cut_or_damaged(void **state) {
    json_auto_t *json = json_pack("{s:s}", "a", "some text that is long enough to be packed, packed, packed");
    size_t length = 0;
    cleanup_free char *bytes = pack(json, &length), *text = NULL;
    size_t n_refused = 0;

    (void)state;
    assert_true(
        asprintf(&text, "{\n  \"a\": \"some text that is long enough to be packed, packed, packed\"\n}\n") >
        0);
    for (size_t cut = 1; cut < length; cut++) {
        struct spool spool = SPOOL_EMPTY(1 << 20);

        assert_int_equal(unpack(&spool, bytes, cut, length), -EBADMSG);
        spool_done(&spool);
    }
    for (size_t at = 0; at < length; at++) {
        struct spool spool = SPOOL_EMPTY(1 << 20);

        bytes[at] ^= 0x41;
        /* The size of the window is one thing that may be another. */
        if (unpack(&spool, bytes, length, length) == 0)
            assert_string_equal(spool.text, text);
        else
            n_refused++;
        bytes[at] ^= 0x41;
        spool_done(&spool);
    }
    assert_true(n_refused >= length - 2);
}

/* What becomes far larger than it is ends at the limit, not when the disk is full. */
static void unpack__is_bounded(void **state) {
    json_auto_t *large = new_large();
    size_t length = 0;
    cleanup_free char *bytes = pack(large, &length);
    struct spool spool = SPOOL_EMPTY(100000);

    (void)state;
    assert_int_equal(unpack(&spool, bytes, length, length), -EFBIG);
    assert_true(spool.length <= 100000);
    spool_done(&spool);
}

static void pack_is_wanted__by_the_name(void **state) {
    (void)state;
    assert_true(pack_is_wanted("a.json.zst"));
    assert_false(pack_is_wanted("a.json"));
    assert_false(pack_is_wanted(".zst"));
    assert_false(pack_is_wanted("zst"));
    assert_false(pack_is_packed("{\"a\"", 4));
    assert_false(pack_is_packed("\x28\xB5", 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack__comes_back),
        cmocka_unit_test(unpack__refuses_what_is_cut_or_damaged),
        cmocka_unit_test(unpack__is_bounded),
        cmocka_unit_test(pack_is_wanted__by_the_name),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
