/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_guest.h"

#include "fakes/fake_tree.h"
#include "machine/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void write_text_leaf(FILE *out, uint32_t leaf, uint32_t eax, const char *text, bool ordered) {
    uint32_t words[4] = {0};

    memcpy(words, text, strlen(text) < sizeof(words) ? strlen(text) : sizeof(words));
    if (ordered) /* a piece of the brand */
        (void)fprintf(out, "%08x 0 %08x %08x %08x %08x\n", leaf, words[0], words[1], words[2], words[3]);
    else
        (void)fprintf(out, "%08x 0 %08x %08x %08x %08x\n", leaf, eax, words[0], words[1], words[2]);
}

static void write_cpuid(const struct fake_tree *tree, const struct guest *guest) {
    char text[4096] = "", brand[49] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");

    assert_non_null(out);
    (void)fprintf(out, "00000001 0 0 0 %s 0\n", guest->processor == BIT_SET ? "80000000" : "0");
    for (uint32_t i = 0; i < 2 && guest->signatures[i]; i++)
        write_text_leaf(out, 0x40000000 + 0x100 * i,
                        i              ? 0x40000101
                        : guest->cpuid ? 0x4000000c
                                       : 0x40000001,
                        guest->signatures[i], false);
    (void)snprintf(brand, sizeof(brand), "%s", guest->brand ? guest->brand : "");
    for (uint32_t i = 0; guest->brand && i < 3; i++)
        write_text_leaf(out, 0x80000002 + i, 0, brand + (size_t)16 * i, true);
    (void)fputs(guest->cpuid ? guest->cpuid : "", out);
    assert_int_equal(fclose(out), 0);
    fake_tree_write(tree, "/cpuid", text);
}

static void write_guest(const struct fake_tree *tree, const struct guest *guest) {
    if (guest->processor != NO_CPUID)
        write_cpuid(tree, guest);
    if (guest->acpi) {
        char table[36] = "FACP";

        memset(table + 10, ' ', 6);
        memcpy(table + 10, guest->acpi, strlen(guest->acpi));
        fake_tree_write_bytes(tree, "/sys/firmware/acpi/tables/FACP", table, sizeof(table));
    }
    for (size_t i = 0; i < FILES_MAX && guest->files[i].path; i++)
        fake_tree_write(tree, guest->files[i].path, guest->files[i].text);
}

static void assert_fact(const struct machine *machine, const char *name, const char *expected) {
    const struct machine_fact *fact = machine_find(machine, name);

    assert_non_null(fact);
    if (!expected && fact->status == FACT_VALUE)
        fail_msg("%s is \"%s\"", name, fact->text);
    if (!expected)
        return;
    assert_int_equal(fact->status, FACT_VALUE);
    assert_string_equal(fact->text, expected);
}

/* A fact has one answer, not a second one behind it. */
static void assert_each_once(const struct machine *machine) {
    for (size_t i = 0; i < machine->n_facts; i++)
        if (machine_find(machine, machine->facts[i].name) != &machine->facts[i])
            fail_msg("%s stands twice", machine->facts[i].name);
}

void fake_guest_is_recognised(void **state) {
    const struct guest *guest = *state;
    struct machine machine;
    void *made = NULL;
    struct fake_tree *tree;

    assert_int_equal(fake_tree_set_up(&made), 0);
    tree = made;
    write_guest(tree, guest);
    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    assert_string_equal(machine.virtualization, guest->virtualization);
    assert_string_equal(machine.container, guest->container ? guest->container : "none");
    assert_each_once(&machine);
    assert_fact(&machine, "virtualization.layers", guest->layers);
    assert_fact(&machine, "virtualization.kind", guest->kind);
    assert_fact(&machine, "virtualization.interface", guest->interface);
    assert_fact(&machine, "virtualization.confidential", guest->confidential);
    assert_fact(&machine, "virtualization.disagreement", NULL);
    machine_done(&machine);
    assert_int_equal(fake_tree_tear_down(&made), 0);
}
