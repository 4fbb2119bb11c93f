/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a machine: its facts, and the evidence for what it is. */
#ifndef VMSUITE_CORE_FACTS_FACTS_H
#define VMSUITE_CORE_FACTS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_status {
    FACT_VALUE,
    FACT_NOT_APPLICABLE, /* this machine has no such thing */
    FACT_UNKNOWN,        /* the machine does not say */
    FACT_ERROR           /* reading it failed: `text` says how */
};

enum fact_type { FACT_TEXT, FACT_INTEGER, FACT_REAL, FACT_BOOLEAN };

/* One fact: "cpu.model" = "AMD EPYC". Numbers are in base units (bytes, seconds, hertz). */
struct machine_fact {
    const char *name; /* static: GROUP.NAME */
    enum fact_status status;
    enum fact_type type;
    char *text; /* owned: the text, or why there is none */
    int64_t integer;
    double real;
    bool boolean;
    char *source; /* owned: the file or instruction it comes from */
};

/* A piece of evidence: "CPUID 0x40000000" said "KVMKVMKVM", which speaks for "kvm". */
struct machine_evidence {
    char *source;
    char *saw;
    const char *points_to; /* static; a virtualization or container name, "xen" where its kind is open, or
                              NULL: recorded, but speaks for none */
    const char *strength;  /* static, of layers: "kernel", "firmware", "cpuid", "device" or "processor", the
                              strongest first; NULL: of a container */
    /* static, of layers: "nearest" or "below", whose layer it named or belongs to; "agrees", "disagrees",
     * "set-aside"; NULL: speaks for none */
    const char *role;
};

struct machine {
    const char *virtualization; /* static: a name of virtualization/hypervisors.c, "native",
                                   "unknown-hypervisor", or "unknown" where nothing speaks for either */
    const char *container;      /* static: a name of virtualization/containers.c, or "none" */
    struct machine_evidence *evidence;
    size_t n_evidence;
    struct machine_fact *facts;
    size_t n_facts;
};

/* The fact called `name`, or NULL. Borrowed. */
const struct machine_fact *machine_find(const struct machine *machine, const char *name);

/* Frees what the machine owns. */
void machine_done(struct machine *machine);

#endif
