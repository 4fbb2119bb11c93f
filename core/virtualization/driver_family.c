/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/driver_family.h"

#include "virtualization/hypervisors.h"

#include <string.h>
#include <vmsuite/module.h>

/* Beginnings of drivers' names; one that ends with '$' must be the whole. */
static bool matches(const char *pattern, const char *driver) {
    size_t length = strcspn(pattern, "$");

    return strncmp(driver, pattern, length) == 0 && (!pattern[length] || !driver[length]);
}

/* Families that are no hypervisor's own. */
static const struct {
    const char *pattern, *family;
} shared[] = {
    {"virtio", "virtio"},      {"ena$", "cloud"},          {"gve$", "cloud"},
    {"e1000$", "emulated"},    {"e1000e$", "emulated"},    {"8139cp$", "emulated"},
    {"8139too$", "emulated"},  {"rtl8139", "emulated"},    {"pcnet32$", "emulated"},
    {"ne2k-pci$", "emulated"}, {"tulip$", "emulated"},     {"ata_piix$", "emulated"},
    {"piix", "emulated"},      {"ahci$", "emulated"},      {"mptspi$", "emulated"},
    {"mptsas$", "emulated"},   {"sym53c8xx$", "emulated"}, {"am53c974$", "emulated"},
};

const char *driver_family(const char *driver) {
    for (size_t i = 0; i < VMS_LENGTH(shared); i++)
        if (matches(shared[i].pattern, driver))
            return shared[i].family;
    for (size_t i = 0; i < n_hypervisors; i++)
        for (size_t j = 0; j < HYPERVISOR_TEXTS && hypervisors[i].drivers[j]; j++)
            if (matches(hypervisors[i].drivers[j], driver))
                return hypervisors[i].name;
    return NULL;
}

bool driver_is_paravirtual(const char *driver) {
    const char *family = driver_family(driver);

    return family && strcmp(family, "emulated") != 0;
}
