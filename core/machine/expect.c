/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/expect.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/units.h"
#include "virtualization/driver_family.h"
#include "virtualization/hypervisors.h"
#include "virtualization/virtualization.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define FOUND_SIZE 256

enum comparison { COMPARE_NAME, COMPARE_PATTERN, COMPARE_DRIVER, COMPARE_COUNT, COMPARE_BYTES };

static const struct rule {
    const char *key;
    enum comparison comparison;
    const char *fact; /* NULL: no fact of the machine's */
    const char *sentence;
} rules[] = {
    {"virtualization", COMPARE_NAME, NULL, "the nearest layer of virtualization, as `vmsuite env` names it"},
    {"container", COMPARE_NAME, NULL, "the container, as `vmsuite env` names it; \"none\" outside of one"},
    {"cpus", COMPARE_COUNT, "cpu.count", "processors that are online: 2, \">=2\" or \"<=2\""},
    {"memory", COMPARE_BYTES, "memory.total_bytes",
     "memory: \"512MiB\" (within 75% to 102% of it, since kernels keep some), \">=4GiB\" or \"<=4GiB\""},
    {"kernel", COMPARE_PATTERN, "kernel.release", "the kernel's release, as a shell pattern: \"6.1.*\""},
    {"cpu_model", COMPARE_PATTERN, "cpu.model", "the processor's model, as a shell pattern"},
    {"architecture", COMPARE_NAME, "kernel.architecture", "the architecture: \"x86_64\", \"aarch64\""},
    {"clock_source", COMPARE_NAME, "clock.source", "the kernel's clock source: \"tsc\", \"kvm-clock\""},
    {"disk_driver", COMPARE_DRIVER, "storage.driver",
     "the driver of the disk under the scratch folder (\"virtio_blk\"), or its family (\"virtio\", \"xen\", "
     "\"emulated\")"},
    {"network_driver", COMPARE_DRIVER, "network.driver",
     "the driver of the default route's card (\"e1000\"), or its family"},
    {"network_path", COMPARE_NAME, NULL,
     "the path of network cases to the peer: \"loopback\" or \"network\""},
};

const char *const expectation_keys[] = {"virtualization", "container",      "cpus",         "memory",
                                        "kernel",         "cpu_model",      "architecture", "clock_source",
                                        "disk_driver",    "network_driver", "network_path", NULL};

const char *expectation_sentence(const char *key) {
    for (size_t i = 0; i < VMS_LENGTH(rules); i++)
        if (strcmp(rules[i].key, key) == 0)
            return rules[i].sentence;
    return NULL;
}

/* Whether a layer's name is one of the list; else a sentence with the nearest one. */
static int validate_name(const struct expectation *expectation, struct vms_error *error) {
    bool container = strcmp(expectation->key, "container") == 0;
    size_t n;
    const char *const *names = container ? container_names(&n) : virtualization_names(&n);
    char phrase[SUGGEST_SIZE];

    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], expectation->value) == 0)
            return 0;
    return error_set(
        error, -EINVAL, "there is no %s called \"%s\"%s (`vmsuite env` says what this machine is)",
        expectation->key, expectation->value, suggest_phrase(expectation->value, names, n, phrase));
}

static const struct rule *find_rule(const char *key) {
    for (size_t i = 0; i < VMS_LENGTH(rules); i++)
        if (strcmp(rules[i].key, key) == 0)
            return &rules[i];
    return NULL;
}

/* The amount behind ">=", "<=" or nothing. */
static int parse_amount(const struct rule *rule, const char *value, uint64_t *ret_amount,
                        struct vms_error *error) {
    if (strncmp(value, ">=", 2) == 0 || strncmp(value, "<=", 2) == 0)
        value += 2;
    value += strspn(value, " ");
    return rule->comparison == COMPARE_BYTES ? units_parse_bytes(value, ret_amount, error)
                                             : units_parse_count(value, ret_amount, error);
}

int expectation_validate(const struct expectation *expectation, struct vms_error *error) {
    const struct rule *rule = find_rule(expectation->key);
    struct vms_error inner = {""};
    uint64_t amount;

    if (!rule) {
        char phrase[SUGGEST_SIZE];

        return error_set(
            error, -EINVAL, "unknown expectation \"%s\"%s", expectation->key,
            suggest_phrase(expectation->key, expectation_keys, VMS_LENGTH(expectation_keys) - 1, phrase));
    }
    if (!*expectation->value)
        return error_set(error, -EINVAL, "\"%s\" must not be empty", expectation->key);
    if (rule->comparison >= COMPARE_COUNT && parse_amount(rule, expectation->value, &amount, &inner) < 0)
        return error_set(error, -EINVAL,
                         "\"%s\" must be an amount, with \">=\" or \"<=\" before it or alone: %.300s",
                         expectation->key, inner.text);
    if (strcmp(expectation->key, "network_path") == 0 && strcmp(expectation->value, "loopback") != 0 &&
        strcmp(expectation->value, "network") != 0)
        return error_set(error, -EINVAL, "\"network_path\" must be \"loopback\" or \"network\"");
    return rule->comparison == COMPARE_NAME && !rule->fact && strcmp(rule->key, "network_path") != 0
               ? validate_name(expectation, error)
               : 0;
}

static bool amount_holds(const struct rule *rule, const char *value, int64_t found) {
    uint64_t amount, have = found < 0 ? 0 : (uint64_t)found;

    if (parse_amount(rule, value, &amount, NULL) < 0)
        return false;
    if (strncmp(value, ">=", 2) == 0)
        return have >= amount;
    if (strncmp(value, "<=", 2) == 0)
        return have <= amount;
    if (rule->comparison == COMPARE_COUNT)
        return have == amount;
    return (double)have >= 0.75 * (double)amount && (double)have <= 1.02 * (double)amount;
}

/* Appends a line. 1, one more claim that does not hold, or -ENOMEM, which leaves it as it was. */
static int append_line(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int append_line(char **text, const char *format, ...) {
    cleanup_free char *line = NULL;
    char *longer;
    va_list arguments;

    va_start(arguments, format);
    line = text_new_from(format, arguments);
    va_end(arguments);
    longer = line ? text_new("%s%s%s", *text ? *text : "", *text ? "\n" : "", line) : NULL;
    if (!longer)
        return -ENOMEM;
    free(*text);
    *text = longer;
    return 1;
}

/* The evidence of one layer in a sentence: "CPUID 0x40000000 said \"KVMKVMKVM\"; ...". */
static char *evidence_of(const struct machine *machine, bool container) {
    char *text = strdup("");

    for (size_t i = 0; text && i < machine->n_evidence; i++) {
        const struct machine_evidence *evidence = &machine->evidence[i];
        char *longer;

        if (!evidence->points_to || (evidence->strength == NULL) != container)
            continue;
        longer = text_new("%s%s%s said \"%s\"", text, *text ? "; " : "", evidence->source, evidence->saw);
        free(text);
        text = longer;
    }
    return text;
}

static int check_layer(const struct machine *machine, const struct expectation *expectation,
                       char **sentences) {
    bool container = strcmp(expectation->key, "container") == 0;
    const char *found = container ? machine->container : machine->virtualization;
    cleanup_free char *evidence = NULL;

    if (strcmp(found, expectation->value) == 0)
        return 0;
    evidence = evidence_of(machine, container);
    if (!evidence)
        return -ENOMEM;
    return append_line(sentences, "expected %s \"%s\", but this machine's is \"%s\": %s", expectation->key,
                       expectation->value, found, *evidence ? evidence : "no evidence of another was found");
}

/* The family of a driver's device; where there is no hypervisor, nothing is emulated. */
static const char *family_of(const struct machine *machine, const char *driver) {
    const char *family = driver_family(driver);
    bool real = strcmp(machine->virtualization, virtualization_native) == 0;

    return family && real && !driver_is_paravirtual(driver) ? NULL : family;
}

static bool fact_holds(const struct machine *machine, const struct rule *rule, const char *value,
                       const struct machine_fact *fact) {
    const char *family;

    if (rule->comparison >= COMPARE_COUNT)
        return fact->type == FACT_INTEGER && amount_holds(rule, value, fact->integer);
    if (fact->type != FACT_TEXT)
        return false;
    if (rule->comparison == COMPARE_PATTERN)
        return fnmatch(value, fact->text, 0) == 0;
    if (strcmp(value, fact->text) == 0)
        return true;
    family = rule->comparison == COMPARE_DRIVER ? family_of(machine, fact->text) : NULL;
    return family && strcmp(value, family) == 0;
}

/* What was found, for people: "25276502016 (23.5 GiB)", "ata_piix (emulated)". */
static void format_found(const struct machine *machine, const struct rule *rule,
                         const struct machine_fact *fact, char ret_text[static FOUND_SIZE]) {
    const char *family = rule->comparison == COMPARE_DRIVER ? family_of(machine, fact->text) : NULL;

    if (rule->comparison == COMPARE_BYTES)
        (void)snprintf(ret_text, FOUND_SIZE, "%" PRId64 " bytes (%.1f GiB)", fact->integer,
                       (double)fact->integer / (1 << 30));
    else if (fact->type == FACT_INTEGER)
        (void)snprintf(ret_text, FOUND_SIZE, "%" PRId64, fact->integer);
    else
        (void)snprintf(ret_text, FOUND_SIZE, "%s%s%s%s", fact->text, family ? " (" : "", family ? family : "",
                       family ? ")" : "");
}

static int check_fact(const struct machine *machine, const struct rule *rule,
                      const struct expectation *expectation, char **sentences) {
    const struct machine_fact *fact = machine_find(machine, rule->fact);
    char found[FOUND_SIZE];

    if (!fact || fact->status != FACT_VALUE)
        return append_line(sentences, "expected %s \"%s\", but that cannot be determined here: %s",
                           expectation->key, expectation->value, fact ? fact->text : "it was not looked for");
    if (fact_holds(machine, rule, expectation->value, fact))
        return 0;
    format_found(machine, rule, fact, found);
    return append_line(sentences, "expected %s \"%s\", but found \"%s\" in %s", expectation->key,
                       expectation->value, found, fact->source);
}

static int check_path(const char *path, const struct expectation *expectation, char **sentences) {
    if (!path || strcmp(path, expectation->value) == 0)
        return 0;
    return append_line(sentences,
                       "expected network_path \"%s\", but the peer of this run is reached over \"%s\"",
                       expectation->value, path);
}

int expectations_check(const struct machine *machine, const struct expectation *expectations, size_t n,
                       const char *network_path, char **ret_sentences) {
    cleanup_free char *sentences = NULL;
    int broken = 0;

    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = find_rule(expectations[i].key);
        int status = 0;

        if (rule && rule->fact)
            status = check_fact(machine, rule, &expectations[i], &sentences);
        else if (rule && strcmp(rule->key, "network_path") == 0)
            status = check_path(network_path, &expectations[i], &sentences);
        else if (rule)
            status = check_layer(machine, &expectations[i], &sentences);
        if (status < 0)
            return status;
        broken += status;
    }
    if (broken)
        *ret_sentences = TAKE(sentences);
    return broken;
}
