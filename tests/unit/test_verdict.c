/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/virtualization.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void judge__nothing_virtual_is_native(void **state) {
    struct clues clues = {.cpuid = true, .firmware = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "native");
}

static void judge__nothing_readable_is_unknown(void **state) {
    struct clues clues = {0};

    (void)state;
    assert_string_equal(clues_judge(&clues), "unknown");
}

static void judge__bit_alone_is_some_hypervisor(void **state) {
    struct clues clues = {.cpuid = true, .hypervisor_bit = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "unknown-hypervisor");
}

static void judge__kvm_under_qemu_firmware_is_kvm(void **state) {
    struct clues clues = {
        .cpuid = true, .hypervisor_bit = true, .signatures = {"kvm"}, .n_signatures = 1, .dmi = "qemu"};

    (void)state;
    assert_string_equal(clues_judge(&clues), "kvm");
    assert_true(clues_agree("kvm", "qemu"));
    assert_false(clues_agree("kvm", "native"));
}

static void judge__monitor_with_kvm_interface_is_the_monitor(void **state) {
    struct clues clues = {.cpuid = true,
                          .hypervisor_bit = true,
                          .signatures = {"kvm"},
                          .n_signatures = 1,
                          .acpi = "firecracker"};

    (void)state;
    assert_string_equal(clues_judge(&clues), "firecracker");
    clues.acpi = NULL;
    clues.dmi = "virtualbox";
    assert_string_equal(clues_judge(&clues), "virtualbox");
    assert_true(clues_agree("virtualbox", "kvm"));
}

static void judge__firmware_cannot_overrule_cpuid(void **state) {
    struct clues clues = {.cpuid = true,
                          .hypervisor_bit = true,
                          .signatures = {"vmware"},
                          .n_signatures = 1,
                          .dmi = "virtualbox"};

    (void)state;
    assert_string_equal(clues_judge(&clues), "vmware");
    assert_false(clues_agree("vmware", "virtualbox"));
}

static void judge__hyper_v_interface_before_another_is_the_other(void **state) {
    struct clues clues = {
        .cpuid = true, .hypervisor_bit = true, .signatures = {"hyper-v", "kvm"}, .n_signatures = 2};

    (void)state;
    assert_string_equal(clues_judge(&clues), "kvm");
    clues.n_signatures = 1;
    assert_string_equal(clues_judge(&clues), "hyper-v");
}

static void judge__xen_pv_hides_the_layer_below(void **state) {
    struct clues clues = {.cpuid = true,
                          .hypervisor_bit = true,
                          .signatures = {"qemu"},
                          .n_signatures = 1,
                          .dmi = "qemu",
                          .xen = "xen-dom0",
                          .xen_forced = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "xen-dom0");
    assert_string_equal(clues_layer_below(&clues, "xen-dom0"), "qemu");
    assert_true(clues_agree("xen-dom0", "xen-pv"));
    clues.xen = NULL; /* a kernel without /sys/hypervisor */
    assert_string_equal(clues_judge(&clues), "xen-pv");
}

static void judge__xen_kind_without_guest_type(void **state) {
    struct clues clues = {.cpuid = true, .hypervisor_bit = true, .signatures = {"xen"}, .n_signatures = 1};

    (void)state;
    clues.acpi = clues.devices = "xen";
    assert_string_equal(clues_judge(&clues), "xen-pvh");
    clues.dmi = "xen-hvm";
    assert_string_equal(clues_judge(&clues), "xen-hvm");
    clues.xen = "xen-pvh";
    assert_string_equal(clues_judge(&clues), "xen-pvh");
}

static void judge__hidden_bit_is_found_by_firmware(void **state) {
    struct clues clues = {.cpuid = true, .dmi = "qemu", .firmware = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "qemu");
    assert_false(clues_agree("qemu", "native"));
}

static void judge__emulated_processor_is_a_layer_below(void **state) {
    struct clues clues = {.cpuid = true,
                          .hypervisor_bit = true,
                          .signatures = {"kvm"},
                          .n_signatures = 1,
                          .emulated_brand = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "kvm");
    assert_string_equal(clues_layer_below(&clues, "kvm"), "qemu");
    assert_null(clues_layer_below(&clues, "qemu"));
    clues.emulated_brand = false;
    assert_null(clues_layer_below(&clues, "kvm"));
}

static void judge__bare_machine_of_a_cloud_is_native(void **state) {
    struct clues clues = {.cpuid = true, .dmi = "kvm", .dmi_cloud = true, .firmware = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "native");
    clues.hypervisor_bit = true;
    assert_string_equal(clues_judge(&clues), "kvm");
}

static void judge__arm_by_device_tree(void **state) {
    struct clues clues = {.device_tree = "unknown-hypervisor", .firmware = true};

    (void)state;
    assert_string_equal(clues_judge(&clues), "unknown-hypervisor");
    clues.kernel_log = "kvm";
    assert_string_equal(clues_judge(&clues), "kvm");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__nothing_virtual_is_native),
        cmocka_unit_test(judge__nothing_readable_is_unknown),
        cmocka_unit_test(judge__bit_alone_is_some_hypervisor),
        cmocka_unit_test(judge__kvm_under_qemu_firmware_is_kvm),
        cmocka_unit_test(judge__monitor_with_kvm_interface_is_the_monitor),
        cmocka_unit_test(judge__firmware_cannot_overrule_cpuid),
        cmocka_unit_test(judge__hyper_v_interface_before_another_is_the_other),
        cmocka_unit_test(judge__xen_pv_hides_the_layer_below),
        cmocka_unit_test(judge__xen_kind_without_guest_type),
        cmocka_unit_test(judge__hidden_bit_is_found_by_firmware),
        cmocka_unit_test(judge__emulated_processor_is_a_layer_below),
        cmocka_unit_test(judge__bare_machine_of_a_cloud_is_native),
        cmocka_unit_test(judge__arm_by_device_tree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
