/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each source says about the layers of virtualization; the rule (verdict.h) is a pure function of it. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_CLUES_H
#define VMSUITE_CORE_VIRTUALIZATION_CLUES_H

#include "facts/survey.h"
#include "virtualization/hypervisors.h"

/* Where a clue comes from, the strongest first. */
enum clue_strength {
    CLUE_KERNEL = 1, /* what the kernel really uses */
    CLUE_FIRMWARE,   /* ACPI, DMI, device tree: the monitor's own, though it can be copied */
    CLUE_CPUID,
    CLUE_DEVICE,   /* ids of devices */
    CLUE_PROCESSOR /* the processor's name */
};

enum clue_meaning {
    CLUE_NAMES,     /* the hypervisor */
    CLUE_INTERFACE, /* the hypervisor's interface, which others offer, too */
    CLUE_SUPPORTS,  /* a cloud's guest, whose hypervisor is known where nothing else names one */
    CLUE_SOME,      /* some hypervisor */
    CLUE_NATIVE,    /* bare hardware */
    CLUE_NOTE       /* for neither */
};

/* What the rule made of a clue. */
enum clue_role {
    ROLE_NONE,
    ROLE_NEAREST, /* named the nearest layer */
    ROLE_BELOW,   /* named, or belongs to, the layer below */
    ROLE_AGREES,  /* fits the nearest layer */
    ROLE_DISAGREES,
    ROLE_SET_ASIDE /* contradicts what it depends on, and does not count */
};

struct clue {
    enum clue_strength strength;
    enum clue_meaning meaning;
    const struct hypervisor *hypervisor; /* NULL where the meaning needs none */
    bool below;    /* known to show the layer below: CPUID that is not the kernel's own */
    bool found_by; /* the interface can only have been found through CPUID (clock sources on x86) */
    enum clue_role role;
    size_t evidence; /* index in the machine's evidence */
};

struct clues {
    struct clue *clues; /* owned */
    size_t n_clues;
    bool cpuid;      /* CPUID could be asked */
    bool cpuid_ours; /* and shows the processor that /proc/cpuinfo shows */
};

/* A clue with its row of evidence; its role is filled in by the rule. Running out of memory is remembered in
 * the survey. */
struct clue *clue_add(struct clues *clues, struct survey *survey, struct clue clue, const char *saw,
                      const char *source, ...) __attribute__((format(printf, 5, 6)));

/* Gathers all clues. The caller frees with clues_done. */
void clues_read(struct survey *survey, struct clues *ret_clues);
void clues_done(struct clues *clues);

/* One file a kind of source. */
void clues_read_kernel(struct survey *survey, struct clues *clues);
void clues_read_xen(struct survey *survey, struct clues *clues);
void clues_read_firmware(struct survey *survey, struct clues *clues);
void clues_read_dmi(struct survey *survey, struct clues *clues);
void clues_read_cpuid(struct survey *survey, struct clues *clues);
void clues_read_devices(struct survey *survey, struct clues *clues);

/* The row of the list (its field at `offset` in struct hypervisor) of which `text` holds a word, or NULL. */
const struct hypervisor *clue_find_word(size_t offset, const char *text);
/* The same where `text` begins with one. */
const struct hypervisor *clue_find_start(size_t offset, const char *text);

const char *clue_strength_name(enum clue_strength strength);
const char *clue_role_name(enum clue_role role); /* NULL for none */

#endif
