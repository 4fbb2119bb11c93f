/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/token.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const uint8_t client_nonce[TOKEN_NONCE_SIZE] = {1, 2, 3};
static const uint8_t server_nonce[TOKEN_NONCE_SIZE] = {4, 5, 6};

struct files {
    char folder[32];
    char path[64];
    struct vms_error error;
};

static int setup(void **state) {
    static struct files files;

    files = (struct files){.folder = "/tmp/test-token-XXXXXX"};
    assert_non_null(mkdtemp(files.folder));
    (void)snprintf(files.path, sizeof(files.path), "%s/peer.token", files.folder);
    *state = &files;
    return 0;
}

static int teardown(void **state) {
    struct files *files = *state;

    (void)unlink(files->path);
    return rmdir(files->folder);
}

static void write_file(const struct files *files, const char *text, mode_t mode) {
    FILE *file = fopen(files->path, "w");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(files->path, mode), 0);
}

static int read_text(struct files *files, const char *text, struct token *ret_token) {
    write_file(files, text, 0600);
    return token_read(files->path, ret_token, &files->error);
}

static void token__file(void **state) {
    struct token token = {0}, same = {0}, other = {0};

    assert_int_equal(read_text(*state, "correct horse battery\n", &token), 0);
    assert_true(token.present);
    assert_int_equal(read_text(*state, "  correct horse battery \r\n\n", &same), 0);
    assert_memory_equal(token.key, same.key, sizeof(token.key));
    assert_int_equal(read_text(*state, "correct horse batterY\n", &other), 0);
    assert_memory_not_equal(token.key, other.key, sizeof(token.key));
}

static void token__file_refused(void **state) {
    struct files *files = *state;
    struct token token = {0};
    char text[1100];

    assert_int_equal(read_text(files, "too short here\n", &token), -EINVAL);
    assert_non_null(strstr(files->error.text, "fewer"));
    assert_int_equal(read_text(files, "", &token), -EINVAL);
    assert_int_equal(read_text(files, "two lines of text\nin one file\n", &token), -EINVAL);
    memset(text, 'x', sizeof(text));
    text[1025] = '\0';
    assert_int_equal(read_text(files, text, &token), -EINVAL);
    assert_non_null(strstr(files->error.text, "more"));
    text[1024] = '\0';
    assert_int_equal(read_text(files, text, &token), 0);
}

static void token__file_permissions(void **state) {
    struct files *files = *state;
    struct token token = {0};

    write_file(files, "correct horse battery\n", 0604);
    assert_int_equal(token_read(files->path, &token, &files->error), -EPERM);
    assert_non_null(strstr(files->error.text, files->path));
    assert_non_null(strstr(files->error.text, "chmod 600"));
    assert_false(token.present);
    write_file(files, "correct horse battery\n", 0600);
    if (geteuid() == 0)
        assert_int_equal(chown(files->path, (uid_t)-1, 4711), 0);
    assert_int_equal(chmod(files->path, 0640), 0);
    assert_int_equal(token_read(files->path, &token, &files->error), -EPERM);
    assert_int_equal(chmod(files->path, 0620), 0);
    assert_int_equal(token_read(files->path, &token, &files->error), -EPERM);
}

static void token__file_missing(void **state) {
    struct files *files = *state;
    struct token token = {0};

    assert_int_equal(token_read(files->path, &token, &files->error), -ENOENT);
    assert_int_equal(token_read(files->folder, &token, &files->error), -EINVAL);
}

static void token__mutual_proofs(void **state) {
    struct token token, copy, other;
    uint8_t client[TOKEN_PROOF_SIZE], peer[TOKEN_PROOF_SIZE];

    (void)state;
    token_random(&token);
    token_random(&other);
    copy = token;
    token_prove(&token, "client", client_nonce, server_nonce, client);
    token_prove(&copy, "peer", client_nonce, server_nonce, peer);
    assert_true(token_verify(&copy, "client", client_nonce, server_nonce, client));
    assert_true(token_verify(&token, "peer", client_nonce, server_nonce, peer));
    assert_false(token_verify(&other, "client", client_nonce, server_nonce, client));
}

/* What one side proved is no proof of the other's, nor of another exchange. */
static void token__reflected_proof(void **state) {
    struct token token;
    uint8_t proof[TOKEN_PROOF_SIZE];

    (void)state;
    token_random(&token);
    token_prove(&token, "client", client_nonce, server_nonce, proof);
    assert_false(token_verify(&token, "peer", client_nonce, server_nonce, proof));
    assert_false(token_verify(&token, "peer", server_nonce, client_nonce, proof));
    assert_false(token_verify(&token, "client", server_nonce, client_nonce, proof));
    proof[TOKEN_PROOF_SIZE - 1] ^= 1;
    assert_false(token_verify(&token, "client", client_nonce, server_nonce, proof));
}

/* HMAC-SHA-512/256 here is HMAC-SHA-512 cut to 256 bits: computed apart with Python's hmac module over
 * b"client\0" + client nonce + server nonce, under a key of 32 bytes 0x0b. */
static void token__known_proof(void **state) {
    static const uint8_t expected[TOKEN_PROOF_SIZE] = {
        0xda, 0xa4, 0xa7, 0x15, 0x29, 0xbd, 0x3b, 0x21, 0x84, 0xc8, 0xbc, 0x3c, 0xff, 0xa8, 0x0e, 0x97,
        0x52, 0xdf, 0x53, 0xe2, 0x6e, 0x78, 0x81, 0x0d, 0x18, 0x20, 0x2e, 0xb0, 0xdc, 0x7a, 0x72, 0xe4,
    };
    struct token token = {.present = true};
    uint8_t proof[TOKEN_PROOF_SIZE];

    (void)state;
    memset(token.key, 0x0b, sizeof(token.key));
    token_prove(&token, "client", client_nonce, server_nonce, proof);
    assert_memory_equal(proof, expected, sizeof(proof));
}

static void token__nonces_differ(void **state) {
    uint8_t one[TOKEN_NONCE_SIZE], two[TOKEN_NONCE_SIZE];

    (void)state;
    token_nonce(one);
    token_nonce(two);
    assert_memory_not_equal(one, two, sizeof(one));
}

static void token__done_wipes(void **state) {
    struct token token, zero = {0};

    (void)state;
    token_random(&token);
    token_done(&token);
    assert_false(token.present);
    assert_memory_equal(token.key, zero.key, sizeof(zero.key));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token__file, setup, teardown),
        cmocka_unit_test_setup_teardown(token__file_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(token__file_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(token__file_missing, setup, teardown),
        cmocka_unit_test(token__mutual_proofs),
        cmocka_unit_test(token__reflected_proof),
        cmocka_unit_test(token__known_proof),
        cmocka_unit_test(token__nonces_differ),
        cmocka_unit_test(token__done_wipes),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
