/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A captured machine reads as the machine did. */
#include "fakes/fake_tree.h"
#include "machine/capture.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_same_fact(const struct machine_fact *fact, const struct machine *other) {
    const struct machine_fact *twin = machine_find(other, fact->name);

    assert_non_null(twin);
    assert_int_equal(twin->status, fact->status);
    assert_int_equal(twin->type, fact->type);
    assert_int_equal(twin->integer, fact->integer);
    assert_string_equal(twin->text ? twin->text : "", fact->text ? fact->text : "");
}

static void make_guest(const struct fake_tree *tree) {
    fake_tree_write(tree, "/cpuid",
                    "1 0 0 0 80000000 0\n40000000 0 40000001 4b4d564b 564b4d56 0000004d\n"
                    "40000001 0 1 0 0 0\n8000001d 0 121 1c0003f 3f 0\n");
    fake_tree_write(tree, "/proc/cmdline", "quiet console=ttyS0\n");
    fake_tree_write(tree, "/proc/net/route", "Iface Destination\nens3 00000000\n");
    fake_tree_link(tree, "/sys/class/net/ens3/device/driver", "../../bus/virtio/drivers/virtio_net");
    fake_tree_write(tree, "/sys/class/net/ens3/mtu", "1500\n");
    fake_tree_write(tree, "/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    fake_tree_write(tree, "/sys/dev/block/8:1/partition", "1\n");
    fake_tree_write(tree, "/sys/dev/block/uevent", "DEVNAME=sda\n");
    fake_tree_link(tree, "/sys/class/block/sda/device/driver", "sd");
    fake_tree_link(tree, "/sys/class/block/driver", "virtio_scsi");
    fake_tree_write(tree, "/sys/class/block/sda/queue/scheduler", "none [mq-deadline]\n");
    fake_tree_write(tree, "/sys/class/dmi/id/sys_vendor", "QEMU\n");
    fake_tree_write(tree, "/sys/class/dmi/id/product_name", "Standard PC\n");
    fake_tree_write(tree, "/sys/class/dmi/id/product_uuid", "8b2c5a1e-37d4-4f3b-9a7e-0c1d2e3f4a5b\n");
    fake_tree_write(tree, "/proc/vz/version", "");
}

/* A processor without a hypervisor answers for the hypervisors' leaves with those of others: they are kept of
 * guests only. */
static void capture__hypervisor_leaves_of_guests_only(void **state) {
    struct fake_tree *tree = *state;

    for (int guest = 0; guest < 2; guest++) {
        char folder[128], path[256], text[4096] = "";
        FILE *file;

        fake_tree_write(tree, "/cpuid",
                        guest ? "1 0 0 0 80000000 0\n40000000 0 40000001 4b4d564b 564b4d56 0000004d\n"
                              : "1 0 0 0 0 0\n40000000 0 40000001 4b4d564b 564b4d56 0000004d\n");
        (void)snprintf(folder, sizeof(folder), "%s/capture-%d", tree->root, guest);
        assert_int_equal(machine_capture(&tree->source, "/", folder, NULL), 0);
        (void)snprintf(path, sizeof(path), "%s/cpuid", folder);
        file = fopen(path, "re");
        assert_non_null(file);
        assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
        (void)fclose(file);
        assert_non_null(strstr(text, "00000001"));
        assert_int_equal(strstr(text, "40000000 ") != NULL, guest);
    }
}

static void capture__reads_back_the_same(void **state) {
    struct fake_tree *tree = *state;
    struct machine_source source;
    struct machine machine, again;
    char folder[128];

    make_guest(tree);
    (void)snprintf(folder, sizeof(folder), "%s/capture", tree->root);
    assert_int_equal(machine_capture(&tree->source, "/", folder, NULL), 0);
    source = machine_source_at(folder);
    assert_int_equal(machine_read(&tree->source, "/", &machine), 0);
    assert_int_equal(machine_read(&source, "/", &again), 0);
    assert_string_equal(again.virtualization, "kvm");
    assert_string_equal(again.container, "openvz");
    assert_int_equal(again.n_evidence, machine.n_evidence);
    assert_int_equal(again.n_facts, machine.n_facts);
    for (size_t i = 0; i < machine.n_facts; i++)
        assert_same_fact(&machine.facts[i], &again);
    assert_string_equal(machine_find(&again, "storage.driver")->text, "virtio_scsi");
    assert_string_equal(machine_find(&again, "network.driver")->text, "virtio_net");
    machine_done(&machine);
    machine_done(&again);
}

static void capture__leaves_out_what_is_not_read(void **state) {
    struct fake_tree *tree = *state;
    char folder[128], path[256];

    make_guest(tree);
    (void)snprintf(folder, sizeof(folder), "%s/capture", tree->root);
    assert_int_equal(machine_capture(&tree->source, NULL, folder, NULL), 0);
    (void)snprintf(path, sizeof(path), "%s/sys/class/dmi/id/sys_vendor", folder);
    assert_int_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof(path), "%s/sys/class/dmi/id/product_uuid", folder);
    assert_int_equal(access(path, F_OK), -1);
}

static void capture__refuses_a_folder_in_use(void **state) {
    struct fake_tree *tree = *state;
    struct vms_error error = {""};

    fake_tree_write(tree, "/used/file", "");
    make_guest(tree);
    assert_int_equal(machine_capture(&tree->source, NULL, tree->root, &error), -ENOTEMPTY);
    assert_non_null(strstr(error.text, "name a new folder"));
    assert_true(machine_capture(&tree->source, NULL, "/nowhere/at/all", &error) < 0);
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
}

static void capture__of_this_machine_agrees(void **state) {
    struct fake_tree *tree = *state;
    struct machine_source here = machine_source_here(), source;
    struct machine machine, again;
    char folder[128];

    (void)snprintf(folder, sizeof(folder), "%s/capture", tree->root);
    assert_int_equal(machine_capture(&here, "/", folder, NULL), 0);
    source = machine_source_at(folder);
    assert_int_equal(machine_read(&here, "/", &machine), 0);
    assert_int_equal(machine_read(&source, "/", &again), 0);
    assert_string_equal(again.virtualization, machine.virtualization);
    assert_string_equal(again.container, machine.container);
    assert_int_equal(again.n_facts, machine.n_facts);
    assert_same_fact(machine_find(&machine, "cpu.model"), &again);
    assert_same_fact(machine_find(&machine, "cpu.count"), &again);
    assert_same_fact(machine_find(&machine, "cpu.llc_bytes"), &again);
    assert_same_fact(machine_find(&machine, "memory.total_bytes"), &again);
    assert_same_fact(machine_find(&machine, "cgroup.memory_limit_bytes"), &again);
    assert_same_fact(machine_find(&machine, "storage.file_system"), &again);
    machine_done(&machine);
    machine_done(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(capture__hypervisor_leaves_of_guests_only, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(capture__reads_back_the_same, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(capture__leaves_out_what_is_not_read, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(capture__refuses_a_folder_in_use, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(capture__of_this_machine_agrees, fake_tree_set_up,
                                        fake_tree_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
