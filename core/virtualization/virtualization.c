/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/virtualization.h"

#include "base/cleanup.h"

#include <string.h>

/* Rows that a Xen PV guest sees of the layer below itself. */
static bool shows_layer_below(const struct machine_evidence *evidence) {
    static const char *const sources[] = {"CPUID ", "DMI ", "/sys/class/dmi/", "model name",
                                          "ACPI ",  "PCI ", "/sys/class/ptp/"};

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strncmp(evidence->source, sources[i], strlen(sources[i])) == 0)
            return true;
    return false;
}

/* Tells every piece of evidence that speaks against the judgement. */
static void tell_disagreement(struct survey *survey, const char *judged) {
    bool pv = strcmp(judged, "xen-pv") == 0 || strcmp(judged, "xen-dom0") == 0;
    cleanup_free char *told = NULL;

    for (size_t i = 0; i < survey->machine->n_evidence; i++) {
        const struct machine_evidence *evidence = &survey->machine->evidence[i];
        char *longer;

        if (!evidence->source || !evidence->saw || clues_agree(judged, evidence->points_to) ||
            (pv && shows_layer_below(evidence)))
            continue;
        if (asprintf(&longer, "%s%s%s said \"%s\", which speaks for %s", told ? told : "", told ? "; " : "",
                     evidence->source, evidence->saw, evidence->points_to) < 0) {
            survey->out_of_memory = true;
            return;
        }
        free(told);
        told = longer;
    }
    if (told)
        fact_text(survey, "virtualization.disagreement", told, "evidence");
    else
        fact_none(survey, "virtualization.disagreement", FACT_NOT_APPLICABLE, "all evidence agrees",
                  "evidence");
}

static void tell_layers(struct survey *survey, const struct clues *clues, const char *judged) {
    const char *below = clues_layer_below(clues, judged);
    cleanup_free char *text = NULL;

    if (!below)
        fact_none(survey, "virtualization.layers", FACT_NOT_APPLICABLE, "one layer is seen", "evidence");
    else if (asprintf(&text, "%s on %s", judged, below) < 0)
        survey->out_of_memory = true;
    else
        fact_text(survey, "virtualization.layers", text, "evidence");
}

/* The processor's extensions for guests of its own: VMX (Intel SDM vol. 2A, CPUID 1, ECX bit 5) or SVM (AMD
 * APM vol. 3, CPUID 0x80000001, ECX bit 2). A guest that sees one can have nested guests. */
static void tell_extensions(struct survey *survey) {
    static const char name[] = "accelerator.extensions";
    const struct machine_source *source = survey->source;
    struct cpuid_registers one, extended;

    if (!source->cpuid || !source->cpuid(source->context, 1, 0, &one) ||
        !source->cpuid(source->context, 0x80000001, 0, &extended))
        fact_none(survey, name, FACT_UNKNOWN, "CPUID does not tell", "CPUID");
    else if (one.ecx >> 5 & 1)
        fact_text(survey, name, "VMX", "CPUID 1");
    else if (extended.ecx >> 2 & 1)
        fact_text(survey, name, "SVM", "CPUID 0x80000001");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, "the processor shows neither VMX nor SVM", "CPUID");
}

/* A device node is no proof that guests run: only a booted guest is. */
static void tell_accelerator(struct survey *survey) {
    tell_extensions(survey);
    if (source_exists(survey->source, "/dev/kvm"))
        fact_text(survey, "accelerator.kvm", "device node present, not tried", "/dev/kvm");
    else
        fact_none(survey, "accelerator.kvm", FACT_NOT_APPLICABLE, "no device node", "/dev/kvm");
}

/* Of the hypervisors only Xen tells its version to every guest. */
static void tell_version(struct survey *survey, const char *judged) {
    static const char name[] = "virtualization.version", folder[] = "/sys/hypervisor/version";
    cleanup_free char *major = NULL, *minor = NULL, *extra = NULL, *version = NULL;

    if (strncmp(judged, "xen", 3) != 0)
        fact_none(survey, name, FACT_NOT_APPLICABLE, "only Xen tells its version", folder);
    else if (source_text(survey->source, &major, "%s/major", folder) == 0 &&
             source_text(survey->source, &minor, "%s/minor", folder) == 0 &&
             source_text(survey->source, &extra, "%s/extra", folder) == 0 &&
             asprintf(&version, "%s.%s%s", major, minor, extra) > 0)
        fact_text(survey, name, version, folder);
    else
        fact_none(survey, name, FACT_UNKNOWN, "this kernel does not show it", folder);
}

void survey_virtualization(struct survey *survey) {
    struct clues clues;
    const char *judged;

    clues_read(survey, &clues);
    judged = clues_judge(&clues);
    survey->machine->virtualization = judged;
    fact_text(survey, "virtualization.kind", virtualization_kind(judged), "evidence");
    tell_layers(survey, &clues, judged);
    tell_disagreement(survey, judged);
    tell_accelerator(survey);
    tell_version(survey, judged);
}
