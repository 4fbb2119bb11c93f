/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/frame.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/wait.h"
#include "record/text/json_writer.h"

#include <arpa/inet.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>

void frame_stream_init(struct frame_stream *stream, int fd) {
    *stream = (struct frame_stream){.fd = fd, .out_fd = fd, .json_max = FRAME_JSON_MAX};
}

void frame_stream_init_pipes(struct frame_stream *stream, int in, int out) {
    *stream = (struct frame_stream){.fd = in, .out_fd = out, .plain = true, .json_max = FRAME_JSON_MAX};
}

void frame_stream_done(struct frame_stream *stream) {
    free(stream->buffer);
    free(stream->out);
    sodium_memzero(stream, sizeof(*stream));
    *stream = (struct frame_stream){.fd = -1, .out_fd = -1};
}

static int broken(struct vms_error *error, const char *doing, int status) {
    if (status == -ETIMEDOUT)
        return error_set(error, status, "the other end took too long (%s)", doing);
    if (status == 0 || status == -EPIPE || status == -ECONNRESET)
        return error_set(error, -ECONNRESET, "the other end closed the connection (%s)", doing);
    return error_set(error, -ECONNRESET, "the connection broke (%s): %s", doing, strerror(-status));
}

/* Notes whether the frame was begun when sending it failed. */
static int give_up(struct frame_stream *stream, bool begun, struct vms_error *error, int status) {
    stream->cut |= begun;
    return broken(error, "sending", status);
}

static size_t kind_limit(const struct frame_stream *stream, enum frame_kind kind) {
    return kind == FRAME_JSON ? stream->json_max : VMS_MESSAGE_MAX;
}

static size_t tag_size(const struct seal *seal) {
    return seal->on ? SEAL_TAG_SIZE : 0;
}

/* Makes *buffer hold `wanted` bytes at least. */
static int grow(uint8_t **buffer, size_t *capacity, size_t wanted, struct vms_error *error) {
    uint8_t *grown;

    if (wanted <= *capacity)
        return 0;
    grown = realloc(*buffer, wanted);
    if (!grown)
        return error_set(error, -ENOMEM, "no memory for a frame of %zu bytes", wanted);
    *buffer = grown;
    *capacity = wanted;
    return 0;
}

/* Puts the frame together in `stream->out`. */
static void compose(struct frame_stream *stream, enum frame_kind kind, const void *payload, size_t length) {
    uint32_t announced = htonl((uint32_t)(length + tag_size(&stream->sends) + 1));

    memcpy(stream->out, &announced, sizeof(announced));
    stream->out[4] = (uint8_t)kind;
    if (stream->sends.on)
        seal_close(&stream->sends, stream->out, FRAME_HEADER_SIZE, payload, length,
                   stream->out + FRAME_HEADER_SIZE);
    else if (length > 0)
        memcpy(stream->out + FRAME_HEADER_SIZE, payload, length);
}

/* Both never wait. A pipe that is ready takes PIPE_BUF bytes at once, whether it blocks or not. */
static ssize_t send_some(const struct frame_stream *stream, const uint8_t *bytes, size_t n) {
    if (!stream->plain)
        return send(stream->out_fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (wait_ready(stream->out_fd, POLLOUT, 0) < 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(stream->out_fd, bytes, n < PIPE_BUF ? n : PIPE_BUF);
}

static ssize_t receive_some(const struct frame_stream *stream, uint8_t *bytes, size_t n) {
    if (!stream->plain)
        return recv(stream->fd, bytes, n, MSG_DONTWAIT);
    if (wait_ready(stream->fd, POLLIN, 0) < 0) {
        errno = EAGAIN;
        return -1;
    }
    return read(stream->fd, bytes, n);
}

int frame_send(struct frame_stream *stream, enum frame_kind kind, const void *payload, size_t length,
               uint64_t deadline_ns, struct vms_error *error) {
    size_t size = FRAME_HEADER_SIZE + length + tag_size(&stream->sends), done = 0;
    int status;

    if (length > (kind == FRAME_JSON ? FRAME_JSON_MAX : VMS_MESSAGE_MAX))
        return error_set(error, -EMSGSIZE, "a message of %zu bytes is too long to send", length);
    if (stream->cut)
        return broken(error, "sending after a frame that was cut short", 0);
    if ((status = grow(&stream->out, &stream->out_capacity, size, error)) < 0)
        return status;
    compose(stream, kind, payload, length);
    while (done < size) {
        ssize_t sent = send_some(stream, stream->out + done, size - done);

        if (sent >= 0)
            done += (size_t)sent;
        else if (errno != EAGAIN && errno != EINTR)
            return give_up(stream, done > 0, error, -errno);
        else if ((status = wait_ready(stream->out_fd, POLLOUT, deadline_ns)) < 0)
            return give_up(stream, done > 0, error, status);
    }
    seal_next(&stream->sends);
    return 0;
}

int frame_send_json(struct frame_stream *stream, const json_t *json, uint64_t deadline_ns,
                    struct vms_error *error) {
    cleanup_free char *text = json_line(json);

    if (!text)
        return error_set(error, -ENOMEM, "no memory for a message");
    return frame_send(stream, FRAME_JSON, text, strlen(text), deadline_ns, error);
}

/* Reads until `wanted` bytes of the frame are there, and never beyond them, so that a descriptor that polls
 * as readable always means a new frame. */
static int fill(struct frame_stream *stream, size_t wanted, uint64_t deadline_ns, struct vms_error *error) {
    int status = grow(&stream->buffer, &stream->capacity, wanted, error);

    if (status < 0)
        return status;
    while (stream->used < wanted) {
        ssize_t got = receive_some(stream, stream->buffer + stream->used, wanted - stream->used);

        stream->ended |= got == 0 && stream->used == 0;
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return broken(error, "receiving", got == 0 ? 0 : -errno);
        if (got > 0) {
            stream->used += (size_t)got;
        } else if ((status = wait_ready(stream->fd, POLLIN, deadline_ns)) < 0) {
            return broken(error, "receiving", status);
        }
    }
    return 0;
}

/* The length of the payload that the header announces, its seal included. */
static int check_header(const struct frame_stream *stream, size_t *ret_length, struct vms_error *error) {
    size_t tag = tag_size(&stream->receives);
    uint32_t announced;
    char kind = (char)stream->buffer[4];

    memcpy(&announced, stream->buffer, sizeof(announced));
    announced = ntohl(announced);
    if (announced == 0)
        return error_set(error, -EMSGSIZE, "a frame of length zero was received");
    if (kind != FRAME_JSON && kind != FRAME_BINARY)
        return error_set(error, -EPROTO, "a frame of unknown kind 0x%02x was received", (unsigned char)kind);
    if (announced - 1 > kind_limit(stream, kind) + tag)
        return error_set(error, -EMSGSIZE, "a frame of %u bytes was received; the limit is %zu",
                         announced - 1, kind_limit(stream, kind) + tag);
    if (announced - 1 < tag)
        return error_set(error, -EPROTO, "a frame without a seal was received");
    *ret_length = announced - 1;
    return 0;
}

int frame_receive(struct frame_stream *stream, enum frame_kind *ret_kind, const void **ret_payload,
                  size_t *ret_length, uint64_t deadline_ns, struct vms_error *error) {
    size_t length = 0;
    uint8_t *payload;
    int status;

    if ((status = fill(stream, FRAME_HEADER_SIZE, deadline_ns, error)) < 0 ||
        (status = check_header(stream, &length, error)) < 0 ||
        (status = fill(stream, FRAME_HEADER_SIZE + length, deadline_ns, error)) < 0)
        return status;
    stream->used = 0;
    payload = stream->buffer + FRAME_HEADER_SIZE;
    if (stream->receives.on &&
        !seal_open(&stream->receives, stream->buffer, FRAME_HEADER_SIZE, payload, length))
        return error_set(error, -EPROTO,
                         "a frame was received that is not what the other end sent next: "
                         "somebody changed it on its way");
    seal_next(&stream->receives);
    *ret_kind = (enum frame_kind)stream->buffer[4];
    *ret_payload = payload;
    *ret_length = length - tag_size(&stream->receives);
    return 0;
}

int frame_parse_json(const void *payload, size_t length, json_t **ret_json, struct vms_error *error) {
    json_error_t place;
    json_auto_t *json = json_loadb(payload, length, JSON_REJECT_DUPLICATES, &place);

    if (!json)
        return error_set(error, -EPROTO, "a message is not valid JSON: %s", place.text);
    if (!json_is_object(json))
        return error_set(error, -EPROTO, "a message is not a JSON object");
    *ret_json = TAKE(json);
    return 0;
}

int frame_receive_json(struct frame_stream *stream, json_t **ret_json, uint64_t deadline_ns,
                       struct vms_error *error) {
    enum frame_kind kind = FRAME_BINARY;
    const void *payload = NULL;
    size_t length = 0;
    int status = frame_receive(stream, &kind, &payload, &length, deadline_ns, error);

    if (status < 0)
        return status;
    if (kind != FRAME_JSON)
        return error_set(error, -EPROTO, "a module's message was received where a JSON message belongs");
    return frame_parse_json(payload, length, ret_json, error);
}
