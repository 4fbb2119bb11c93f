/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/token.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/private.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#define TOKEN_TEXT_MIN 16
#define TOKEN_TEXT_MAX 1024

_Static_assert(TOKEN_PROOF_SIZE == crypto_auth_hmacsha512256_BYTES, "a proof is one HMAC");
_Static_assert(sizeof(((struct token *)0)->key) == crypto_auth_hmacsha512256_KEYBYTES, "the HMAC's key");

/* libsodium's functions below never fail once it is up; without random numbers nothing may go on. */
static void ready(void) {
    if (sodium_init() < 0)
        abort();
}

/* The key of a token's text. The first argument keeps it apart from other uses of the same text. */
static void derive(const char *text, size_t length, struct token *ret_token) {
    static const unsigned char purpose[] = "vmsuite peer token 1";

    ready();
    crypto_generichash(ret_token->key, sizeof(ret_token->key), (const unsigned char *)text, length, purpose,
                       sizeof(purpose) - 1);
    ret_token->present = true;
}

static int parse(const char *path, const char *text, size_t length, struct token *ret_token,
                 struct vms_error *error) {
    while (length > 0 && isspace((unsigned char)text[0])) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (memchr(text, '\n', length) || memchr(text, '\0', length))
        return error_set(error, -EINVAL, "%s: a token is one line of text", path);
    if (length < TOKEN_TEXT_MIN || length > TOKEN_TEXT_MAX)
        return error_set(error, -EINVAL,
                         "%s: a token has %d to %d characters, this one has %s; make one with: "
                         "head -c 32 /dev/urandom | base64 > %s",
                         path, TOKEN_TEXT_MIN, TOKEN_TEXT_MAX, length < TOKEN_TEXT_MIN ? "fewer" : "more",
                         path);
    derive(text, length, ret_token);
    return 0;
}

int token_read(const char *path, struct token *ret_token, struct vms_error *error) {
    char text[TOKEN_TEXT_MAX + 64];
    cleanup_close int fd = private_file_open(path, error);
    size_t length = 0;
    int status;

    if (fd < 0)
        return fd;
    while (length < sizeof(text)) {
        ssize_t got = read(fd, text + length, sizeof(text) - length);

        if (got < 0)
            return error_set(error, -errno, "%s: %s", path, strerror(errno));
        if (got == 0)
            break;
        length += (size_t)got;
    }
    status = parse(path, text, length, ret_token, error);
    sodium_memzero(text, sizeof(text));
    return status;
}

void token_random(struct token *ret_token) {
    ready();
    randombytes_buf(ret_token->key, sizeof(ret_token->key));
    ret_token->present = true;
}

void token_done(struct token *token) {
    sodium_memzero(token, sizeof(*token));
}

void token_nonce(uint8_t ret_nonce[static TOKEN_NONCE_SIZE]) {
    ready();
    randombytes_buf(ret_nonce, TOKEN_NONCE_SIZE);
}

/* The side's name goes in with its NUL, so that no two (name, nonces) give the same bytes. */
void token_prove(const struct token *token, const char *side,
                 const uint8_t client_nonce[static TOKEN_NONCE_SIZE],
                 const uint8_t server_nonce[static TOKEN_NONCE_SIZE],
                 uint8_t ret_proof[static TOKEN_PROOF_SIZE]) {
    crypto_auth_hmacsha512256_state state;

    crypto_auth_hmacsha512256_init(&state, token->key, sizeof(token->key));
    crypto_auth_hmacsha512256_update(&state, (const unsigned char *)side, strlen(side) + 1);
    crypto_auth_hmacsha512256_update(&state, client_nonce, TOKEN_NONCE_SIZE);
    crypto_auth_hmacsha512256_update(&state, server_nonce, TOKEN_NONCE_SIZE);
    crypto_auth_hmacsha512256_final(&state, ret_proof);
    sodium_memzero(&state, sizeof(state));
}

bool token_verify(const struct token *token, const char *side,
                  const uint8_t client_nonce[static TOKEN_NONCE_SIZE],
                  const uint8_t server_nonce[static TOKEN_NONCE_SIZE],
                  const uint8_t proof[static TOKEN_PROOF_SIZE]) {
    uint8_t expected[TOKEN_PROOF_SIZE];
    bool same;

    token_prove(token, side, client_nonce, server_nonce, expected);
    same = sodium_memcmp(expected, proof, sizeof(expected)) == 0;
    sodium_memzero(expected, sizeof(expected));
    return same;
}
