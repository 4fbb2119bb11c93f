/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study: configurations that are measured with one suite, boot by boot, and then compared. */
#ifndef VMSUITE_RUNNER_STUDY_STUDY_H
#define VMSUITE_RUNNER_STUDY_STUDY_H

#include "documents/configuration.h"
#include "places/kinds/place.h"

#define STUDY_CONFIGURATIONS_MAX 64
#define STUDY_ROUNDS_MAX 1000
/* What differs from boot to boot is known from three of them; what counts instructions repeats. */
#define STUDY_ROUNDS 3

/* What guests' clocks count. Figures of one are never put beside those of the other. */
enum study_clock { STUDY_REAL_TIME, STUDY_INSTRUCTIONS, STUDY_CLOCKS };

/* A configuration as it is measured under each clock: those on hardware that is not emulated have real time
 * only. One that names places is an entry for each of them; those that take turns are visited together. */
struct study_entry {
    char *name;         /* owned; of its records, too */
    struct place place; /* where it is measured; no kind: here, or in its guest */
    size_t lead;        /* the first entry of those that are visited together, or this one */
    bool has[STUDY_CLOCKS];
    struct configuration configurations[STUDY_CLOCKS];
};

struct study {
    char *name;
    json_t *json; /* resolved: a study document that says the same from anywhere */
    json_t *suite;
    unsigned rounds[STUDY_CLOCKS]; /* boots of each configuration under each clock */
    struct goal goal;              /* set: rounds in real time are chosen for it (rounds.h) */
    uint64_t seed;                 /* of the order of boots */
    bool clocks[STUDY_CLOCKS];
    struct study_entry *entries; /* in the order given */
    size_t n_entries;
    char *store;     /* that its records are added to, or NULL */
    json_t *labels;  /* that its records carry: {"NAME": "VALUE", ...} */
    size_t baseline; /* which of them the others are compared with */
};

/* What the command line says instead of a study. */
struct study_overrides {
    const char *suite; /* a file or a name, or NULL */
    unsigned rounds;   /* 0: as the study says, else STUDY_ROUNDS, and one where instructions are counted */
    struct goal goal;  /* set: instead of rounds */
    const uint64_t *seed;  /* NULL: as the study says, else drawn */
    const bool *clocks;    /* STUDY_CLOCKS of them, or NULL */
    const char *baseline;  /* the name of the configuration that the others are compared with, or NULL */
    const json_t *labels;  /* added to the study's, or NULL */
    const char *otherwise; /* the suite where nobody names one, or NULL */
};

/* "real-time", "instructions", as in a configuration's guest section. */
const char *study_clock_name(enum study_clock clock);
/* "real time", "instructions counted": for people. */
const char *study_clock_words(enum study_clock clock);

/* Reads a study with its suite and configurations. All that is wrong in any of them is added to the
 * document's problems; -EINVAL where anything was. The baseline is the configuration that is
 * named, else the one that is called "native", else the first. The caller frees with study_done. */
int study_read(const struct document *document, const struct study_overrides *overrides,
               const struct module_list *modules, struct study *ret_study);
void study_done(struct study *study);

#endif
