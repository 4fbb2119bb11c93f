/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver asks of an agent, and what the agent answers: JSON frames (peer/wire/frame.h), which
 * docs/protocol.md has as a table. Each message has one strict form: an unknown type, a missing or further
 * member or one of another type is refused. */
#ifndef VMSUITE_RUNNER_AGENT_AGENT_MESSAGE_H
#define VMSUITE_RUNNER_AGENT_AGENT_MESSAGE_H

#include <jansson.h>
#include <vmsuite/module.h>

#define AGENT_PROTOCOL 2
#define AGENT_MEMBERS_MAX 8

enum agent_origin { AGENT_FROM_DRIVER, AGENT_FROM_AGENT };

enum agent_type {
    AGENT_OPEN,
    AGENT_PREPARE,
    AGENT_TAKE,
    AGENT_FINISH,
    AGENT_CLOSE,
    AGENT_SERVE,
    AGENT_HELLO,
    AGENT_OPENED,
    AGENT_PREPARED,
    AGENT_TAKEN,
    AGENT_TROUBLE,
    AGENT_FINISHED,
    AGENT_CLOSED,
    AGENT_SERVING,
    AGENT_ERROR
};

enum agent_kind {
    AGENT_TEXT,
    AGENT_WHOLE,  /* from 0 to 2^32 - 1 */
    AGENT_NUMBER, /* finite */
    AGENT_FLAG,
    AGENT_OBJECT,
    AGENT_LIST,
    AGENT_TEXT_OR_NULL,
    AGENT_OBJECT_OR_NULL
};

struct agent_member {
    const char *name;
    enum agent_kind kind;
};

struct agent_row {
    const char *name;
    enum agent_origin origin;
    struct agent_member members[AGENT_MEMBERS_MAX]; /* up to one without a name, where there is room */
};

/* By enum agent_type. */
extern const struct agent_row agent_rows[AGENT_ERROR + 1];

/* Checks a message from that origin against the table. -EPROTO with a sentence. */
int agent_message_check(const json_t *json, enum agent_origin origin, enum agent_type *ret_type,
                        struct vms_error *error);

/* Adds the type to an object of the other members, which it takes over. NULL without memory. */
json_t *agent_message_new(enum agent_type type, json_t *members);

/* Members of a message that was checked; borrowed. */
const char *agent_text(const json_t *message, const char *name); /* NULL: null */
uint32_t agent_whole(const json_t *message, const char *name);
double agent_number(const json_t *message, const char *name);

#endif
