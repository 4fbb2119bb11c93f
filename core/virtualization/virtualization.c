/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/virtualization.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "virtualization/verdict.h"

#include <string.h>

/* All evidence with that role, in a sentence; NULL: there is none. */
static char *sentence_of(struct survey *survey, enum clue_role role, const char *format) {
    const char *name = clue_role_name(role);
    char *text = NULL;

    for (size_t i = 0; i < survey->machine->n_evidence; i++) {
        const struct machine_evidence *evidence = &survey->machine->evidence[i];
        char *longer;

        if (!evidence->role || evidence->role != name || !evidence->source || !evidence->saw)
            continue;
        if (!(longer = text_new("%s%s%s said \"%s\"%s%s", text ? text : "", text ? "; " : "",
                                evidence->source, evidence->saw, *format ? ", which points to " : "",
                                *format ? evidence->points_to : ""))) {
            survey->out_of_memory = true;
            break;
        }
        free(text);
        text = longer;
    }
    return text;
}

static void add_sentence(struct survey *survey, const char *name, enum clue_role role, const char *format,
                         const char *none) {
    cleanup_free char *text = sentence_of(survey, role, format);

    if (text)
        fact_text(survey, name, text, "evidence");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, none, "evidence");
}

static void add_layers(struct survey *survey, const struct verdict *verdict) {
    cleanup_free char *text = NULL;

    if (!verdict->below)
        fact_none(survey, "virtualization.layers", FACT_NOT_APPLICABLE, "one layer is seen", "evidence");
    else if (!(text = text_new("%s on %s", verdict->name, verdict->below->name)))
        survey->out_of_memory = true;
    else
        fact_text(survey, "virtualization.layers", text, "evidence");
    if (verdict->used)
        fact_text(survey, "virtualization.interface", verdict->used->name, "evidence");
    else
        fact_none(survey, "virtualization.interface", FACT_NOT_APPLICABLE,
                  "no paravirtual interface that several hypervisors offer", "evidence");
}

/* The processor's extensions for guests of its own: VMX (Intel SDM vol. 2A, CPUID 1, ECX bit 5) or SVM (AMD
 * APM vol. 3, CPUID 0x80000001, ECX bit 2). A guest that sees one can have nested guests. */
static void add_extensions(struct survey *survey) {
    static const char name[] = "accelerator.extensions";
    const struct machine_source *source = survey->source;
    struct cpuid_registers one, extended;

    if (!source->cpuid || !source->cpuid(source->context, 1, 0, &one) ||
        !source->cpuid(source->context, 0x80000001, 0, &extended))
        fact_none(survey, name, FACT_UNKNOWN, "CPUID does not show it", "CPUID");
    else if (one.ecx >> 5 & 1)
        fact_text(survey, name, "VMX", "CPUID 1");
    else if (extended.ecx >> 2 & 1)
        fact_text(survey, name, "SVM", "CPUID 0x80000001");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, "the processor shows neither VMX nor SVM", "CPUID");
}

/* A device node is no proof that guests run: only a booted guest is. */
static void add_accelerator(struct survey *survey) {
    add_extensions(survey);
    if (source_exists(survey->source, "/dev/kvm"))
        fact_text(survey, "accelerator.kvm", "device node present, not tried", "/dev/kvm");
    else
        fact_none(survey, "accelerator.kvm", FACT_NOT_APPLICABLE, "no device node", "/dev/kvm");
}

/* Of the hypervisors only Xen shows its version to every guest. */
static void add_version(struct survey *survey, const struct hypervisor *nearest) {
    static const char name[] = "virtualization.version", folder[] = "/sys/hypervisor/version";
    cleanup_free char *major = NULL, *minor = NULL, *extra = NULL, *version = NULL;

    if (!hypervisor_is_xen(nearest))
        fact_none(survey, name, FACT_NOT_APPLICABLE, "only Xen shows its version", folder);
    else if (source_text(survey->source, &major, "%s/major", folder) == 0 &&
             source_text(survey->source, &minor, "%s/minor", folder) == 0 &&
             source_text(survey->source, &extra, "%s/extra", folder) == 0 &&
             (version = text_new("%s.%s%s", major, minor, extra)))
        fact_text(survey, name, version, folder);
    else
        fact_none(survey, name, FACT_UNKNOWN, "this kernel does not show it", folder);
}

/* The evidence gets what the rule made of it. */
static void mark_evidence(struct survey *survey, const struct clues *clues) {
    for (size_t i = 0; i < clues->n_clues; i++) {
        const struct clue *clue = &clues->clues[i];

        if (clue->evidence >= survey->machine->n_evidence)
            continue;
        survey->machine->evidence[clue->evidence].strength = clue_strength_name(clue->strength);
        survey->machine->evidence[clue->evidence].role = clue_role_name(clue->role);
    }
}

void survey_virtualization(struct survey *survey) {
    struct verdict verdict;
    struct clues clues;

    clues_read(survey, &clues);
    verdict_reach(&clues, &verdict);
    mark_evidence(survey, &clues);
    clues_done(&clues);
    survey->machine->virtualization = verdict.name;
    fact_text(survey, "virtualization.kind", verdict.kind, "evidence");
    add_layers(survey, &verdict);
    add_sentence(survey, "virtualization.nearest_evidence", ROLE_NEAREST, "",
                 "there is no evidence of any layer");
    add_sentence(survey, "virtualization.below_evidence", ROLE_BELOW, "", "no layer below is seen");
    add_sentence(survey, "virtualization.disagreement", ROLE_DISAGREES, "points", "all evidence agrees");
    survey_confidential(survey);
    add_accelerator(survey);
    add_version(survey, verdict.nearest);
}
