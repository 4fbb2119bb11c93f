/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmsuite/module.h - the whole contract between vmsuite and a benchmark module.
 *
 * A module is a shared object NAME.so that exports one constant, `vms_module_v1`: tables of its
 * parameters, metrics and facts, and a handful of functions. It includes this header and links
 * nothing of vmsuite: what it needs from its host arrives in `struct vms_host`.
 *
 * A module never prints, exits, reads the environment, installs signal handlers or keeps changeable
 * static data. Functions return 0 or a negative errno and describe what went wrong in the caller's
 * `struct vms_error`. Each case runs in a process of its own; the host ends it at its deadline.
 */
#ifndef VMSUITE_MODULE_H
#define VMSUITE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMS_ABI_MAJOR 1 /* other major: the module is refused (the symbol's name carries it too) */
#define VMS_ABI_MINOR 1 /* raised when a field is added at the end of a structure, or a value to an enum */

#define VMS_MESSAGE_MAX 65536 /* bytes, the largest message of put and get */
#define VMS_COOKIE_SIZE 16    /* bytes of the cookie that opens a data socket */

/* Text of the last error; the caller owns it, the callee fills it (NUL-terminated) when it fails. */
struct vms_error {
    char text[512];
};

/* Enumerations whose value must be given begin with 1, so that one that was forgotten is refused. (Those of
 * ABI 1.0 began with 0: the host reads modules of that minor version by their own numbers.) */
enum vms_resource { VMS_NETWORK = 1, VMS_MEMORY, VMS_DISK, VMS_CPU };

/* What a row of a table is for: hosts never guess it from a name. */
enum vms_role {
    VMS_ROLE_PLAIN,    /* none of the following */
    VMS_ROLE_SIZE,     /* parameter: how large the work is; figures are drawn over it */
    VMS_ROLE_PLACE,    /* parameter: where the work is done, which does not change it: a port, a device */
    VMS_ROLE_HEADLINE, /* metric: what a case is judged by, where a trial reports it first */
    VMS_ROLE_DERIVED,  /* metric: another view of a figure that is reported too, such as its mean */
    VMS_ROLE_VOLATILE, /* metric, fact: differs from trial to trial by nature; a difference is no news */
    VMS_ROLE_WORK, /* metric, fact: what was really done; figures that differ in it are of different work */
    VMS_ROLE_FACT  /* metric: a property, neither judged nor drawn */
};

/* What a parameter holds and how a user types it. */
enum vms_kind {
    VMS_COUNT = 1, /* "12"                         -> .count,   a whole number */
    VMS_BYTES,     /* "512", "64KiB", "4MB"        -> .bytes,   bytes */
    VMS_SECONDS,   /* "10", "10s", "250ms"         -> .seconds, seconds */
    VMS_RATE,      /* "100Mbit/s", "0"             -> .rate,    bits per second */
    VMS_BOOLEAN,   /* true, false                  -> .boolean */
    VMS_CHOICE,    /* one of `choices`             -> .choice,  its index in `choices` */
    VMS_TEXT       /* up to 255 bytes without control characters -> .text, never NULL */
};

/* One parameter's value. The parameter's kind says which member is set. */
union vms_value {
    uint64_t count;
    uint64_t bytes;
    double seconds;
    double rate;
    bool boolean;
    unsigned choice;
    const char *text;
};

/* Names of modules, parameters and metrics, and keys of facts, are lower case letters, digits and '_'. They
 * begin with a letter and have at most 63 bytes; none appears twice in its table. */

/* A row of the parameter table. All texts are what a user would type. */
struct vms_param {
    const char *name;
    enum vms_kind kind;
    const char *fallback;       /* the default; must itself be valid */
    const char *min, *max;      /* limits of the numeric kinds, both included; NULL: none */
    const char *const *choices; /* VMS_CHOICE: the words, ended by NULL */
    const char *help;           /* one sentence: meaning, and what 0 or "" stands for */
    enum vms_role role;         /* PLAIN, SIZE or PLACE */
};

/* Units are base units without prefix; the list is closed. */
enum vms_unit {
    VMS_BYTES_PER_SECOND = 1, /* B/s */
    VMS_BITS_PER_SECOND,      /* bit/s */
    VMS_FLOP_PER_SECOND,      /* flop/s */
    VMS_UNIT_SECONDS,         /* s */
    VMS_PER_SECOND,           /* 1/s: transactions, packets, operations */
    VMS_RATIO                 /* 1: loss, and counts of events */
};

enum vms_better {
    VMS_HIGHER = 1,
    VMS_LOWER,
    VMS_NEITHER /* a difference is neither gain nor loss, as of a residual */
};
enum vms_shape {
    VMS_SCALAR,      /* one value a trial: `sample` */
    VMS_DISTRIBUTION /* many values a trial, as of single operations: `distribution` */
};
enum vms_side { VMS_LOCAL, VMS_SENDER, VMS_RECEIVER }; /* who took the figure, in a two-sided case */

/* A row of the metric table. The first metric that a trial reports is its headline: role HEADLINE. */
struct vms_metric {
    const char *name; /* without the unit */
    enum vms_unit unit;
    enum vms_better better;
    enum vms_shape shape;
    enum vms_side side;
    const char *help;   /* one sentence */
    enum vms_role role; /* all but SIZE and PLACE; better is NEITHER for WORK and FACT */
};

/* A row of the table of facts. Facts that are in no table are PLAIN. */
struct vms_fact {
    const char *key;
    enum vms_role role; /* PLAIN, VOLATILE or WORK */
    const char *help;   /* one sentence */
};

enum vms_log_level { VMS_LOG_DEBUG, VMS_LOG_INFO, VMS_LOG_WARNING };

/*
 * What the host lends to a module for the life of a case. `size` is sizeof of the host's version:
 * a field beyond it is not there. All functions take `context` first. Not thread-safe: call them
 * from the thread that entered the module, except `now` and `should_stop`.
 */
struct vms_host {
    uint32_t size;
    void *context;
    uint64_t seed;        /* the case's seed: the same in every run with the same plan */
    const char *scratch;  /* an empty directory of the case's own, removed by the host: a path for this
                             process and those that it starts; NULL without VMS_NEEDS_SCRATCH */
    const char *destroys; /* the block device whose content the user has given up, or NULL */

    /* Nanoseconds of CLOCK_MONOTONIC. */
    uint64_t (*now)(void *context);
    /* True when the trial should end early (interrupted, or its deadline is near): poll it between
     * units of work of at most about 100 ms. A trial cut short returns -ECANCELED. */
    bool (*should_stop)(void *context);

    /* Within `measure` only. Report the value of a scalar metric (an index into the metric table), in
     * base units, once per trial. -EINVAL: not finite, a rate below 0, no such metric, wrong shape, or
     * reported twice. */
    int (*sample)(void *context, unsigned metric, double value);
    /* Report a distribution from its `n` raw values (n > 0; the host copies). Errors as for sample. */
    int (*distribution)(void *context, unsigned metric, const double *values, size_t n);
    /* Something worth knowing: in `prepare` about the case, in `measure` about the trial. A second value for
     * a key replaces the first. Both are copied, and cut where they are too long: a key to 63 bytes, a value
     * to 255. 0 or a negative errno. */
    int (*fact)(void *context, const char *key, const char *value);
    /* A message for people, one line. A trial keeps the first 20; if the case crashes, its last one is part
     * of the reason. */
    void (*log)(void *context, enum vms_log_level level, const char *text);

    /* Two-sided modules (those with `serve`); NULL or empty elsewhere. Messages of up to VMS_MESSAGE_MAX
     * bytes on the authenticated control connection, whole and in order. `deadline` is a time of `now`. put:
     * 0. get: the message's length. Else -ETIMEDOUT, -ECONNRESET (the other half is gone) or -EMSGSIZE
     * (longer than VMS_MESSAGE_MAX, or than `capacity`). */
    int (*put)(void *context, const void *message, size_t length, uint64_t deadline);
    ssize_t (*get)(void *context, void *buffer, size_t capacity, uint64_t deadline);
    struct sockaddr_storage peer;    /* the other half's address; its port is 0 */
    struct sockaddr_storage address; /* our own address on that path; its port is 0 */
    uint8_t cookie[VMS_COOKIE_SIZE]; /* opens a data socket; the same on both halves */
};

enum vms_needs {
    VMS_NEEDS_SCRATCH = 1, /* a directory to write in */
    VMS_NEEDS_PEER = 2,    /* a peer; the module has `serve` */
    VMS_NEEDS_ROOT = 4
};

/* About what a trial will cost; the host has zeroed it. Used for --dry-run and default deadlines. */
struct vms_estimate {
    double seconds;   /* of one trial */
    uint64_t disk;    /* bytes of scratch space at the most */
    uint64_t traffic; /* bytes over the network, both ways together */
    uint64_t memory;  /* bytes allocated */
};

/*
 * The module. `values` is an array in the order of `params`, parsed and within limits, valid for the
 * life of the case. Functions marked (optional) may be NULL.
 */
struct vms_module {
    uint16_t abi_major, abi_minor; /* VMS_MODULE_ABI */
    uint32_t size;                 /* likewise: sizeof(struct vms_module) */
    const char *name;              /* the file's name without ".so" */
    const char *summary;           /* one line */
    enum vms_resource resource;
    uint32_t workload_version; /* from 1; raised when old and new figures stop being comparable */
    uint32_t needs;            /* enum vms_needs, or-ed */
    const struct vms_param *params;
    size_t n_params; /* at most 64 */
    const struct vms_metric *metrics;
    size_t n_metrics; /* 1 to 64 */

    /* (optional) Can this case run here? 0; -ENOTSUP with the reason in `error` (the case is recorded as
     * unsupported); another negative errno: failed. */
    int (*probe)(const struct vms_host *host, const union vms_value *values, struct vms_error *error);
    /* (optional) Slow or fallible work before the trials. *ret_state is written on success only and then
     * belongs to the host until `cleanup`. May return -ENOTSUP as probe does. */
    int (*prepare)(const struct vms_host *host, const union vms_value *values, void **ret_state,
                   struct vms_error *error);
    /* One trial: does the work, verifies it, reports metrics. What a failed trial reported is dropped. */
    int (*measure)(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error);
    /* (optional) Releases `state`; takes NULL. */
    void (*cleanup)(void *state);
    /* (only with VMS_NEEDS_PEER) The peer's half of one trial: called once for each call of measure, at
     * the same time, in a process of its own on the peer; it reports nothing but talks by put and get. */
    int (*serve)(const struct vms_host *host, const union vms_value *values, struct vms_error *error);
    /* (optional) A pure function of the values. */
    void (*estimate)(const union vms_value *values, struct vms_estimate *ret);

    /* Since ABI 1.1. The sizes of a row let tables grow: VMS_MODULE_ABI sets them (0: as in ABI 1.1). */
    uint32_t param_size, metric_size, fact_size;
    const struct vms_fact *facts;
    size_t n_facts; /* at most 64 */
    /* (optional) Whether the values fit together: 0, or -EINVAL with a sentence that names the parameters. A
     * pure function of the values; asked before a run begins, by `check` and --dry-run too. */
    int (*validate)(const union vms_value *values, struct vms_error *error);
};

/* The first fields of every module: what it was built with. */
#define VMS_MODULE_ABI                                                                                       \
    .abi_major = VMS_ABI_MAJOR, .abi_minor = VMS_ABI_MINOR, .size = sizeof(struct vms_module),               \
    .param_size = sizeof(struct vms_param), .metric_size = sizeof(struct vms_metric),                        \
    .fact_size = sizeof(struct vms_fact)

#define VMS_EXPORT __attribute__((visibility("default")))
#define VMS_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The one symbol that a module exports. */
VMS_EXPORT extern const struct vms_module vms_module_v1;

#ifdef __cplusplus
}
#endif

#endif
