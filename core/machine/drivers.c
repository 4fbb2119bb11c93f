/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which drivers hold the devices: a guest's figures are those of its drivers. */
#include "cleanup.h"
#include "facts.h"
#include "list.h"

#include <string.h>

/* PCI drivers of devices that only hypervisors make, with a protocol of their own. */
static const char *const paravirtual_pci[] = {"vmxnet3", "vmw_pvscsi", "vmw_vmci",  "xen-platform-pci",
                                              "ena",     "gve",        "vboxguest", NULL};
/* PCI drivers of real devices of old that hypervisors imitate register by register. */
static const char *const imitated_pci[] = {"e1000",    "e1000e",   "8139cp",   "8139too", "pcnet32",
                                           "ne2k-pci", "ata_piix", "mptspi",   "mptsas",  "sym53c8xx",
                                           "tulip",    "piix",     "am53c974", "rtl8139", NULL};

static bool is_one_of(const char *const *names, const char *name) {
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Adds the drivers of a bus to the lists. On PCI only the known ones are told. */
static void read_bus(struct reader *reader, const char *bus, char **paravirtual, char **imitated) {
    struct source_names names;

    if (source_list(reader->source, &names, "/sys/bus/%s/devices", bus) < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *driver = NULL;
        bool pci = strcmp(bus, "pci") == 0;
        int status = 0;

        if (source_link(reader->source, &driver, "/sys/bus/%s/devices/%s/driver", bus, names.names[i]) < 0)
            continue;
        if (!pci || is_one_of(paravirtual_pci, driver))
            status = list_add(paravirtual, driver);
        else if (is_one_of(imitated_pci, driver))
            status = list_add(imitated, driver);
        reader->out_of_memory |= status < 0;
    }
    source_names_done(&names);
}

static void tell(struct reader *reader, const char *name, const char *list, const char *why) {
    if (list)
        fact_text(reader, name, list, "/sys/bus/*/devices/*/driver");
    else
        fact_none(reader, name, FACT_NOT_APPLICABLE, why, "/sys/bus/*/devices/*/driver");
}

void read_drivers(struct reader *reader) {
    static const char *const buses[] = {"virtio", "xen", "vmbus", "pci"};
    cleanup_free char *paravirtual = NULL, *imitated = NULL;

    for (size_t i = 0; i < VMS_LENGTH(buses); i++)
        read_bus(reader, buses[i], &paravirtual, &imitated);
    tell(reader, "drivers.paravirtual", paravirtual, "no device of a paravirtual bus");
    tell(reader, "drivers.imitated", imitated, "no driver of a device that hypervisors imitate");
}
