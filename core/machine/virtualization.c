/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization.h"

#include "cleanup.h"

#include <string.h>

/* Rows that a Xen PV guest sees of the layer below itself. */
static bool shows_layer_below(const struct machine_evidence *evidence) {
    static const char *const sources[] = {"CPUID ", "DMI ", "/sys/class/dmi/",
                                          "ACPI ",  "PCI ", "/sys/class/ptp/"};

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strncmp(evidence->source, sources[i], strlen(sources[i])) == 0)
            return true;
    return false;
}

/* Tells every piece of evidence that speaks against the judgement. */
static void tell_disagreement(struct reader *reader, const char *judged) {
    bool pv = strcmp(judged, "xen-pv") == 0 || strcmp(judged, "xen-dom0") == 0;
    cleanup_free char *told = NULL;

    for (size_t i = 0; i < reader->machine->n_evidence; i++) {
        const struct machine_evidence *evidence = &reader->machine->evidence[i];
        char *longer;

        if (!evidence->source || !evidence->saw || clues_agree(judged, evidence->points_to) ||
            (pv && shows_layer_below(evidence)))
            continue;
        if (asprintf(&longer, "%s%s%s said \"%s\", which speaks for %s", told ? told : "", told ? "; " : "",
                     evidence->source, evidence->saw, evidence->points_to) < 0) {
            reader->out_of_memory = true;
            return;
        }
        free(told);
        told = longer;
    }
    if (told)
        fact_text(reader, "virtualization.disagreement", told, "evidence");
    else
        fact_none(reader, "virtualization.disagreement", FACT_NOT_APPLICABLE, "all evidence agrees",
                  "evidence");
}

static void tell_layers(struct reader *reader, const struct clues *clues, const char *judged) {
    const char *below = clues_layer_below(clues, judged);
    cleanup_free char *text = NULL;

    if (!below)
        fact_none(reader, "virtualization.layers", FACT_NOT_APPLICABLE, "one layer is seen", "evidence");
    else if (asprintf(&text, "%s on %s", judged, below) < 0)
        reader->out_of_memory = true;
    else
        fact_text(reader, "virtualization.layers", text, "evidence");
}

/* A device node is no proof that guests run: only a booted guest is. */
static void tell_accelerator(struct reader *reader) {
    if (source_exists(reader->source, "/dev/kvm"))
        fact_text(reader, "accelerator.kvm", "device node present, not tried", "/dev/kvm");
    else
        fact_none(reader, "accelerator.kvm", FACT_NOT_APPLICABLE, "no device node", "/dev/kvm");
}

void read_virtualization(struct reader *reader) {
    struct clues clues;
    const char *judged;

    clues_read(reader, &clues);
    judged = clues_judge(&clues);
    reader->machine->virtualization = judged;
    fact_text(reader, "virtualization.kind", virtualization_kind(judged), "evidence");
    tell_layers(reader, &clues, judged);
    tell_disagreement(reader, judged);
    tell_accelerator(reader);
    if (strncmp(judged, "xen", 3) == 0) {
        cleanup_free char *major = NULL, *minor = NULL, *extra = NULL, *version = NULL;

        if (source_text(reader->source, &major, "/sys/hypervisor/version/major") == 0 &&
            source_text(reader->source, &minor, "/sys/hypervisor/version/minor") == 0 &&
            source_text(reader->source, &extra, "/sys/hypervisor/version/extra") == 0 &&
            asprintf(&version, "%s.%s%s", major, minor, extra) > 0)
            fact_text(reader, "virtualization.version", version, "/sys/hypervisor/version");
    }
}
