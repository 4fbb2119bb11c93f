/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The token that client and peer share, and the proofs that each knows it (HMAC-SHA512-256 of libsodium, over
 * both nonces and the side's name; after ISO/IEC 9798-4 three-pass mutual authentication). */
#ifndef VMSUITE_RUNNER_PEER_WIRE_TOKEN_H
#define VMSUITE_RUNNER_PEER_WIRE_TOKEN_H

#include <stdint.h>
#include <vmsuite/module.h>

#define TOKEN_NONCE_SIZE 32
#define TOKEN_PROOF_SIZE 32

struct token {
    bool present;
    uint8_t key[32]; /* derived from the token's text */
};

/* Reads a token file: one line of 16 to 1,024 characters, white space at the ends left out; the file must be
 * private as private_file_open() has it (-EPERM). The sentence names file and mend. */
int token_read(const char *path, struct token *ret_token, struct vms_error *error);
/* A random token, for the peer that a run starts on loopback. */
void token_random(struct token *ret_token);
/* Wipes it. */
void token_done(struct token *token);

/* Draws a random nonce. */
void token_nonce(uint8_t ret_nonce[static TOKEN_NONCE_SIZE]);
/* The proof of a side, "client" or "peer"; under another name, a key that only those can derive who know the
 * token. */
void token_prove(const struct token *token, const char *side,
                 const uint8_t client_nonce[static TOKEN_NONCE_SIZE],
                 const uint8_t server_nonce[static TOKEN_NONCE_SIZE],
                 uint8_t ret_proof[static TOKEN_PROOF_SIZE]);
/* In constant time. */
bool token_verify(const struct token *token, const char *side,
                  const uint8_t client_nonce[static TOKEN_NONCE_SIZE],
                  const uint8_t server_nonce[static TOKEN_NONCE_SIZE],
                  const uint8_t proof[static TOKEN_PROOF_SIZE]);

#endif
