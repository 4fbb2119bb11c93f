/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule on clues alone: what is stronger, what is no name, what is the layer below. Whole machines are in
 * test_detection.c and test_machines.c. */
#include "unit/descriptors.h"
#include "virtualization/verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CLUES_MAX 8

struct row {
    enum clue_strength strength;
    enum clue_meaning meaning;
    const char *hypervisor; /* NULL: none */
    bool below, found_by;
    enum clue_role role; /* that it has to get */
};

static struct verdict reach(const struct row *rows, size_t n, bool cpuid_ours) {
    struct clue list[CLUES_MAX];
    struct clues clues = {.clues = list, .n_clues = n, .cpuid = true, .cpuid_ours = cpuid_ours};
    struct verdict verdict;

    for (size_t i = 0; i < n; i++)
        list[i] = (struct clue){.strength = rows[i].strength,
                                .meaning = rows[i].meaning,
                                .hypervisor = rows[i].hypervisor ? hypervisor_find(rows[i].hypervisor) : NULL,
                                .below = rows[i].below,
                                .found_by = rows[i].found_by};
    verdict_reach(&clues, &verdict);
    for (size_t i = 0; i < n; i++)
        if (list[i].role != rows[i].role)
            fail_msg("clue %zu has role %s, not %s", i, clue_role_name(list[i].role),
                     clue_role_name(rows[i].role));
    return verdict;
}

static void assert_layers(const struct verdict *verdict, const char *name, const char *below,
                          const char *kind) {
    assert_string_equal(verdict->name, name);
    assert_string_equal(verdict->below ? verdict->below->name : "-", below ? below : "-");
    assert_string_equal(verdict->kind, kind);
}

static void reach__no_clue_is_unknown_and_native_needs_its_own(void **state) {
    static const struct row bare[] = {{CLUE_CPUID, CLUE_NATIVE, NULL, false, false, ROLE_NEAREST}};
    static const struct row note[] = {{CLUE_FIRMWARE, CLUE_NOTE, NULL, false, false, ROLE_NONE}};
    static const struct row bit[] = {{CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_NEAREST}};
    struct verdict verdict = reach(NULL, 0, true);

    (void)state;
    assert_layers(&verdict, "unknown", NULL, "unknown");
    verdict = reach(note, 1, true);
    assert_layers(&verdict, "unknown", NULL, "unknown");
    verdict = reach(bare, 1, true);
    assert_layers(&verdict, "native", NULL, "none");
    verdict = reach(bit, 1, true);
    assert_layers(&verdict, "unknown-hypervisor", NULL, "unknown");
}

static void reach__an_interface_is_no_name(void **state) {
    static const struct row leaf[] = {{CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_AGREES},
                                      {CLUE_CPUID, CLUE_INTERFACE, "hyper-v", false, false, ROLE_AGREES},
                                      {CLUE_KERNEL, CLUE_INTERFACE, "hyper-v", false, true, ROLE_AGREES}};
    static const struct row firmware[] = {{CLUE_CPUID, CLUE_INTERFACE, "hyper-v", false, false, ROLE_AGREES},
                                          {CLUE_FIRMWARE, CLUE_NAMES, "hyper-v", false, false, ROLE_NEAREST}};
    static const struct row other[] = {{CLUE_CPUID, CLUE_INTERFACE, "kvm", false, false, ROLE_AGREES},
                                       {CLUE_KERNEL, CLUE_INTERFACE, "kvm", false, false, ROLE_AGREES},
                                       {CLUE_DEVICE, CLUE_NAMES, "virtualbox", false, false, ROLE_NEAREST}};
    /* Of a layer that nobody names: what is offered below it, too, may be its own. */
    static const struct row offered[] = {{CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_NEAREST},
                                         {CLUE_CPUID, CLUE_INTERFACE, "kvm", true, false, ROLE_AGREES}};
    struct verdict verdict;

    (void)state;
    verdict = reach(offered, 2, true);
    assert_layers(&verdict, "unknown-hypervisor", NULL, "unknown");
    verdict = reach(firmware, 2, true);
    assert_layers(&verdict, "hyper-v", NULL, "hardware-assisted guest");
    verdict = reach(other, 3, true);
    assert_layers(&verdict, "virtualbox", NULL, "hardware-assisted guest");
    assert_string_equal(verdict.used->name, "kvm");
    {
        struct row rows[3] = {leaf[0], leaf[1], leaf[2]};

        rows[0].role = ROLE_NEAREST; /* that there is a hypervisor is all that is known */
        verdict = reach(rows, 3, true);
    }
    assert_layers(&verdict, "unknown-hypervisor", NULL, "unknown");
    assert_string_equal(verdict.used->name, "hyper-v");
}

static void reach__firmware_is_nearer_than_cpuid(void **state) {
    static const struct row rows[] = {{CLUE_FIRMWARE, CLUE_NAMES, "virtualbox", false, false, ROLE_NEAREST},
                                      {CLUE_CPUID, CLUE_NAMES, "vmware", false, false, ROLE_BELOW}};
    struct verdict verdict = reach(rows, 2, true);

    (void)state;
    assert_layers(&verdict, "virtualbox", "vmware", "hardware-assisted guest");
}

static void reach__cpuid_of_another_processor_is_below(void **state) {
    static const struct row rows[] = {{CLUE_KERNEL, CLUE_INTERFACE, "pvm", false, false, ROLE_AGREES},
                                      {CLUE_KERNEL, CLUE_INTERFACE, "kvm", false, true, ROLE_AGREES},
                                      {CLUE_FIRMWARE, CLUE_NAMES, "firecracker", false, false, ROLE_NEAREST},
                                      {CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_AGREES},
                                      {CLUE_CPUID, CLUE_NAMES, "bhyve", true, false, ROLE_BELOW}};
    struct verdict verdict = reach(rows, 5, false);

    (void)state;
    assert_layers(&verdict, "firecracker", "bhyve", "paravirtualised guest");
    assert_string_equal(verdict.used->name, "pvm");
}

static void reach__a_clock_without_its_leaf_is_set_aside(void **state) {
    static const struct row rows[] = {{CLUE_KERNEL, CLUE_INTERFACE, "kvm", false, true, ROLE_SET_ASIDE},
                                      {CLUE_FIRMWARE, CLUE_NAMES, "qemu", false, false, ROLE_NEAREST},
                                      {CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_AGREES}};
    struct verdict verdict = reach(rows, 3, true);

    (void)state;
    assert_layers(&verdict, "qemu", NULL, "accelerator unknown");
}

static void reach__the_kernel_is_stronger_than_firmware(void **state) {
    static const struct row rows[] = {{CLUE_KERNEL, CLUE_INTERFACE, "kvm", false, false, ROLE_NEAREST},
                                      {CLUE_FIRMWARE, CLUE_NAMES, "vmware", false, false, ROLE_DISAGREES},
                                      {CLUE_CPUID, CLUE_INTERFACE, "kvm", false, false, ROLE_AGREES}};
    struct verdict verdict = reach(rows, 3, true);

    (void)state;
    assert_layers(&verdict, "kvm", NULL, "hardware-assisted guest");
}

static void reach__xen_guests_show_what_is_below(void **state) {
    static const struct row rows[] = {{CLUE_KERNEL, CLUE_NAMES, "xen-pv", false, false, ROLE_AGREES},
                                      {CLUE_KERNEL, CLUE_NAMES, "xen-dom0", false, false, ROLE_NEAREST},
                                      {CLUE_FIRMWARE, CLUE_NAMES, "qemu", false, false, ROLE_BELOW},
                                      {CLUE_CPUID, CLUE_NAMES, "qemu", false, false, ROLE_BELOW},
                                      {CLUE_CPUID, CLUE_SOME, NULL, false, false, ROLE_AGREES}};
    struct verdict verdict = reach(rows, 5, true);

    (void)state;
    assert_layers(&verdict, "xen-dom0", "qemu", "control domain");
}

static void reach__old_kernels_do_not_say_which_xen(void **state) {
    static const struct row pv[] = {{CLUE_KERNEL, CLUE_NAMES, "xen", false, false, ROLE_NEAREST},
                                    {CLUE_CPUID, CLUE_NATIVE, NULL, false, false, ROLE_BELOW}};
    static const struct row pvh[] = {{CLUE_KERNEL, CLUE_NAMES, "xen", false, false, ROLE_NEAREST},
                                     {CLUE_CPUID, CLUE_NAMES, "xen", false, false, ROLE_AGREES}};
    static const struct row hvm[] = {{CLUE_KERNEL, CLUE_NAMES, "xen", false, false, ROLE_AGREES},
                                     {CLUE_FIRMWARE, CLUE_NAMES, "xen-hvm", false, false, ROLE_NEAREST},
                                     {CLUE_CPUID, CLUE_NAMES, "xen", false, false, ROLE_AGREES}};
    struct verdict verdict = reach(pv, 2, true);

    (void)state;
    assert_layers(&verdict, "xen-pv", NULL, "paravirtualised guest");
    verdict = reach(pvh, 2, true);
    assert_layers(&verdict, "xen-pvh", NULL, "hardware-assisted guest");
    verdict = reach(hvm, 3, true);
    assert_layers(&verdict, "xen-hvm", NULL, "hardware-assisted guest");
}

static void reach__an_emulated_processor_is_a_layer(void **state) {
    static const struct row kvm[] = {{CLUE_KERNEL, CLUE_INTERFACE, "kvm", false, false, ROLE_NEAREST},
                                     {CLUE_PROCESSOR, CLUE_NAMES, "qemu", false, false, ROLE_BELOW}};
    static const struct row qemu[] = {{CLUE_FIRMWARE, CLUE_NAMES, "qemu", false, false, ROLE_NEAREST},
                                      {CLUE_PROCESSOR, CLUE_NAMES, "qemu", false, false, ROLE_AGREES}};
    struct verdict verdict = reach(kvm, 2, true);

    (void)state;
    assert_layers(&verdict, "kvm", "qemu", "hardware-assisted guest");
    verdict = reach(qemu, 2, true);
    assert_layers(&verdict, "qemu", NULL, "emulation");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reach__no_clue_is_unknown_and_native_needs_its_own),
        cmocka_unit_test(reach__an_interface_is_no_name),
        cmocka_unit_test(reach__firmware_is_nearer_than_cpuid),
        cmocka_unit_test(reach__cpuid_of_another_processor_is_below),
        cmocka_unit_test(reach__a_clock_without_its_leaf_is_set_aside),
        cmocka_unit_test(reach__the_kernel_is_stronger_than_firmware),
        cmocka_unit_test(reach__xen_guests_show_what_is_below),
        cmocka_unit_test(reach__old_kernels_do_not_say_which_xen),
        cmocka_unit_test(reach__an_emulated_processor_is_a_layer),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
