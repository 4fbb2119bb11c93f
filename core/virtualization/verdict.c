/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule. Evidence is weighed by its strength, not counted: what the kernel really uses; the monitor's own
 * firmware; CPUID, where it shows the kernel's own processor; ids of devices. An interface is no name, since
 * hypervisors offer each other's. "native" needs evidence of its own. */
#include "virtualization/verdict.h"

/* Whether a clue may name the nearest layer. */
static bool counts(const struct clue *clue) {
    return clue->role != ROLE_SET_ASIDE && !clue->below;
}

static bool is_monitor(const struct clue *clue) {
    return clue && clue->hypervisor->kind == KIND_EMULATED;
}

/* The first clue of that strength and meaning. Of names, one that is more than a monitor's goes first. */
static struct clue *find(struct clues *clues, enum clue_strength strength, enum clue_meaning meaning) {
    struct clue *monitor = NULL;

    for (size_t i = 0; i < clues->n_clues; i++) {
        struct clue *clue = &clues->clues[i];

        if (!counts(clue) || clue->strength != strength || clue->meaning != meaning)
            continue;
        if (meaning != CLUE_NAMES || !is_monitor(clue))
            return clue;
        monitor = monitor ? monitor : clue;
    }
    return monitor;
}

/* The first interface that is a hypervisor's name where nothing else is: not Hyper-V's, which is offered by
 * many to guests that are made for it. */
static struct clue *find_interface(struct clues *clues, enum clue_strength strength) {
    for (size_t i = 0; i < clues->n_clues; i++) {
        struct clue *clue = &clues->clues[i];

        if (counts(clue) && clue->strength == strength && clue->meaning == CLUE_INTERFACE &&
            clue->hypervisor->id != HYPERVISOR_HYPER_V)
            return clue;
    }
    return NULL;
}

/* A paravirtual clock is found through CPUID. Where CPUID is the kernel's own and does not offer it, one of
 * both is made up. */
static void set_aside(struct clues *clues) {
    for (size_t i = 0; i < clues->n_clues; i++) {
        struct clue *clue = &clues->clues[i];
        bool offered = false;

        clue->role = ROLE_NONE;
        if (!clue->found_by || !clues->cpuid || !clues->cpuid_ours)
            continue;
        for (size_t j = 0; j < clues->n_clues; j++)
            offered |=
                clues->clues[j].strength == CLUE_CPUID && clues->clues[j].hypervisor == clue->hypervisor;
        clue->role = offered ? ROLE_NONE : ROLE_SET_ASIDE;
    }
}

/* Kernels that are processes come first: everything else that they show is their host's. */
static struct clue *find_process(struct clues *clues) {
    for (size_t i = 0; i < clues->n_clues; i++)
        if (clues->clues[i].meaning == CLUE_NAMES && clues->clues[i].hypervisor->kind == KIND_PROCESS)
            return &clues->clues[i];
    return NULL;
}

/* The first clue of that kind of Xen guest, in the kernel's words or, with 0, in anybody's. */
static struct clue *find_kind(struct clues *clues, enum hypervisor_id id, enum clue_strength strength) {
    for (size_t i = 0; i < clues->n_clues; i++) {
        struct clue *clue = &clues->clues[i];

        if (counts(clue) && clue->meaning == CLUE_NAMES && clue->hypervisor->id == id &&
            (!strength || clue->strength == strength))
            return clue;
    }
    return NULL;
}

/* Xen's own interfaces come next: to a PV guest and to the control domain, CPUID and firmware show the
 * machine below, and an HVM guest may hide Xen's leaves from its kernel. *ret_nearest becomes its kind. */
static struct clue *find_xen(struct clues *clues, const struct hypervisor **ret_nearest) {
    static const enum hypervisor_id kinds[] = {HYPERVISOR_XEN_DOM0, HYPERVISOR_XEN_PVH, HYPERVISOR_XEN_HVM,
                                               HYPERVISOR_XEN_PV};
    struct clue *clue = NULL, *plain;

    for (size_t i = 0; i < VMS_LENGTH(kinds) && !clue; i++)
        clue = find_kind(clues, kinds[i], CLUE_KERNEL);
    clue = clue ? clue : find_kind(clues, HYPERVISOR_XEN_HVM, 0);
    if (clue) {
        *ret_nearest = clue->hypervisor;
        return clue;
    }
    /* Kernels before 4.13 do not say which kind it is. Only a PV guest does not see Xen in its CPUID. */
    clue = find_kind(clues, HYPERVISOR_XEN, 0);
    plain = find_kind(clues, HYPERVISOR_XEN, CLUE_CPUID);
    if (clue)
        *ret_nearest = hypervisor_of(plain || !clues->cpuid ? HYPERVISOR_XEN_PVH : HYPERVISOR_XEN_PV);
    return clue;
}

/* What supports KVM's leaf in being KVM's: QEMU's firmware or devices, or a cloud that runs on it. */
static bool is_supported(const struct clues *clues, const struct hypervisor *offered) {
    for (size_t i = 0; i < clues->n_clues; i++) {
        const struct clue *clue = &clues->clues[i];

        if ((clue->strength == CLUE_FIRMWARE || clue->strength == CLUE_DEVICE) &&
            (is_monitor(clue->hypervisor ? clue : NULL) || clue->hypervisor == offered))
            return true;
    }
    return false;
}

static bool wears(const struct clue *clue, const struct clue *other) {
    return clue && !is_monitor(clue) && hypervisor_wears(clue->hypervisor, other->hypervisor);
}

/* The clue that names the nearest layer, or NULL. Each line needs what stands above it to be silent. */
static struct clue *find_nearest(struct clues *clues) {
    struct clue *kernel = find(clues, CLUE_KERNEL, CLUE_NAMES), *used = find_interface(clues, CLUE_KERNEL);
    struct clue *firmware = find(clues, CLUE_FIRMWARE, CLUE_NAMES),
                *device = find(clues, CLUE_DEVICE, CLUE_NAMES);
    struct clue *cpuid = find(clues, CLUE_CPUID, CLUE_NAMES), *offered = find_interface(clues, CLUE_CPUID);
    struct clue *cloud = find(clues, CLUE_FIRMWARE, CLUE_SUPPORTS);
    bool product = firmware && !is_monitor(firmware);

    kernel = kernel ? kernel : used;
    /* The kernel uses an interface: of the product whose firmware or devices these are, where that offers
     * it. */
    if (kernel)
        return wears(firmware, kernel) ? firmware : kernel == used && wears(device, kernel) ? device : kernel;
    if (product)
        return firmware;
    if (cpuid && (!firmware || hypervisor_wears(cpuid->hypervisor, firmware->hypervisor)))
        return cpuid;
    if (offered && wears(device, offered))
        return device;
    if (offered && is_supported(clues, offered->hypervisor))
        return offered;
    if (firmware)
        return firmware;
    if (cloud)
        return cloud;
    return device ? device : find(clues, CLUE_PROCESSOR, CLUE_NAMES);
}

/* Whether CPUID, firmware and devices of such a guest are the layer's below. */
static bool shows_below(const struct hypervisor *nearest) {
    return nearest && (nearest->id == HYPERVISOR_XEN_PV || nearest->id == HYPERVISOR_XEN_DOM0 ||
                       nearest->kind == KIND_PROCESS);
}

/* Whether the clue belongs to the layer below `nearest`. */
static bool is_below(const struct clue *clue, const struct hypervisor *nearest) {
    if (!nearest || !clue->hypervisor || clue->meaning == CLUE_NOTE || clue->hypervisor == nearest)
        return false;
    if (clue->below || nearest->kind == KIND_PROCESS)
        return clue->hypervisor->kind != KIND_PROCESS;
    if (hypervisor_is_xen(nearest) && hypervisor_is_xen(clue->hypervisor))
        return false;
    if (shows_below(nearest))
        return clue->strength != CLUE_KERNEL;
    if (clue->strength == CLUE_PROCESSOR)
        return nearest->kind != KIND_EMULATED;
    return clue->strength == CLUE_CPUID && !hypervisor_wears(nearest, clue->hypervisor);
}

/* CPUID is asked first: it is the layer below itself that answers; then the others by their strength. */
static const struct hypervisor *find_below(const struct clues *clues, const struct hypervisor *nearest) {
    static const enum clue_strength order[] = {CLUE_CPUID, CLUE_KERNEL, CLUE_FIRMWARE, CLUE_DEVICE,
                                               CLUE_PROCESSOR};

    for (size_t k = 0; k < VMS_LENGTH(order); k++)
        for (size_t i = 0; i < clues->n_clues; i++)
            if (clues->clues[i].strength == order[k] && clues->clues[i].role != ROLE_SET_ASIDE &&
                is_below(&clues->clues[i], nearest))
                return clues->clues[i].hypervisor;
    return NULL;
}

/* The first clue that speaks for some hypervisor or, with CLUE_NATIVE, for none. */
static struct clue *find_general(struct clues *clues, enum clue_meaning meaning) {
    for (enum clue_strength strength = CLUE_KERNEL; strength <= CLUE_PROCESSOR; strength++) {
        struct clue *clue = find(clues, strength, meaning);

        if (clue)
            return clue;
    }
    return NULL;
}

/* What the kernel uses, or else what it is offered. */
static const struct hypervisor *find_used(struct clues *clues) {
    struct clue *used = find(clues, CLUE_KERNEL, CLUE_INTERFACE),
                *offered = find(clues, CLUE_CPUID, CLUE_INTERFACE);

    return used ? used->hypervisor : offered ? offered->hypervisor : NULL;
}

/* Emulation is what the TCG signature or the emulated processor's name says, and nothing else. */
static const char *kind_of(struct clues *clues, const struct verdict *verdict) {
    const struct clue *signature = find(clues, CLUE_CPUID, CLUE_NAMES);
    bool changed =
        (clues->cpuid && !clues->cpuid_ours) || (verdict->used && verdict->used->kind == KIND_PARAVIRTUAL);

    if (!verdict->nearest)
        return verdict->name == virtualization_native ? "none" : "unknown";
    switch (verdict->nearest->kind) {
    case KIND_HARDWARE:
        return changed ? "paravirtualised guest" : "hardware-assisted guest";
    case KIND_PARAVIRTUAL:
        return "paravirtualised guest";
    case KIND_EMULATED:
        return is_monitor(signature) || find(clues, CLUE_PROCESSOR, CLUE_NAMES) ? "emulation"
                                                                                : "accelerator unknown";
    case KIND_CONTROL:
        return "control domain";
    case KIND_PARTITION:
        return "logical partition";
    case KIND_PROCESS:
        return "kernel in a process";
    }
    return "unknown";
}

static enum clue_role role_of(const struct clue *clue, const struct verdict *verdict) {
    const struct hypervisor *nearest = verdict->nearest;

    if (clue->meaning == CLUE_NOTE)
        return ROLE_NONE;
    if (is_below(clue, nearest))
        return ROLE_BELOW;
    if (clue->hypervisor) /* an unknown hypervisor may offer any interface */
        return !nearest ? (verdict->name == virtualization_some ? ROLE_AGREES : ROLE_DISAGREES)
               : hypervisor_wears(nearest, clue->hypervisor) ? ROLE_AGREES
                                                             : ROLE_DISAGREES;
    if (clue->meaning == CLUE_NATIVE)
        return verdict->name == virtualization_native ? ROLE_AGREES
               : clue->below || shows_below(nearest)  ? ROLE_BELOW
                                                      : ROLE_DISAGREES;
    return clue->below ? ROLE_BELOW : verdict->name == virtualization_native ? ROLE_DISAGREES : ROLE_AGREES;
}

void verdict_reach(struct clues *clues, struct verdict *ret_verdict) {
    struct verdict verdict = {.name = virtualization_unknown};
    struct clue *by;

    set_aside(clues);
    by = find_process(clues);
    if (!by)
        by = find_xen(clues, &verdict.nearest);
    if (!by)
        by = find_nearest(clues);
    if (by) {
        verdict.nearest = verdict.nearest ? verdict.nearest : by->hypervisor;
        verdict.name = verdict.nearest->name;
    } else if ((by = find_general(clues, CLUE_SOME)) || (by = find_general(clues, CLUE_INTERFACE))) {
        verdict.name = virtualization_some;
    } else if ((by = find_general(clues, CLUE_NATIVE))) {
        verdict.name = virtualization_native;
    }
    verdict.below = find_below(clues, verdict.nearest);
    verdict.used = find_used(clues);
    verdict.kind = kind_of(clues, &verdict);
    for (size_t i = 0; i < clues->n_clues; i++)
        if (clues->clues[i].role != ROLE_SET_ASIDE)
            clues->clues[i].role = role_of(&clues->clues[i], &verdict);
    if (by)
        by->role = ROLE_NEAREST;
    *ret_verdict = verdict;
}
