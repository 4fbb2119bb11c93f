/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/driver_family.h"

#include <stddef.h>
#include <string.h>

#include <vmsuite/module.h>

static const struct {
    const char *prefix; /* of the driver's name; a name that ends with '$' has to be the whole */
    const char *family;
} known[] = {
    {"virtio", "virtio"},      {"vbd$", "xen"},
    {"vif$", "xen"},           {"xen", "xen"},
    {"hv_", "hyper-v"},        {"vmxnet3$", "vmware"},
    {"vmw_", "vmware"},        {"vboxguest$", "virtualbox"},
    {"ena$", "cloud"},         {"gve$", "cloud"},
    {"e1000$", "emulated"},    {"e1000e$", "emulated"},
    {"8139cp$", "emulated"},   {"8139too$", "emulated"},
    {"rtl8139", "emulated"},   {"pcnet32$", "emulated"},
    {"ne2k-pci$", "emulated"}, {"tulip$", "emulated"},
    {"ata_piix$", "emulated"}, {"piix", "emulated"},
    {"ahci$", "emulated"},     {"mptspi$", "emulated"},
    {"mptsas$", "emulated"},   {"sym53c8xx$", "emulated"},
    {"am53c974$", "emulated"},
};

const char *driver_family(const char *driver) {
    for (size_t i = 0; i < VMS_LENGTH(known); i++) {
        size_t length = strcspn(known[i].prefix, "$");

        if (strncmp(driver, known[i].prefix, length) == 0 &&
            (known[i].prefix[length] == '\0' || driver[length] == '\0'))
            return known[i].family;
    }
    return NULL;
}

bool driver_is_paravirtual(const char *driver) {
    const char *family = driver_family(driver);

    return family && strcmp(family, "emulated") != 0;
}
