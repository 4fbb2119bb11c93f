/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Xen's own interfaces. Its kinds of guest differ in what they measure, so the kind is looked for, too. */
#include "base/cleanup.h"
#include "source/cpuid.h"
#include "virtualization/clues.h"

#include <string.h>

#define HYPERVISOR_FOLDER "/sys/hypervisor"

static void add_xen(struct clues *clues, struct survey *survey, enum hypervisor_id id, const char *saw,
                    const char *source) {
    (void)clue_add(
        clues, survey,
        (struct clue){.strength = CLUE_KERNEL, .meaning = CLUE_NAMES, .hypervisor = hypervisor_of(id)}, saw,
        "%s", source);
}

/* Only PV guests reach Xen through its forced emulation. */
static void read_forced_cpuid(struct survey *survey, struct clues *clues) {
    const struct machine_source *source = survey->source;
    char signature[CPUID_SIGNATURE_SIZE];
    struct cpuid_registers r;
    const char *xen = hypervisor_of(HYPERVISOR_XEN)->cpuid[0];

    if (source->xen_cpuid && source->xen_cpuid(source->context, CPUID_HYPERVISOR, &r) &&
        cpuid_text(&r, signature) && strcmp(signature, xen) == 0)
        add_xen(clues, survey, HYPERVISOR_XEN_PV, signature, "Xen's forced CPUID 0x40000000");
}

/* Another word than Xen's in /sys/hypervisor/type is another hypervisor's. True for Xen. */
static bool read_type(struct survey *survey, struct clues *clues) {
    cleanup_free char *type = NULL;

    if (source_text(survey->source, &type, HYPERVISOR_FOLDER "/type") < 0 || !*type)
        return false;
    if (strcmp(type, hypervisor_of(HYPERVISOR_XEN)->name) == 0) {
        add_xen(clues, survey, HYPERVISOR_XEN, type, HYPERVISOR_FOLDER "/type");
        return true;
    }
    (void)clue_add(clues, survey, (struct clue){.strength = CLUE_KERNEL, .meaning = CLUE_SOME}, type,
                   HYPERVISOR_FOLDER "/type");
    return false;
}

static void read_guest_type(struct survey *survey, struct clues *clues) {
    static const struct {
        const char *text;
        enum hypervisor_id id;
    } kinds[] = {{"PV", HYPERVISOR_XEN_PV}, {"PVH", HYPERVISOR_XEN_PVH}, {"HVM", HYPERVISOR_XEN_HVM}};
    cleanup_free char *guest = NULL;

    if (source_text(survey->source, &guest, HYPERVISOR_FOLDER "/guest_type") < 0)
        return;
    for (size_t i = 0; i < VMS_LENGTH(kinds); i++)
        if (strcmp(guest, kinds[i].text) == 0)
            add_xen(clues, survey, kinds[i].id, guest, HYPERVISOR_FOLDER "/guest_type");
}

/* Bit 11 of Xen's feature words is XENFEAT_dom0. */
static void read_control(struct survey *survey, struct clues *clues) {
    cleanup_free char *features = NULL, *capabilities = NULL;

    if (source_text(survey->source, &capabilities, "/proc/xen/capabilities") == 0)
        add_xen(clues, survey, strstr(capabilities, "control_d") ? HYPERVISOR_XEN_DOM0 : HYPERVISOR_XEN,
                *capabilities ? capabilities : "(empty)", "/proc/xen/capabilities");
    if (source_text(survey->source, &features, HYPERVISOR_FOLDER "/properties/features") == 0 &&
        (strtoul(features, NULL, 16) >> 11 & 1))
        add_xen(clues, survey, HYPERVISOR_XEN_DOM0, "dom0 bit set", HYPERVISOR_FOLDER "/properties/features");
}

void clues_read_xen(struct survey *survey, struct clues *clues) {
    read_forced_cpuid(survey, clues);
    if (read_type(survey, clues))
        read_guest_type(survey, clues);
    read_control(survey, clues);
}
