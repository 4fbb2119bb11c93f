/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel found out when it started, and what it uses now. */
#include "base/cleanup.h"
#include "base/text.h"
#include "source/kernel_log.h"
#include "source/recorder.h"
#include "virtualization/clues.h"

#include <stddef.h>
#include <string.h>

/* A clue that the kernel gives for a row. */
static struct clue kernel_clue(const struct hypervisor *hypervisor) {
    return (struct clue){.strength = CLUE_KERNEL,
                         .meaning = !hypervisor             ? CLUE_SOME
                                    : hypervisor->interface ? CLUE_INTERFACE
                                                            : CLUE_NAMES,
                         .hypervisor = hypervisor};
}

/* Whether the line speaks of a hypervisor, and of which. */
static bool judge_line(const char *message, struct clue *ret_clue) {
    static const char *const marks[] = {"Hypervisor detected: ", "Booting paravirtualized kernel on "};
    static const char bare[] = "bare hardware";
    const struct hypervisor *found;

    for (size_t i = 0; i < VMS_LENGTH(marks); i++) {
        const char *word = message + strlen(marks[i]);

        if (strncmp(message, marks[i], strlen(marks[i])) != 0)
            continue;
        *ret_clue = kernel_clue(clue_find_start(offsetof(struct hypervisor, kernel), word));
        if (strncmp(word, bare, strlen(bare)) == 0) /* no interface is used, whatever the hardware is */
            ret_clue->meaning = CLUE_NOTE;
        return true;
    }
    found = clue_find_start(offsetof(struct hypervisor, lines), message);
    *ret_clue = kernel_clue(found);
    return found != NULL;
}

/* The log is no file that reading records: the lines that count are. */
static void read_log(struct survey *survey, struct clues *clues) {
    cleanup_free char *text = kernel_log_read(survey->source), *kept = NULL;
    char *line, *rest = text;

    while (text && (line = strsep(&rest, "\n"))) {
        const char *message = kernel_log_message(line);
        cleanup_free char *encryption = NULL;
        struct clue clue;
        char *longer;

        if (judge_line(message, &clue))
            (void)clue_add(clues, survey, clue, message, "kernel log");
        else if (!kernel_log_encryption(message, &encryption))
            continue;
        if (!(longer = text_new("%s%s\n", kept ? kept : "", message))) {
            survey->out_of_memory = true;
            return;
        }
        free(kept);
        kept = longer;
    }
    if (kept && source_is_live(survey->source))
        recorder_bytes(survey->source->recorder, "/dev/kmsg", kept, strlen(kept));
}

/* A paravirtual clock is registered where its hypervisor was found: through CPUID, on x86. */
static void read_clocks(struct survey *survey, struct clues *clues) {
    static const char *const files[] = {"current_clocksource", "available_clocksource"};
    const struct hypervisor *last = NULL;

    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        cleanup_free char *text = NULL;
        char *word, *rest;

        if (source_text(survey->source, &text, "/sys/devices/system/clocksource/clocksource0/%s", files[i]) <
            0)
            continue;
        for (rest = text; (word = strsep(&rest, " "));) {
            struct clue clue = kernel_clue(clue_find_start(offsetof(struct hypervisor, clocks), word));

            if (!clue.hypervisor || clue.hypervisor == last)
                continue;
            clue.found_by = clue.hypervisor->interface;
            (void)clue_add(clues, survey, clue, word, "clocksource0/%s", files[i]);
            last = clue.hypervisor;
        }
    }
}

static void read_ptp(struct survey *survey, struct clues *clues) {
    struct source_names names;

    if (source_list(survey->source, &names, "/sys/class/ptp") < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *text = NULL;

        if (source_text(survey->source, &text, "/sys/class/ptp/%s/clock_name", names.names[i]) < 0)
            continue;
        for (size_t j = 0; j < n_hypervisors; j++)
            if (hypervisors[j].ptp && strcmp(text, hypervisors[j].ptp) == 0)
                (void)clue_add(clues, survey, kernel_clue(&hypervisors[j]), text,
                               "/sys/class/ptp/%s/clock_name", names.names[i]);
    }
    source_names_done(&names);
}

/* Devices on a hypervisor's own bus are more than its interface: they are what it provides. */
static void read_buses(struct survey *survey, struct clues *clues) {
    for (size_t i = 0; i < n_hypervisors; i++) {
        struct clue clue = kernel_clue(&hypervisors[i]);
        struct source_names names;

        if (!hypervisors[i].bus ||
            source_list(survey->source, &names, "/sys/bus/%s/devices", hypervisors[i].bus) < 0)
            continue;
        clue.meaning = CLUE_NAMES;
        if (names.n_names > 0)
            (void)clue_add(clues, survey, clue, names.names[0], "/sys/bus/%s/devices", hypervisors[i].bus);
        source_names_done(&names);
    }
}

/* The first place in the text where one of the row's texts stands, or NULL. */
static const char *place_of(const char *text, const struct hypervisor *hypervisor, const char **ret_saw) {
    for (size_t i = 0; i < HYPERVISOR_TEXTS && hypervisor->texts[i]; i++) {
        const char *found = strstr(text, hypervisor->texts[i]);

        *ret_saw = hypervisor->texts[i];
        if (found)
            return found;
    }
    return NULL;
}

/* Kernels that are processes of other kernels, and machines whose kernel describes its host in words. On
 * s390, /proc/sysinfo lists the partition first and then the hypervisors from the nearest outwards. */
static void read_texts(struct survey *survey, struct clues *clues) {
    static const char *const files[] = {"/proc/sys/kernel/version", "/proc/cpuinfo", "/proc/sysinfo"};

    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        const struct hypervisor *nearest = NULL;
        cleanup_free char *text = NULL;
        const char *first = NULL, *saw;

        if (source_text(survey->source, &text, "%s", files[i]) < 0)
            continue;
        for (size_t j = 0; j < n_hypervisors; j++) {
            const char *place = place_of(text, &hypervisors[j], &saw);
            bool nearer =
                place &&
                (!nearest || (nearest->kind == KIND_PARTITION) > (hypervisors[j].kind == KIND_PARTITION) ||
                 (nearest->kind == hypervisors[j].kind && place < first));

            first = nearer ? place : first;
            nearest = nearer ? &hypervisors[j] : nearest;
        }
        for (size_t j = 0; nearest && j < n_hypervisors; j++) {
            struct clue clue = kernel_clue(&hypervisors[j]);

            if (!place_of(text, &hypervisors[j], &saw))
                continue;
            clue.below = &hypervisors[j] != nearest;
            if (clue.hypervisor->kind == KIND_EMULATED) /* the monitor, whatever drives the processor */
                clue.strength = CLUE_FIRMWARE;
            (void)clue_add(clues, survey, clue, saw, "%s", files[i]);
        }
    }
}

void clues_read_kernel(struct survey *survey, struct clues *clues) {
    read_log(survey, clues);
    read_clocks(survey, clues);
    read_ptp(survey, clues);
    read_buses(survey, clues);
    read_texts(survey, clues);
}
