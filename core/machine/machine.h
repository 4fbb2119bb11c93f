/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine is. Everything reads through a root prefix and an injectable CPUID, so that a captured
 * machine is a test case. */
#ifndef VMSUITE_CORE_MACHINE_MACHINE_H
#define VMSUITE_CORE_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_status {
    FACT_VALUE,
    FACT_NOT_APPLICABLE, /* this machine has no such thing */
    FACT_UNKNOWN,        /* it could not be told */
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

struct cpuid_registers {
    uint32_t eax, ebx, ecx, edx;
};

/* Where facts are read. */
struct machine_source {
    const char *root; /* "" for this machine, else a captured tree's folder */
    /* Executes CPUID or looks it up in a capture; false where there is none (ARM, no capture). */
    bool (*cpuid)(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret);
    /* The same through Xen's forced emulation; false where Xen does not answer it. NULL: not tried. */
    bool (*xen_cpuid)(void *context, uint32_t leaf, struct cpuid_registers *ret);
    void *context;
    struct capture *capture; /* NULL, or what has to be told of everything that is read (capture.h) */
};

/* A piece of evidence: "CPUID 0x40000000" said "KVMKVMKVM", which speaks for "kvm". */
struct machine_evidence {
    char *source;
    char *saw;
    const char *points_to; /* static; a virtualization or container name, "xen" where its kind is open, or
                              NULL: told, but speaks for none */
};

struct machine {
    const char *virtualization; /* static: "native", "xen-pv", "xen-pvh", "xen-hvm", "xen-dom0", "kvm",
                                   "qemu" (emulation), "virtualbox", "vmware", "hyper-v", "firecracker",
                                   "cloud-hypervisor", "crosvm", "bhyve", "parallels", ...,
                                   "unknown-hypervisor", or "unknown" where nothing could be read */
    const char *container;      /* static: "none", "docker", "podman", "lxc", "openvz", "systemd-nspawn",
                                   "wsl", "kubernetes", "other" */
    struct machine_evidence *evidence;
    size_t n_evidence;
    struct machine_fact *facts;
    size_t n_facts;
};

/* This machine. */
struct machine_source machine_source_here(void);

/* A captured tree (`root` is borrowed and must outlive the source). CPUID is looked up in its file "cpuid":
 * lines of "LEAF SUBLEAF EAX EBX ECX EDX" in hexadecimal, or "xen LEAF EAX EBX ECX EDX"; # begins a comment.
 * Symbolic links of the tree never lead out of it. */
struct machine_source machine_source_at(const char *root);

/* Reads all facts. `scratch` (NULL: left out) is the folder whose file system and device are told.
 * -ENOMEM; what cannot be read is a fact's status, not an error. */
int machine_read(const struct machine_source *source, const char *scratch, struct machine *ret_machine);

/* The fact called `name`, or NULL. Borrowed. */
const struct machine_fact *machine_find(const struct machine *machine, const char *name);

/* Frees what the machine owns. */
void machine_done(struct machine *machine);

#endif
