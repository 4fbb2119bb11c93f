/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/clues.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a clue speaks for, as evidence says it. */
static const char *points_to(const struct clue *clue) {
    switch (clue->meaning) {
    case CLUE_NAMES:
    case CLUE_INTERFACE:
    case CLUE_SUPPORTS:
        return clue->hypervisor->name;
    case CLUE_SOME:
        return virtualization_some;
    case CLUE_NATIVE:
        return virtualization_native;
    case CLUE_NOTE:
        break;
    }
    return NULL;
}

struct clue *clue_add(struct clues *clues, struct survey *survey, struct clue clue, const char *saw,
                      const char *source, ...) {
    struct clue *grown = realloc(clues->clues, (clues->n_clues + 1) * sizeof(*grown));
    va_list arguments;
    char place[256];

    if (!grown) {
        survey->out_of_memory = true;
        return NULL;
    }
    va_start(arguments, source);
    (void)vsnprintf(place, sizeof(place), source, arguments);
    va_end(arguments);
    clues->clues = grown;
    grown += clues->n_clues++;
    *grown = clue;
    grown->evidence = survey->machine->n_evidence;
    evidence_add(survey, points_to(&clue), saw, "%s", place);
    return grown;
}

static const char *const *texts_at(size_t offset, const struct hypervisor *hypervisor) {
    return (const char *const *)(const void *)((const char *)hypervisor + offset);
}

const struct hypervisor *clue_find_word(size_t offset, const char *text) {
    for (size_t i = 0; i < n_hypervisors; i++) {
        const char *const *texts = texts_at(offset, &hypervisors[i]);

        for (size_t j = 0; j < HYPERVISOR_TEXTS && texts[j]; j++)
            if (text_has_word(text, texts[j]))
                return &hypervisors[i];
    }
    return NULL;
}

const struct hypervisor *clue_find_start(size_t offset, const char *text) {
    for (size_t i = 0; i < n_hypervisors; i++) {
        const char *const *texts = texts_at(offset, &hypervisors[i]);

        for (size_t j = 0; j < HYPERVISOR_TEXTS && texts[j]; j++)
            if (strncmp(text, texts[j], strlen(texts[j])) == 0)
                return &hypervisors[i];
    }
    return NULL;
}

void clues_read(struct survey *survey, struct clues *ret_clues) {
    struct cpuid_registers r;

    *ret_clues = (struct clues){.cpuid = survey->source->cpuid &&
                                         survey->source->cpuid(survey->source->context, 1, 0, &r)};
    clues_read_xen(survey, ret_clues);
    clues_read_kernel(survey, ret_clues);
    clues_read_firmware(survey, ret_clues);
    clues_read_dmi(survey, ret_clues);
    clues_read_cpuid(survey, ret_clues);
    clues_read_devices(survey, ret_clues);
}

void clues_done(struct clues *clues) {
    free(clues->clues);
    *clues = (struct clues){0};
}

const char *clue_strength_name(enum clue_strength strength) {
    static const char *const names[] = {[CLUE_KERNEL] = "kernel",
                                        [CLUE_FIRMWARE] = "firmware",
                                        [CLUE_CPUID] = "cpuid",
                                        [CLUE_DEVICE] = "device",
                                        [CLUE_PROCESSOR] = "processor"};

    return names[strength];
}

const char *clue_role_name(enum clue_role role) {
    static const char *const names[] = {
        [ROLE_NONE] = NULL,       [ROLE_NEAREST] = "nearest",     [ROLE_BELOW] = "below",
        [ROLE_AGREES] = "agrees", [ROLE_DISAGREES] = "disagrees", [ROLE_SET_ASIDE] = "set-aside"};

    return names[role];
}
