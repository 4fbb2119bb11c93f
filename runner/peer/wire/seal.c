/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/seal.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_KEY_SIZE == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "the cipher's key");
_Static_assert(SEAL_TAG_SIZE == crypto_aead_chacha20poly1305_ietf_ABYTES, "the cipher's tag");

#define NONCE_SIZE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

/* Four zero bytes, then the number, little-endian. */
static void make_nonce(const struct seal *seal, uint8_t ret_nonce[static NONCE_SIZE]) {
    uint64_t number = htole64(seal->number);

    memset(ret_nonce, 0, NONCE_SIZE);
    memcpy(ret_nonce + NONCE_SIZE - sizeof(number), &number, sizeof(number));
}

void seal_close(const struct seal *seal, const void *header, size_t header_length, const void *payload,
                size_t length, uint8_t *sealed) {
    uint8_t nonce[NONCE_SIZE];

    make_nonce(seal, nonce);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, payload, length, header, header_length,
                                                    NULL, nonce, seal->key);
}

bool seal_open(const struct seal *seal, const void *header, size_t header_length, uint8_t *sealed,
               size_t length) {
    uint8_t nonce[NONCE_SIZE];

    make_nonce(seal, nonce);
    return crypto_aead_chacha20poly1305_ietf_decrypt(sealed, NULL, NULL, sealed, length, header,
                                                     header_length, nonce, seal->key) == 0;
}

void seal_next(struct seal *seal) {
    seal->number++;
}
