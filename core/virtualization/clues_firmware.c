/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ACPI tables and the device tree. */
#include "base/cleanup.h"
#include "virtualization/clouds.h"
#include "virtualization/clues.h"

#include <stddef.h>
#include <string.h>

/* ACPI specification: headers hold an OEM id in bytes 10 to 15; table FACP, of revision 6 and later, the
 * vendor of the hypervisor in bytes 268 to 275. */
#define HEADER_SIZE 36
#define VENDOR_AT 268
#define VENDOR_SIZE 8

static void copy_text(const char *bytes, size_t size, char *ret_text) {
    for (size_t i = 0; i < size; i++)
        ret_text[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : ' ';
    ret_text[size] = '\0';
}

static void read_vendor(struct survey *survey, struct clues *clues, const char *bytes, size_t size) {
    struct clue clue = {.strength = CLUE_FIRMWARE};
    char vendor[VENDOR_SIZE + 1];

    if (size < VENDOR_AT + VENDOR_SIZE || bytes[8] < 6)
        return;
    copy_text(bytes + VENDOR_AT, VENDOR_SIZE, vendor);
    if (vendor[strspn(vendor, " ")] == '\0')
        return;
    clue.hypervisor = clue_find_start(offsetof(struct hypervisor, acpi), vendor); /* "FIRECKVM" */
    clue.meaning = clue.hypervisor ? CLUE_NAMES : CLUE_NOTE;
    (void)clue_add(clues, survey, clue, vendor, "ACPI table FACP, hypervisor vendor");
}

/* True where the table names a hypervisor. */
static bool read_table(struct survey *survey, struct clues *clues, const char *table) {
    struct clue clue = {.strength = CLUE_FIRMWARE, .meaning = CLUE_NAMES};
    cleanup_free char *bytes = NULL;
    char oem[7];
    size_t size;
    int status = source_bytes(survey->source, VENDOR_AT + VENDOR_SIZE, &bytes, &size,
                              "/sys/firmware/acpi/tables/%s", table);

    if (status == -EACCES || status == -EPERM)
        (void)clue_add(clues, survey, (struct clue){.strength = CLUE_FIRMWARE, .meaning = CLUE_NOTE},
                       "not readable without root", "ACPI table %s", table);
    if (status < 0 || size < HEADER_SIZE)
        return false;
    copy_text(bytes + 10, 6, oem);
    clue.hypervisor = clue_find_word(offsetof(struct hypervisor, acpi), oem);
    if (clue.hypervisor)
        (void)clue_add(clues, survey, clue, oem, "ACPI table %s, OEM id", table);
    if (strcmp(table, "FACP") == 0)
        read_vendor(survey, clues, bytes, size);
    return clue.hypervisor;
}

static void read_acpi(struct survey *survey, struct clues *clues) {
    static const char *const tables[] = {"FACP", "DSDT", "APIC"};

    for (size_t i = 0; i < VMS_LENGTH(tables); i++)
        if (read_table(survey, clues, tables[i]))
            break;
    if (source_exists(survey->source, "/sys/firmware/acpi/tables/WAET"))
        (void)clue_add(clues, survey, (struct clue){.strength = CLUE_FIRMWARE, .meaning = CLUE_SOME},
                       "present (devices are emulated)", "ACPI table WAET");
}

/* A property that is a list of texts, with blanks between them. */
static char *read_list(const struct machine_source *source, const char *file) {
    char *bytes;
    size_t size;

    if (source_bytes(source, 4096, &bytes, &size, "/proc/device-tree/%s", file) < 0)
        return NULL;
    while (size > 0 && (!bytes[size - 1] || bytes[size - 1] == '\n'))
        bytes[--size] = '\0';
    for (size_t i = 0; i < size; i++)
        bytes[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : ' ';
    return bytes;
}

static bool has_maker(char *compatible) {
    char *word, *rest = compatible;

    while ((word = strsep(&rest, " ")))
        if (maker_of_board(word))
            return true;
    return false;
}

/* Nodes count where no name stands: QEMU writes some of PowerVM's, too. */
static bool read_nodes(struct survey *survey, struct clues *clues) {
    for (size_t i = 0; i < n_hypervisors; i++)
        for (size_t j = 0; j < HYPERVISOR_TEXTS && hypervisors[i].nodes[j]; j++) {
            if (!source_exists(survey->source, "/proc/device-tree/%s", hypervisors[i].nodes[j]))
                continue;
            (void)clue_add(clues, survey,
                           (struct clue){.strength = CLUE_FIRMWARE,
                                         .meaning = CLUE_NAMES,
                                         .hypervisor = &hypervisors[i]},
                           "present", "/proc/device-tree/%s", hypervisors[i].nodes[j]);
            return true;
        }
    return false;
}

static void read_tree(struct survey *survey, struct clues *clues) {
    static const char *const files[] = {"hypervisor/compatible", "compatible", "fw-cfg@9020000/compatible"};
    bool named = false;

    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        cleanup_free char *text = read_list(survey->source, files[i]);
        struct clue clue = {.strength = CLUE_FIRMWARE, .meaning = CLUE_NAMES};

        if (!text)
            continue;
        clue.hypervisor = clue_find_word(offsetof(struct hypervisor, tree), text);
        /* The node "hypervisor" is there for guests only; "dummy-virt" is what Linux calls a machine without
         * hardware. */
        if (!clue.hypervisor)
            clue.meaning = i == 0 || strstr(text, "linux,dummy-virt") ? CLUE_SOME : CLUE_NOTE;
        named |= clue.hypervisor != NULL;
        (void)clue_add(clues, survey, clue, text, "/proc/device-tree/%s", files[i]);
    }
    named = named || read_nodes(survey, clues);
    if (!named) {
        cleanup_free char *text = read_list(survey->source, "compatible");

        if (text && has_maker(text))
            (void)clue_add(clues, survey, (struct clue){.strength = CLUE_FIRMWARE, .meaning = CLUE_NATIVE},
                           "a hardware maker", "/proc/device-tree/compatible");
    }
}

void clues_read_firmware(struct survey *survey, struct clues *clues) {
    read_acpi(survey, clues);
    read_tree(survey, clues);
}
