/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processor, topology and mitigations, from sysfs and /proc/cpuinfo. */
#include "machine/cpu.h"

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/text.h"
#include "source/recorder.h"

#include <ctype.h>
#include <string.h>

char *cpuinfo_value(const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *colon;

        line += *line == '\n';
        if (strncasecmp(line, key, length) != 0 ||
            (line[length] != '\t' && line[length] != ' ' && line[length] != ':'))
            continue;
        colon = line + length + strspn(line + length, " \t");
        if (*colon != ':')
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        return strndup(colon, strcspn(colon, "\n"));
    }
    return NULL;
}

bool cpu_is_folder(const char *name) {
    return strncmp(name, "cpu", 3) == 0 && isdigit((unsigned char)name[3]);
}

static void cpuinfo_fact(struct survey *survey, const char *name, const char *text, const char *key,
                         const char *why) {
    cleanup_free char *value = text ? cpuinfo_value(text, key) : NULL;

    if (value && *value)
        fact_text(survey, name, value, CPUINFO);
    else
        fact_none(survey, name, FACT_UNKNOWN, why, CPUINFO);
}

/* What one processor's part of /proc/cpuinfo calls it; ARM's has numbers only. NULL: it does not say. */
static char *model_of(const char *part) {
    cleanup_free char *model = cpuinfo_value(part, "model name");
    cleanup_free char *implementer = cpuinfo_value(part, "CPU implementer");
    cleanup_free char *number = cpuinfo_value(part, "CPU part");
    char *both = NULL;

    if (model)
        return TAKE(model);
    if (implementer && number)
        both = text_new("implementer %s part %s", implementer, number);
    return both;
}

#define BETWEEN_MODELS "; " /* their names may hold commas */

/* Appends a model unless it is there. */
static int add_model(char **all, const char *model) {
    size_t length = strlen(model);
    char *longer;

    for (const char *one = *all; one; one = strstr(one, BETWEEN_MODELS)) {
        one += strncmp(one, BETWEEN_MODELS, strlen(BETWEEN_MODELS)) == 0 ? strlen(BETWEEN_MODELS) : 0;
        if (strncmp(one, model, length) == 0 && (one[length] == ';' || one[length] == '\0'))
            return 0;
    }
    if (!(longer = text_new("%s%s%s", *all ? *all : "", *all ? BETWEEN_MODELS : "", model)))
        return -ENOMEM;
    free(*all);
    *all = longer;
    return 0;
}

/* Each model once: the processors of a machine may differ (big.LITTLE). Blank lines are between them. */
static void read_model(struct survey *survey, const char *text) {
    cleanup_free char *all = NULL, *parts = strdup(text);

    survey->out_of_memory |= !parts;
    for (char *part = parts, *next; part; part = next) {
        cleanup_free char *model = NULL;

        next = strstr(part, "\n\n");
        if (next) {
            *next = '\0';
            next += 2;
        }
        model = model_of(part);
        if (model)
            survey->out_of_memory |= add_model(&all, model) < 0;
    }
    if (all)
        fact_text(survey, "cpu.model", all, CPUINFO);
    else
        fact_none(survey, "cpu.model", FACT_UNKNOWN, "/proc/cpuinfo has no model name", CPUINFO);
}

static void read_cpuinfo(struct survey *survey) {
    static const char *const names[] = {"cpu.model", "cpu.vendor", "cpu.microcode"};
    cleanup_free char *text = NULL;
    int status = source_text(survey->source, &text, CPUINFO);

    if (status < 0) {
        for (size_t i = 0; i < VMS_LENGTH(names); i++)
            fact_failed(survey, names[i], status, FACT_UNKNOWN, "/proc/cpuinfo is not there", CPUINFO);
        return;
    }
    read_model(survey, text);
    cpuinfo_fact(survey, "cpu.vendor", text, "vendor_id", "/proc/cpuinfo has no vendor_id");
    cpuinfo_fact(survey, "cpu.microcode", text, "microcode", "/proc/cpuinfo has no microcode");
}

static void read_count(struct survey *survey) {
    static const char path[] = CPU_FOLDER "/online";
    cleanup_free char *text = NULL;
    int64_t count;
    int status = source_text(survey->source, &text, "%s", path);

    if (status == 0)
        status = cpus_count(text, &count);
    if (status == 0)
        fact_integer(survey, "cpu.count", count, path);
    else
        fact_failed(survey, "cpu.count", status, FACT_UNKNOWN, "sysfs does not list processors", path);
}

/* Kernels refuse a set that is smaller than theirs. */
static char *read_allowed(void) {
    for (size_t n = CPU_SETSIZE; n <= CPU_SETSIZE * 64; n *= 2) {
        cpu_set_t *set = CPU_ALLOC(n);
        size_t size = CPU_ALLOC_SIZE(n);
        char *text = set && sched_getaffinity(0, size, set) == 0 ? cpus_format(set, size) : NULL;

        CPU_FREE(set);
        if (text || errno != EINVAL)
            return text;
    }
    return NULL;
}

/* The processors that this process may use, as it was started: taskset(1), a cpuset, a service's
 * CPUAffinity=. */
static void read_affinity(struct survey *survey) {
    static const char name[] = "cpu.affinity", place[] = "/vmsuite/affinity";
    cleanup_free char *text = NULL;

    if (!source_is_live(survey->source)) {
        fact_file_text(survey, name, FACT_UNKNOWN, "the capture does not show it", place);
        return;
    }
    text = read_allowed();
    if (!text) {
        fact_none(survey, name, FACT_UNKNOWN, "the kernel does not show it", "sched_getaffinity");
        return;
    }
    recorder_bytes(survey->source->recorder, place, text, strlen(text));
    fact_text(survey, name, text, "sched_getaffinity");
}

/* How many different texts a topology file holds over all processors: sockets and cores. */
static int64_t count_different(const struct machine_source *source, const struct source_names *folders,
                               const char *file) {
    char **seen = calloc(folders->n_names + 1, sizeof(*seen));
    size_t n = 0;

    for (size_t i = 0; seen && i < folders->n_names; i++) {
        const char *name = folders->names[i];
        size_t at = 0;
        char *text;

        if (!cpu_is_folder(name) || source_text(source, &text, CPU_FOLDER "/%s/topology/%s", name, file) < 0)
            continue;
        while (at < n && strcmp(seen[at], text) != 0)
            at++;
        if (at == n)
            seen[n++] = text;
        else
            free(text);
    }
    for (size_t i = 0; i < n; i++)
        free(seen[i]);
    free(seen);
    return (int64_t)n;
}

static void read_topology(struct survey *survey) {
    static const struct {
        const char *name, *file;
    } levels[] = {{"cpu.cores", "thread_siblings_list"}, {"cpu.sockets", "physical_package_id"}};
    struct source_names folders = {0};

    (void)source_list(survey->source, &folders, CPU_FOLDER);
    for (size_t i = 0; i < VMS_LENGTH(levels); i++) {
        int64_t count = count_different(survey->source, &folders, levels[i].file);

        if (count > 0)
            fact_integer(survey, levels[i].name, count, CPU_FOLDER "/cpu*/topology");
        else
            fact_none(survey, levels[i].name, FACT_UNKNOWN, "sysfs reports no topology",
                      CPU_FOLDER "/cpu*/topology");
    }
    source_names_done(&folders);
}

static void read_smt(struct survey *survey) {
    static const char path[] = CPU_FOLDER "/smt/active";
    int64_t active;
    int status = source_integer(survey->source, &active, "%s", path);

    if (status == 0)
        fact_boolean(survey, "cpu.smt", active != 0, path);
    else
        fact_failed(survey, "cpu.smt", status, FACT_UNKNOWN, "the kernel does not report it", path);
}

static void read_mitigations(struct survey *survey) {
    static const char folder[] = CPU_FOLDER "/vulnerabilities";
    cleanup_free char *all = NULL;
    struct source_names names;
    int status = source_list(survey->source, &names, folder);

    if (status < 0) {
        fact_failed(survey, "cpu.mitigations", status, FACT_UNKNOWN, "the kernel does not report it", folder);
        return;
    }
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *text = NULL;
        char *longer;

        /* What does not touch this processor is left out, to keep the line readable. */
        if (source_text(survey->source, &text, "%s/%s", folder, names.names[i]) < 0 ||
            strcmp(text, "Not affected") == 0)
            continue;
        if (!(longer = text_new("%s%s%s: %s", all ? all : "", all ? "; " : "", names.names[i], text))) {
            survey->out_of_memory = true;
            break;
        }
        free(all);
        all = longer;
    }
    fact_text(survey, "cpu.mitigations", all ? all : "none needed", folder);
    source_names_done(&names);
}

void survey_cpu(struct survey *survey) {
    read_cpuinfo(survey);
    read_count(survey);
    read_affinity(survey);
    read_topology(survey);
    read_smt(survey);
    survey_cpu_frequency(survey);
    read_mitigations(survey);
}
