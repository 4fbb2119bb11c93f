/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a hypervisor shows. Each function asks one source. */
#include "base/cleanup.h"
#include "source/cpuid.h"
#include "source/recorder.h"
#include "virtualization/virtualization.h"

#include <string.h>
#include <sys/klog.h>

/* A text that begins with (or holds) `text` speaks for `name`. */
struct known_text {
    const char *text, *name;
    bool cloud;
};

static const struct known_text *find_known(const struct known_text *known, size_t n, const char *text) {
    for (size_t i = 0; i < n; i++)
        if (strcasestr(text, known[i].text))
            return &known[i];
    return NULL;
}

/* The first clue of a source stands. */
static void set_clue(const char **clue, const char *name) {
    if (!*clue)
        *clue = name;
}

static const char *cpuid_hypervisor_name(const char *signature) {
    /* From the hypervisors' own documentation and sources; KVM pads with NULs, which are left out. */
    static const struct {
        const char *signature, *name;
    } known[] = {
        {"KVMKVMKVM", "kvm"},
        {"Linux KVM Hv", "kvm"}, /* KVM's answer to Hyper-V guests */
        {"TCGTCGTCGTCG", "qemu"},
        {"XenVMMXenVMM", "xen"},
        {"VMwareVMware", "vmware"},
        {"VBoxVBoxVBox", "virtualbox"},
        {"Microsoft Hv", "hyper-v"},
        {"bhyve bhyve ", "bhyve"},
        {"BHyVE BHyVE ", "bhyve"},
        {" lrpepyh  vr", "parallels"},
        {"prl hyperv  ", "parallels"},
        {"ACRNACRNACRN", "acrn"},
        {"OpenBSDVMM58", "openbsd-vmm"},
        {"___ NVMM ___", "nvmm"},
        {"Jailhouse", "jailhouse"},
        {"QNXQVMBSQG", "qnx"},
        {"SRESRESRESRE", "lockheed-lmhs"},
        {"UnisysSpar64", "unisys-spar"},
        {"VirtualApple", "rosetta"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(signature, known[i].signature) == 0)
            return known[i].name;
    return NULL;
}

static void read_cpuid_leaves(struct survey *survey, struct clues *clues) {
    for (uint32_t leaf = CPUID_HYPERVISOR; leaf < CPUID_HYPERVISOR_END; leaf += CPUID_HYPERVISOR_STEP) {
        char signature[CPUID_SIGNATURE_SIZE];
        const char *name;
        uint32_t last;

        if (!cpuid_signature(survey->source, leaf, signature, &last))
            continue;
        name = cpuid_hypervisor_name(signature);
        evidence_add(survey, name ? name : "unknown-hypervisor", signature, "CPUID 0x%08x", leaf);
        if (name && clues->n_signatures < CLUES_SIGNATURES)
            clues->signatures[clues->n_signatures++] = name;
    }
}

static void read_cpuid(struct survey *survey, struct clues *clues) {
    const struct machine_source *source = survey->source;
    struct cpuid_registers r;

    if (!source->cpuid || !source->cpuid(source->context, 1, 0, &r))
        return;
    clues->cpuid = true;
    clues->hypervisor_bit = r.ecx >> 31;
    evidence_add(survey, clues->hypervisor_bit ? "unknown-hypervisor" : "native",
                 clues->hypervisor_bit ? "hypervisor bit set" : "hypervisor bit clear", "CPUID 1");
    if (clues->hypervisor_bit)
        read_cpuid_leaves(survey, clues);
}

/* The brand string is the real processor's in all hypervisors but QEMU's emulation, and passed on by those
 * that run on it (QEMU target/i386/cpu.c). */
static void read_brand(struct survey *survey, struct clues *clues) {
    static const char path[] = "/proc/cpuinfo", brand[] = "QEMU TCG CPU";
    cleanup_free char *text = NULL;

    if (source_text(survey->source, &text, path) < 0 || !strstr(text, brand))
        return;
    clues->emulated_brand = true;
    evidence_add(survey, "qemu", brand, "model name in %s", path);
}

static void read_xen_cpuid(struct survey *survey, struct clues *clues) {
    const struct machine_source *source = survey->source;
    char signature[CPUID_SIGNATURE_SIZE];
    struct cpuid_registers r;

    if (!source->xen_cpuid || !source->xen_cpuid(source->context, CPUID_HYPERVISOR, &r))
        return;
    (void)cpuid_text(&r, signature);
    clues->xen_forced = strcmp(signature, "XenVMMXenVMM") == 0;
    evidence_add(survey, clues->xen_forced ? "xen-pv" : NULL, signature, "Xen's forced CPUID 0x%08x",
                 CPUID_HYPERVISOR);
}

/* Whether this domain controls the others: bit 11 (XENFEAT_dom0) of Xen's feature words. */
static bool has_dom0_feature(const struct machine_source *source) {
    cleanup_free char *features = NULL;

    return source_text(source, &features, "/sys/hypervisor/properties/features") == 0 &&
           (strtoul(features, NULL, 16) >> 11 & 1);
}

static void read_xen(struct survey *survey, struct clues *clues) {
    const struct machine_source *source = survey->source;
    cleanup_free char *type = NULL, *guest = NULL, *capabilities = NULL;

    if (source_text(source, &type, "/sys/hypervisor/type") == 0) {
        bool xen = strcmp(type, "xen") == 0;

        evidence_add(survey, xen ? "xen" : NULL, type, "/sys/hypervisor/type");
        clues->xen = xen ? "xen" : clues->xen;
    }
    if (clues->xen && source_text(source, &guest, "/sys/hypervisor/guest_type") == 0) {
        clues->xen = strcmp(guest, "PV") == 0    ? "xen-pv"
                     : strcmp(guest, "PVH") == 0 ? "xen-pvh"
                     : strcmp(guest, "HVM") == 0 ? "xen-hvm"
                                                 : clues->xen;
        evidence_add(survey, clues->xen, guest, "/sys/hypervisor/guest_type");
    }
    if (source_text(source, &capabilities, "/proc/xen/capabilities") == 0) {
        bool control = strstr(capabilities, "control_d") != NULL;

        evidence_add(survey, control ? "xen-dom0" : "xen", *capabilities ? capabilities : "(empty)",
                     "/proc/xen/capabilities");
        clues->xen = control ? "xen-dom0" : clues->xen ? clues->xen : "xen";
    }
    if (clues->xen && strcmp(clues->xen, "xen-dom0") != 0 && has_dom0_feature(source)) {
        evidence_add(survey, "xen-dom0", "dom0 bit set", "/sys/hypervisor/properties/features");
        clues->xen = "xen-dom0";
    }
}

static void read_dmi(struct survey *survey, struct clues *clues) {
    /* Vendor and product names as the hypervisors' firmware writes them. */
    static const struct known_text known[] = {
        {"KVM Virtual Machine", "kvm", false},
        {"VirtualBox", "virtualbox", false},
        {"innotek GmbH", "virtualbox", false},
        {"VMware", "vmware", false},
        {"HVM domU", "xen-hvm", false},
        {"Xen", "xen", false},
        {"Firecracker", "firecracker", false},
        {"Cloud Hypervisor", "cloud-hypervisor", false},
        {"crosvm", "crosvm", false},
        {"BHYVE", "bhyve", false},
        {"Parallels", "parallels", false},
        {"Apple Virtualization", "apple-virtualization", false},
        {"Microsoft Corporation Virtual Machine", "hyper-v", false},
        {"Bochs", "qemu", false},
        {"QEMU", "qemu", false},
        {"Red Hat KVM", "kvm", false},
        {"KubeVirt", "kvm", false},
        {"OpenStack", "kvm", false},
        {"Google Compute Engine", "kvm", true},
        {"Amazon EC2", "kvm", true},
        {"Alibaba Cloud", "kvm", true},
    };
    static const char *const files[] = {"sys_vendor",   "product_name", "product_version",
                                        "board_vendor", "bios_vendor",  "bios_version"};
    cleanup_free char *vendor = NULL, *name = NULL, *both = NULL;
    const struct known_text *found;

    if (source_text(survey->source, &vendor, "/sys/class/dmi/id/sys_vendor") == 0 &&
        source_text(survey->source, &name, "/sys/class/dmi/id/product_name") == 0 &&
        asprintf(&both, "%s %s", vendor, name) > 0) {
        clues->firmware = true;
        found = find_known(known, VMS_LENGTH(known), both);
        if (found && found->cloud && strstr(name, "metal"))
            found = NULL;
        evidence_add(survey, found ? found->name : NULL, both, "DMI vendor and product");
        clues->dmi = found ? found->name : NULL;
        clues->dmi_cloud = found && found->cloud;
    }
    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        cleanup_free char *text = NULL;

        if ((i < 2 && both) || source_text(survey->source, &text, "/sys/class/dmi/id/%s", files[i]) < 0)
            continue;
        clues->firmware = true;
        found = find_known(known, VMS_LENGTH(known), text);
        if (!found || found->cloud)
            continue;
        evidence_add(survey, found->name, text, "/sys/class/dmi/id/%s", files[i]);
        set_clue(&clues->dmi, found->name);
    }
}

static void read_acpi_table(struct survey *survey, struct clues *clues, const char *table) {
    /* OEM ids of ACPI table headers (ACPI specification 5.2.6: bytes 10 to 15, and the table id 16 to 23). */
    static const struct known_text known[] = {
        {"FIRECK", "firecracker", false},
        {"CLOUDH", "cloud-hypervisor", false},
        {"CROSVM", "crosvm", false},
        {"BOCHS", "qemu", false},
        {"VBOX", "virtualbox", false},
        {"VMWARE", "vmware", false},
        {"Xen", "xen", false},
        {"VRTUAL", "hyper-v", false},
        {"PRLS", "parallels", false},
        {"BHYVE", "bhyve", false},
    };
    cleanup_free char *bytes = NULL;
    const struct known_text *found;
    char oem[7] = "";
    size_t size;
    int status = source_bytes(survey->source, 36, &bytes, &size, "/sys/firmware/acpi/tables/%s", table);

    if (status == -EACCES || status == -EPERM)
        evidence_add(survey, NULL, "not readable without root", "ACPI table %s", table);
    if (status < 0 || size < 36)
        return;
    clues->firmware = true;
    for (size_t i = 0; i < 6; i++)
        oem[i] = bytes[10 + i] >= ' ' && bytes[10 + i] <= '~' ? bytes[10 + i] : ' ';
    found = find_known(known, VMS_LENGTH(known), oem);
    if (!found)
        return;
    evidence_add(survey, found->name, oem, "ACPI table %s, OEM id", table);
    set_clue(&clues->acpi, found->name);
}

static void read_acpi(struct survey *survey, struct clues *clues) {
    static const char *const tables[] = {"FACP", "DSDT", "APIC"};

    for (size_t i = 0; i < VMS_LENGTH(tables) && !clues->acpi; i++)
        read_acpi_table(survey, clues, tables[i]);
    if (source_exists(survey->source, "/sys/firmware/acpi/tables/WAET")) {
        evidence_add(survey, "unknown-hypervisor", "present (devices are emulated)", "ACPI table WAET");
        set_clue(&clues->acpi, "unknown-hypervisor");
    }
}

static void read_device_tree(struct survey *survey, struct clues *clues) {
    static const struct known_text known[] = {
        {"linux,kvm", "kvm", false}, {"xen", "xen", false},
        {"vmware", "vmware", false}, {"qemu", "qemu", false},
        {"acrn", "acrn", false},     {"linux,dummy-virt", "unknown-hypervisor", false},
    };
    static const char *const files[] = {"hypervisor/compatible", "compatible", "fw-cfg@9020000/compatible"};

    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        cleanup_free char *text = NULL;
        const struct known_text *found;

        if (source_text(survey->source, &text, "/proc/device-tree/%s", files[i]) < 0)
            continue;
        clues->firmware = true;
        found = find_known(known, VMS_LENGTH(known), text);
        if (!found)
            continue;
        evidence_add(survey, found->name, text, "/proc/device-tree/%s", files[i]);
        if (!clues->device_tree || strcmp(clues->device_tree, "unknown-hypervisor") == 0)
            clues->device_tree = found->name;
    }
}

static void read_pci(struct survey *survey, struct clues *clues) {
    /* Ids that only the named hypervisor gives out (pci.ids). VMware's display is left out: VirtualBox copies
     * it. */
    static const struct known_text known[] = {
        {"0x80ee:0xcafe", "virtualbox", false}, {"0x15ad:0x0740", "vmware", false},
        {"0x15ad:0x07b0", "vmware", false},     {"0x5853:0x0001", "xen-hvm", false},
        {"0x1414:0x5353", "hyper-v", false},    {"0x1ab8:", "parallels", false},
        {"0x1234:0x1111", "qemu", false},       {"0x1b36:", "qemu", false},
    };
    struct source_names names;

    if (source_list(survey->source, &names, "/sys/bus/pci/devices") < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *vendor = NULL, *device = NULL, *id = NULL;
        const struct known_text *found = NULL;

        if (source_text(survey->source, &vendor, "/sys/bus/pci/devices/%s/vendor", names.names[i]) == 0 &&
            source_text(survey->source, &device, "/sys/bus/pci/devices/%s/device", names.names[i]) == 0 &&
            asprintf(&id, "%s:%s", vendor, device) > 0)
            found = find_known(known, VMS_LENGTH(known), id);
        if (!found || (clues->devices && strcmp(clues->devices, found->name) == 0))
            continue;
        evidence_add(survey, found->name, id, "PCI device %s", names.names[i]);
        set_clue(&clues->devices, found->name);
    }
    source_names_done(&names);
}

static void read_bus(struct survey *survey, struct clues *clues, const char *bus, const char *name) {
    struct source_names names;

    if (source_list(survey->source, &names, "/sys/bus/%s/devices", bus) < 0)
        return;
    if (names.n_names > 0) {
        evidence_add(survey, name, names.names[0], "/sys/bus/%s/devices", bus);
        set_clue(&clues->devices, name);
    }
    source_names_done(&names);
}

static void read_ptp(struct survey *survey, struct clues *clues) {
    cleanup_free char *text = NULL;
    const char *name;

    if (source_text(survey->source, &text, "/sys/class/ptp/ptp0/clock_name") < 0)
        return;
    name = strcmp(text, "KVM virtual PTP") == 0 ? "kvm" : strcmp(text, "hyperv") == 0 ? "hyper-v" : NULL;
    if (name) {
        evidence_add(survey, name, text, "/sys/class/ptp/ptp0/clock_name");
        set_clue(&clues->devices, name);
    }
}

/* The kernel's log: of this machine by syslog(2), of a capture from its file. NULL: not readable. */
static char *kernel_log(const struct machine_source *source) {
    char *text = NULL;
    int size, length;

    if (!source_is_live(source))
        return source_text(source, &text, "/dev/kmsg") == 0 ? text : NULL;
    size = klogctl(10, NULL, 0);
    text = size > 0 ? malloc((size_t)size + 1) : NULL;
    length = text ? klogctl(3, text, size) : -1;
    if (length < 0) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}

static void read_kernel_log(struct survey *survey, struct clues *clues) {
    static const struct known_text known[] = {
        {"KVM", "kvm", false},       {"Xen", "xen", false},   {"Hyper-V", "hyper-v", false},
        {"VMware", "vmware", false}, {"ACRN", "acrn", false}, {"Jailhouse", "jailhouse", false},
    };
    static const char *const marks[] = {"Hypervisor detected: ", "smccc: "};
    cleanup_free char *text = kernel_log(survey->source);
    const struct known_text *found;
    char *line = NULL;

    for (size_t i = 0; text && !line && i < VMS_LENGTH(marks); i++)
        line = strstr(text, marks[i]);
    if (!line)
        return;
    line[strcspn(line, "\n")] = '\0';
    found = find_known(known, VMS_LENGTH(known), line);
    if (!found)
        return;
    if (source_is_live(survey->source)) /* syslog(2) is no file that was captured */
        recorder_bytes(survey->source->recorder, "/dev/kmsg", line, strlen(line));
    evidence_add(survey, found->name, line, "kernel log");
    clues->kernel_log = found->name;
}

void clues_read(struct survey *survey, struct clues *ret_clues) {
    *ret_clues = (struct clues){0};
    read_cpuid(survey, ret_clues);
    read_brand(survey, ret_clues);
    read_xen_cpuid(survey, ret_clues);
    read_xen(survey, ret_clues);
    read_dmi(survey, ret_clues);
    read_acpi(survey, ret_clues);
    read_device_tree(survey, ret_clues);
    read_pci(survey, ret_clues);
    read_bus(survey, ret_clues, "xen", "xen");
    read_bus(survey, ret_clues, "vmbus", "hyper-v");
    read_ptp(survey, ret_clues);
    read_kernel_log(survey, ret_clues);
}
