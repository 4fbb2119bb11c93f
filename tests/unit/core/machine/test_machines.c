/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The captured machines of tests/data/machines (see the README there): the answer and the evidence for it. */
#include "base/cleanup.h"
#include "machine/expect.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vmsuite/module.h>

#include "fakes/leaks.h"

struct expected {
    const char *folder, *virtualization, *container;
    const char *source, *saw;   /* a piece of evidence that must be there */
    const char *layers;         /* virtualization.layers, or NULL: one layer */
    const char *disk, *network; /* the drivers, or NULL: not looked at */
};

static const struct expected machines[] = {
    {"native", "native", "none", "CPUID 1", "hypervisor bit clear", NULL, "megaraid_sas", "tg3"},
    {"cloud-bare-metal", "native", "none", "DMI vendor and product", "Amazon EC2 m5.metal", NULL, NULL, NULL},
    {"xen-dom0", "xen-dom0", "none", "/proc/xen/capabilities", "control_d", "xen-dom0 on qemu", "virtio_blk",
     NULL},
    {"xen-pv", "xen-pv", "none", "Xen's forced CPUID 0x40000000", "XenVMMXenVMM", "xen-pv on qemu", "vbd",
     "vif"},
    {"xen-pvh", "xen-pvh", "none", "/sys/hypervisor/guest_type", "PVH", "xen-pvh on qemu", "vbd", "vif"},
    {"xen-hvm", "xen-hvm", "none", "DMI vendor and product", "Xen HVM domU", "xen-hvm on qemu", "ata_piix",
     "e1000"},
    {"xen-pvhvm", "xen-hvm", "none", "/sys/hypervisor/guest_type", "HVM", "xen-hvm on qemu", "vbd", "vif"},
    {"xen-hvm-hidden", "xen-hvm", "none", "DMI vendor and product", "Xen HVM domU", NULL, "ata_piix",
     "e1000"},
    {"kvm-q35", "kvm", "none", "CPUID 0x40000000", "KVMKVMKVM", "kvm on qemu", "virtio_blk", "virtio_net"},
    {"kvm-i440fx", "kvm", "none", "CPUID 0x40000000", "KVMKVMKVM", "kvm on qemu", "ata_piix", "e1000"},
    {"kvm-hyper-v-interface", "kvm", "none", "CPUID 0x40000100", "KVMKVMKVM", "kvm on qemu", "virtio_blk",
     "virtio_net"},
    {"qemu-tcg-q35", "qemu", "none", "CPUID 0x40000000", "TCGTCGTCGTCG", NULL, "virtio_blk", "virtio_net"},
    {"qemu-tcg-pc", "qemu", "none", "DMI vendor and product", "QEMU Standard PC (i440FX + PIIX, 1996)", NULL,
     "ata_piix", "e1000"},
    {"qemu-tcg-microvm", "qemu", "none", "model name in /proc/cpuinfo", "QEMU TCG CPU", NULL, "virtio_blk",
     "virtio_net"},
    {"virtualbox", "virtualbox", "none", "ACPI table FACP, OEM id", "VBOX  ", NULL, "ahci", "e1000"},
    {"vmware", "vmware", "none", "CPUID 0x40000000", "VMwareVMware", NULL, "vmw_pvscsi", "vmxnet3"},
    {"hyper-v", "hyper-v", "none", "CPUID 0x40000000", "Microsoft Hv", NULL, "hv_storvsc", "hv_netvsc"},
    {"firecracker", "firecracker", "docker", "ACPI table FACP, OEM id", "FIRECK", NULL, "virtio_blk",
     "virtio_net"},
    {"bhyve", "bhyve", "none", "CPUID 0x40000000", "bhyve bhyve ", NULL, NULL, NULL},
    {"parallels", "parallels", "none", "CPUID 0x40000000", " lrpepyh  vr", NULL, NULL, NULL},
    {"openvz", "native", "openvz", "/proc/vz", "present without /proc/bc", NULL, NULL, NULL},
    {"lxc", "native", "lxc", "/proc/1/environ", "container=lxc", NULL, NULL, NULL},
    {"docker", "kvm", "docker", "/.dockerenv", "present", NULL, NULL, NULL},
    {"podman", "native", "podman", "/run/.containerenv", "present", NULL, NULL, NULL},
    {"wsl2", "hyper-v", "wsl", "/proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2", NULL,
     "hv_storvsc", "hv_netvsc"},
    {"arm64-kvm", "kvm", "none", "DMI vendor and product", "QEMU KVM Virtual Machine", NULL, "virtio_blk",
     "virtio_net"},
    {"arm64-device-tree", "qemu", "none", "/proc/device-tree/fw-cfg@9020000/compatible", "qemu,fw-cfg-mmio",
     NULL, NULL, "virtio_net"},
    {"arm64-native", "native", "none", NULL, NULL, NULL, NULL, NULL},
    {"gce-metal", "native", "none", "CPUID 1", "hypervisor bit clear", NULL, "megaraid_sas", "tg3"},
    {"gce-metal-arm", "unknown", "none", "DMI vendor and product", "Google Google Compute Engine", NULL, NULL,
     NULL},
    {"alibaba-metal-arm", "native", "none", "DMI vendor and product",
     "Alibaba Cloud Alibaba Cloud ECS Bare Metal", NULL, NULL, NULL},
    {"ec2-metal-arm", "native", "none", "DMI vendor and product", "Amazon EC2 m6g.metal", NULL, NULL, NULL},
    {"ec2-vm-arm", "kvm", "none", "DMI vendor and product", "Amazon EC2 m6g.large", NULL, "virtio_blk",
     "virtio_net"},
    {"gce-vm", "kvm", "none", "CPUID 0x40000000", "KVMKVMKVM", NULL, NULL, "e1000"},
    {"oracle-x3", "native", "none", "CPUID 1", "hypervisor bit clear", NULL, NULL, NULL},
    {"surface", "native", "none", "CPUID 1", "hypervisor bit clear", NULL, NULL, NULL},
    {"apple-vz-intel", "apple-virtualization", "none", "CPUID 0x40000000", "Apple VZ", NULL, NULL, NULL},
    {"apple-vz-arm", "apple-virtualization", "none", "DMI vendor and product",
     "Apple Inc. Apple Virtualization Generic Platform", NULL, "virtio_blk", "virtio_net"},
    {"arm-kvm-renamed", "kvm", "none", "kernel log",
     "smccc: KVM: hypervisor services detected (0x00000000 0x00000000 0x00000000 0x00000003)", NULL,
     "virtio_blk", "virtio_net"},
    {"arm-kvm-renamed-nolog", "kvm", "none", "/sys/class/ptp/ptp0/clock_name", "KVM virtual PTP", NULL,
     "virtio_blk", "virtio_net"},
    {"firecracker-arm", "kvm", "none", "/proc/device-tree/compatible", "linux,dummy-virt", NULL, NULL,
     "virtio_net"},
    {"x86-kvm-renamed", "kvm", "none", "DMI vendor and product", "Tilaa VPS", NULL, NULL, "e1000"},
    {"nutanix-kvmleaf", "kvm", "none", "CPUID 0x40000100", "KVMKVMKVM", NULL, NULL, "e1000"},
    {"hv-passthrough", "kvm", "none", "CPUID 0x40000000", "Linux KVM Hv", NULL, NULL, "e1000"},
    {"qemu-kvmoff", "qemu", "none", "ACPI table FACP, OEM id", "BOCHS ", NULL, NULL, "e1000"},
    {"qemu-disguised", "qemu", "none", "ACPI table FACP, OEM id", "BOCHS ", NULL, NULL, "e1000"},
    {"ppc-qemu", "qemu", "none", "/proc/device-tree/compatible", "qemu,pseries", NULL, NULL, "virtio_net"},
    {"powervm", "powervm", "none", "/proc/device-tree/ibm,partition-name", "present", NULL, NULL,
     "virtio_net"},
    {"vbox-hostdmi-root", "virtualbox", "none", "ACPI table FACP, OEM id", "VBOX  ", NULL, "ahci", "e1000"},
    {"vbox-hostdmi-user", "virtualbox", "none", "PCI device 0000:00:04.0", "0x80ee:0xcafe", NULL, "ahci",
     "e1000"},
    {"uml-on-kvm", "user-mode-linux", "none", "/proc/cpuinfo", "User Mode Linux", "user-mode-linux on kvm",
     NULL, NULL},
    {"gvisor", "gvisor", "none", "kernel log", "Starting gVisor...", "gvisor on kvm", "virtio_blk",
     "virtio_net"},
    {"k8s-cgroup-v1", "kvm", "kubernetes", "/proc/1/cgroup", "a path of its control group", NULL,
     "virtio_blk", "virtio_net"},
    {"k8s-containerd-v2", "kvm", "kubernetes", "/run/secrets/kubernetes.io", "present", NULL, NULL,
     "virtio_net"},
};

/* How the processor is driven, where it is not "none" or "hardware-assisted guest". */
static const struct {
    const char *folder, *kind;
} kinds[] = {
    {"qemu-tcg-q35", "emulation"},
    {"qemu-tcg-pc", "emulation"},
    {"qemu-tcg-microvm", "emulation"},
    {"qemu-kvmoff", "accelerator unknown"},
    {"qemu-disguised", "accelerator unknown"},
    {"arm64-device-tree", "accelerator unknown"},
    {"ppc-qemu", "accelerator unknown"},
    {"powervm", "logical partition"},
    {"uml-on-kvm", "kernel in a process"},
    {"gvisor", "kernel in a process"},
    {"xen-pv", "paravirtualised guest"},
    {"xen-dom0", "control domain"},
    {"gce-metal-arm", "unknown"},
};

/* Evidence that is rightly at odds with the rest: a hypervisor that hides its bit. */
static const char *const at_odds[] = {"qemu-disguised"};

static const char *kind_of(const struct expected *expected) {
    for (size_t i = 0; i < VMS_LENGTH(kinds); i++)
        if (strcmp(kinds[i].folder, expected->folder) == 0)
            return kinds[i].kind;
    return strcmp(expected->virtualization, "native") == 0 ? "none" : "hardware-assisted guest";
}

static bool is_at_odds(const char *folder) {
    for (size_t i = 0; i < VMS_LENGTH(at_odds); i++)
        if (strcmp(at_odds[i], folder) == 0)
            return true;
    return false;
}

static bool has_evidence(const struct machine *machine, const char *source, const char *saw) {
    for (size_t i = 0; i < machine->n_evidence; i++)
        if (strcmp(machine->evidence[i].source, source) == 0 && strcmp(machine->evidence[i].saw, saw) == 0)
            return true;
    return false;
}

static void assert_fact(const struct machine *machine, const char *name, const char *text) {
    const struct machine_fact *fact = machine_find(machine, name);

    if (!text)
        return;
    assert_non_null(fact);
    assert_int_equal(fact->status, FACT_VALUE);
    assert_string_equal(fact->text, text);
}

/* Every fact that there is. */
static const char *const fact_names[] = {"virtualization.kind",
                                         "virtualization.layers",
                                         "virtualization.interface",
                                         "virtualization.nearest_evidence",
                                         "virtualization.below_evidence",
                                         "virtualization.disagreement",
                                         "virtualization.confidential",
                                         "virtualization.version",
                                         "accelerator.kvm",
                                         "accelerator.extensions",
                                         "cpu.model",
                                         "cpu.vendor",
                                         "cpu.microcode",
                                         "cpu.count",
                                         "cpu.affinity",
                                         "cpu.cores",
                                         "cpu.sockets",
                                         "cpu.l1d_bytes",
                                         "cpu.l2_bytes",
                                         "cpu.l3_bytes",
                                         "cpu.llc_bytes",
                                         "cpu.llc_total_bytes",
                                         "cpu.smt",
                                         "cpu.governor",
                                         "cpu.turbo",
                                         "cpu.frequency_hz",
                                         "cpu.frequency_max_hz",
                                         "cpu.mitigations",
                                         "memory.total_bytes",
                                         "memory.available_bytes",
                                         "memory.swap_bytes",
                                         "memory.swap_free_bytes",
                                         "memory.huge_pages",
                                         "memory.huge_page_bytes",
                                         "memory.numa_nodes",
                                         "memory.thp",
                                         "memory.overcommit",
                                         "cgroup.cpus",
                                         "cgroup.memory_limit_bytes",
                                         "cgroup.cpu_limit",
                                         "cgroup.cpu_group",
                                         "cgroup.cpu_weight",
                                         "kernel.release",
                                         "kernel.version",
                                         "kernel.architecture",
                                         "kernel.command_line",
                                         "clock.source",
                                         "clock.available",
                                         "clock.read_cost_s",
                                         "load.average_1min",
                                         "load.running",
                                         "program.compiler",
                                         "program.flags",
                                         "storage.file_system",
                                         "storage.mount_options",
                                         "storage.file_system_options",
                                         "storage.free_bytes",
                                         "storage.device",
                                         "storage.driver",
                                         "storage.model",
                                         "storage.size_bytes",
                                         "storage.rotational",
                                         "storage.write_cache",
                                         "storage.scheduler",
                                         "storage.queues",
                                         "storage.loop_file",
                                         "storage.loop_direct",
                                         "network.interface",
                                         "network.driver",
                                         "network.mtu",
                                         "network.speed_bit_s",
                                         "network.queues",
                                         "network.offloads",
                                         "drivers.paravirtual",
                                         "drivers.imitated"};

/* Whatever a machine lacks is a fact's state, not a missing fact. */
static void assert_all_facts(const struct machine *machine) {
    for (size_t i = 0; i < VMS_LENGTH(fact_names); i++) {
        const struct machine_fact *fact = machine_find(machine, fact_names[i]);

        if (!fact)
            fail_msg("%s is missing", fact_names[i]);
        assert_non_null(fact->source);
        assert_true(fact->status == FACT_VALUE || (fact->text && *fact->text));
    }
    assert_int_equal(machine->n_facts, VMS_LENGTH(fact_names));
}

static void assert_can_be_expected(const char *key, const char *value) {
    struct expectation claim = {key, value};

    assert_int_equal(expectation_validate(&claim, NULL), 0);
}

/* Those that are the test's own. */
static bool is_of_this_program(const char *name) {
    return strncmp(name, "program.", 8) == 0 || strcmp(name, "clock.read_cost_s") == 0;
}

static void write_fact(FILE *file, const struct machine_fact *fact) {
    static const char *const statuses[] = {[FACT_VALUE] = "value",
                                           [FACT_UNKNOWN] = "unknown",
                                           [FACT_NOT_APPLICABLE] = "not applicable",
                                           [FACT_ERROR] = "error"};

    (void)fprintf(file, "%s: %s: ", fact->name, statuses[fact->status]);
    if (fact->status != FACT_VALUE || fact->type == FACT_TEXT)
        (void)fprintf(file, "%s", fact->text);
    else if (fact->type == FACT_REAL)
        (void)fprintf(file, "%.12g", fact->real);
    else
        (void)fprintf(file, "%" PRId64, fact->type == FACT_BOOLEAN ? (int64_t)fact->boolean : fact->integer);
    (void)fprintf(file, " [%s]\n", fact->source);
}

static void write_evidence(FILE *file, const struct machine_evidence *evidence) {
    (void)fprintf(file, "%s, %s: %s: %s [%s]\n", evidence->strength ? evidence->strength : "container",
                  evidence->role ? evidence->role : "for none",
                  evidence->points_to ? evidence->points_to : "nothing", evidence->saw, evidence->source);
}

/* All that is said of a machine, a line each. */
static char *words_of(const struct machine *machine) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    (void)fprintf(file, "%s in %s\n", machine->virtualization, machine->container);
    for (size_t i = 0; i < machine->n_facts; i++)
        if (!is_of_this_program(machine->facts[i].name))
            write_fact(file, &machine->facts[i]);
    for (size_t i = 0; i < machine->n_evidence; i++)
        write_evidence(file, &machine->evidence[i]);
    assert_int_equal(fclose(file), 0);
    return text;
}

static bool is_writing; /* the golden files, instead of reading them */

/* Held against tests/golden/machines, line by line. `test_machines write` writes them anew: to be read before
 * they are committed. */
static void assert_golden(const struct machine *machine, const char *folder) {
    char *words = words_of(machine), golden[1 << 16] = "", path[512];
    const char *expected = golden;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/tests/golden/machines/%s.txt", getenv("VMSUITE_SOURCE"), folder);
    file = fopen(path, is_writing ? "we" : "re");
    assert_non_null(file);
    if (is_writing)
        (void)fputs(words, file);
    else
        golden[fread(golden, 1, sizeof(golden) - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    for (const char *found = words; *found && !is_writing; found += strcspn(found, "\n") + 1) {
        cleanup_free char *line = strndup(found, strcspn(found, "\n"));
        cleanup_free char *wanted = strndup(expected, strcspn(expected, "\n"));

        assert_string_equal(line, wanted);
        expected += strcspn(expected, "\n") + 1;
    }
    assert_int_equal(*expected, '\0');
    free(words);
}

static void read__gives_answer_and_evidence(void **state) {
    const struct expected *expected = *state;
    const char *tests = getenv("VMSUITE_SOURCE");
    const struct machine_fact *disagreement;
    struct machine_source source;
    struct machine machine;
    char folder[512];

    assert_non_null(tests);
    (void)snprintf(folder, sizeof(folder), "%s/tests/data/machines/%s", tests, expected->folder);
    source = machine_source_at(folder);
    assert_int_equal(machine_read(&source, "/scratch", &machine), 0);
    assert_string_equal(machine.virtualization, expected->virtualization);
    assert_string_equal(machine.container, expected->container);
    assert_all_facts(&machine);
    assert_can_be_expected("virtualization", machine.virtualization);
    assert_can_be_expected("container", machine.container);
    if (expected->source)
        assert_true(has_evidence(&machine, expected->source, expected->saw));
    disagreement = machine_find(&machine, "virtualization.disagreement");
    if ((disagreement->status == FACT_VALUE) != is_at_odds(expected->folder))
        fail_msg("%s", disagreement->text);
    assert_fact(&machine, "virtualization.kind", kind_of(expected));
    assert_int_equal(machine_find(&machine, "virtualization.layers")->status == FACT_VALUE,
                     expected->layers != NULL);
    assert_fact(&machine, "virtualization.layers", expected->layers);
    assert_fact(&machine, "storage.driver", expected->disk);
    assert_fact(&machine, "network.driver", expected->network);
    assert_golden(&machine, expected->folder);
    machine_done(&machine);
}

static void read_all(void *argument) {
    (void)argument;
    for (size_t i = 0; i < VMS_LENGTH(machines); i++) {
        struct machine_source source;
        struct machine machine;
        char folder[512];

        (void)snprintf(folder, sizeof(folder), "%s/tests/data/machines/%s", getenv("VMSUITE_SOURCE"),
                       machines[i].folder);
        source = machine_source_at(folder);
        assert_int_equal(machine_read(&source, "/scratch", &machine), 0);
        machine_done(&machine);
    }
}

static void read__keeps_nothing(void **state) {
    (void)state;
    leaks_expect_none(read_all, NULL);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[VMS_LENGTH(machines) + 1];

    is_writing = argc > 1 && strcmp(argv[1], "write") == 0;
    for (size_t i = 0; i < VMS_LENGTH(machines); i++)
        tests[i] = (struct CMUnitTest){.name = machines[i].folder,
                                       .test_func = read__gives_answer_and_evidence,
                                       .initial_state = (void *)&machines[i]};
    tests[VMS_LENGTH(machines)] = (struct CMUnitTest)cmocka_unit_test(read__keeps_nothing);
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
