/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parameter of a configuration's "guest" section: one row says all of it, and parsing, the list of
 * launchers, the manual and the check against the schema come from the rows. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_GUEST_PARAM_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_GUEST_PARAM_H

#include "json/document.h"

#include <stdbool.h>
#include <stdint.h>

enum guest_param_kind {
    GUEST_TEXT = 1, /* one line of text */
    GUEST_PATH,     /* a file or a folder */
    GUEST_CHOICE,   /* one word of `choices` */
    GUEST_COUNT,    /* a whole number */
    GUEST_SIZE,     /* bytes, "64MiB" */
    GUEST_SECONDS,  /* a duration, "15min" */
    GUEST_BRIDGE,   /* a network interface's name */
    GUEST_ADDRESS,  /* "A.B.C.D/N" */
    GUEST_CPUS,     /* a list of processors, "0-3,8" */
};

/* What a launcher must be able to do for a value other than the default. */
enum launcher_ability {
    LAUNCHER_COUNTS = 1,      /* its clock can count instructions */
    LAUNCHER_PEER_BESIDE = 2, /* a peer can run beside the hypervisor */
    LAUNCHER_CACHE = 4,       /* it passes the cache mode of the scratch disk on */
    LAUNCHER_OPTIONS = 8,     /* it passes words for the kernel on */
    LAUNCHER_STATES = 16,     /* a guest's state can be saved, and guests can be started from it */
    LAUNCHER_TUNES = 32       /* its monitor is of this program: threads, devices and files are as it likes */
};

struct guest_param {
    const char *name;
    enum guest_param_kind kind;
    const char *fallback;       /* the default as it would be written; NULL: none */
    uint64_t min, max;          /* of counts, sizes (bytes) and durations (seconds) */
    const char *const *choices; /* NULL-ended */
    const char *sentence;       /* what it means, for people: also the schema's description */
    unsigned abilities;         /* all of them are needed for a value other than the default */
};

/* A value: the text as given, or as the default has it (owned, NULL: left out), and the number that it means
 * (bytes, seconds, a count, the index of a choice). */
struct guest_value {
    char *text;
    uint64_t number;
    bool given;
};

/* Reads the member `param->name` of the section at `path`; what is wrong becomes a problem of the document,
 * and the default is returned then. */
struct guest_value guest_param_read(const struct guest_param *param, const struct document *document,
                                    const char *path, const json_t *section);

#endif
