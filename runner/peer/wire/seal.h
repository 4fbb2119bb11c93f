/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seal on frames, once both ends have proved that they know the token: encrypted and authenticated by
 * ChaCha20-Poly1305 (RFC 8439, libsodium), each direction with a key of its own, derived from the token and
 * both nonces. The frame's number in its direction is the cipher's nonce and its header is authenticated with
 * it, so a frame that was changed, left out, repeated, reordered or sent back is not taken. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_SEAL_H
#define VMSUITE_RUNNER_PEER_WIRE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_KEY_SIZE 32
#define SEAL_TAG_SIZE 16 /* bytes that a sealed payload is longer */

/* One direction. */
struct seal {
    bool on; /* off: frames are as they are */
    uint8_t key[SEAL_KEY_SIZE];
    uint64_t number; /* of the next frame */
};

/* Seals `length` bytes of `payload` into `sealed`, which has room for SEAL_TAG_SIZE more. The number stays:
 * seal_next() once the frame has gone. */
void seal_close(const struct seal *seal, const void *header, size_t header_length, const void *payload,
                size_t length, uint8_t *sealed);
/* Opens `length` bytes (of which the last SEAL_TAG_SIZE are the tag) in place. False: not what the other end
 * sent next. */
bool seal_open(const struct seal *seal, const void *header, size_t header_length, uint8_t *sealed,
               size_t length);
void seal_next(struct seal *seal);

#endif
