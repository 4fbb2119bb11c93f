/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place: where cases run, reached by a command that passes standard input and output on. Kinds of places
 * are rows of one table. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_PLACE_H
#define VMSUITE_RUNNER_PLACES_KINDS_PLACE_H

#include "guest/launchers/guest_settings.h"
#include "guest/tools/argv.h"
#include "machine/expect.h"

#define PLACES_MAX 64
#define PLACE_PARAMS_MAX 4

struct place;

/* What may stand behind a place's target: ",NAME=VALUE". */
struct place_param {
    const char *name;
    /* 0, or -EINVAL with what the value must be. */
    int (*check)(const char *value, struct vms_error *error);
    const char *sentence; /* no capital, no full stop */
};

struct place_kind {
    const char *name;
    const char *form;     /* "nspawn:DIR" */
    const char *summary;  /* one phrase */
    const char *tool;     /* the program that leads there; NULL: none is needed */
    const char *launcher; /* what boots it: a guest, whose parameters are those of guests; NULL: it is none */
    /* a guest without a channel, which hands its record out when all is measured: it takes no turns trial by
     * trial, but is visited, a boot a run (place_visits.h) */
    bool is_visited;
    bool has_target; /* something must stand behind the colon */
    bool is_vector;  /* all of it is words of a command, and has no parameters */
    bool carries;    /* the program has to be brought there */
    bool freezes;    /* its processes are of this machine, and stay in the group that its command began in */
    bool holds;      /* its tool keeps others out of the target: of several places there, one has it do so */
    bool enters;     /* the target is a process, whose control groups the command is in, too */
    bool joins;      /* what follows the prefix is joined and read by a shell there, as ssh does */
    const struct expectation *expects; /* what detection says there; up to one without a key */
    struct place_param params[PLACE_PARAMS_MAX];
    /* Takes the target apart. 0, or -EINVAL with a sentence. NULL: any will do. */
    int (*check)(const struct place *place, struct vms_error *error);
    /* Adds the words that lead there. NULL: none do. */
    void (*prefix)(const struct place *place, struct argv *command);
};

/* Ended by a row without a name. */
extern const struct place_kind place_kinds[];

struct place {
    const struct place_kind *kind;
    char *text;                     /* as it was given */
    char *name;                     /* of its records */
    char *target;                   /* "" where there is none */
    char *values[PLACE_PARAMS_MAX]; /* by the kind's parameters; NULL: not given */
    bool shares;                    /* its tree is that of another place of the run, which holds it */
    struct guest_settings guest;    /* present: it is one */
};

/* A place's text, taken apart as far as that goes, valid or not. */
struct place_head {
    const char *text;
    size_t name_length; /* of the name before "=", 0: none */
    const char *word;   /* that names the kind, of so many characters: */
    size_t word_length;
    const struct place_kind *kind; /* NULL: there is no such kind */
    const char *rest;              /* behind the kind's colon, "" */
};
struct place_head place_head_of(const char *text);

/* Whether something may stand behind its colon that is a list of parameters. */
bool place_kind_has_params(const struct place_kind *kind);

/* Reads "[NAME=]KIND[:TARGET[,PARAM=VALUE...]]", or "ssh://...". The name is made from the text where none is
 * given. -EINVAL with a sentence. The caller frees with place_done. */
int place_read(const char *text, struct place *ret_place, struct vms_error *error);
void place_done(struct place *place);

/* Gives each of the places a name of its own: a number is put behind one that another has. -ENOMEM. */
int places_name(struct place *places, size_t n);

/* Whether the place is in a tree that the other holds where it has entered it. */
bool place_is_within(const struct place *place, const struct place *other);

/* The value of a parameter, or NULL. Borrowed. */
const char *place_value(const struct place *place, const char *param);

/* Whether the place could be reached from here: the kind's tool is there. -ENOENT with a sentence. */
int place_kind_available(const struct place_kind *kind, struct vms_error *error);

#endif
