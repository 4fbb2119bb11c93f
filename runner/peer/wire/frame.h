/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of the control connection: 4 bytes of length (big-endian; of kind and payload together), 1 byte of
 * kind, payload. 'J': a JSON object of at most 1 MiB. 'B': a module's message of at most VMS_MESSAGE_MAX
 * bytes. Where a token was proved, all later payloads are sealed, and SEAL_TAG_SIZE bytes longer. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_FRAME_H
#define VMSUITE_RUNNER_PEER_WIRE_FRAME_H

#include "peer/wire/seal.h"

#include <jansson.h>
#include <vmsuite/module.h>

#define FRAME_HEADER_SIZE 5
#define FRAME_JSON_MAX (1024 * 1024)
enum frame_kind { FRAME_JSON = 'J', FRAME_BINARY = 'B' };

/* A connection with what was read of the next frame. The descriptors are the caller's. */
struct frame_stream {
    int fd;          /* frames come from here */
    int out_fd;      /* and go there: the same for a socket */
    bool plain;      /* pipes, or whatever others have given us: blocking or not, no sockets perhaps */
    size_t json_max; /* limit of a received JSON frame; FRAME_JSON_MAX unless the caller sets it lower */
    uint8_t *buffer; /* owned; grows to the largest frame seen */
    size_t capacity, used;
    uint8_t *out; /* owned; grows to the largest frame sent */
    size_t out_capacity;
    struct seal sends, receives; /* both off until the ends know each other */
    bool cut;                    /* a frame went out in part: nothing that follows could be understood */
    bool ended;                  /* the other end closed it between two frames */
};
void frame_stream_init(struct frame_stream *stream, int fd);
/* For two descriptors of any kind; SIGPIPE is to be ignored. */
void frame_stream_init_pipes(struct frame_stream *stream, int in, int out);
void frame_stream_done(struct frame_stream *stream);

/* Sends one whole frame by `deadline_ns` (clock_now_ns). -ETIMEDOUT, -ECONNRESET, -EMSGSIZE. Once one was cut
 * short, all further ones are -ECONNRESET. One thread may send while another receives. */
int frame_send(struct frame_stream *stream, enum frame_kind kind, const void *payload, size_t length,
               uint64_t deadline_ns, struct vms_error *error);
int frame_send_json(struct frame_stream *stream, const json_t *json, uint64_t deadline_ns,
                    struct vms_error *error);

/* Receives one whole frame; *ret_payload is borrowed until the next call. Refuses before reading it: a length
 * of zero, one over the kind's limit (-EMSGSIZE), an unknown kind (-EPROTO); after it, a seal that is not the
 * other end's (-EPROTO). -ECONNRESET at the end of the stream. -ETIMEDOUT: the deadline is the whole frame's;
 * what was read is kept, so the next call goes on. */
int frame_receive(struct frame_stream *stream, enum frame_kind *ret_kind, const void **ret_payload,
                  size_t *ret_length, uint64_t deadline_ns, struct vms_error *error);
/* The same for a frame that must be a JSON object (-EPROTO otherwise; duplicate keys are refused). */
int frame_receive_json(struct frame_stream *stream, json_t **ret_json, uint64_t deadline_ns,
                       struct vms_error *error);

/* The JSON object in a payload, a new reference; -EPROTO as above. A pure function. */
int frame_parse_json(const void *payload, size_t length, json_t **ret_json, struct vms_error *error);

#endif
