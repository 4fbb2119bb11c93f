/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which drivers hold the devices: a guest's figures are those of its drivers. */
#include "base/cleanup.h"
#include "machine/driver_family.h"
#include "machine/facts.h"
#include "machine/list.h"

#include <string.h>

/* On PCI the devices of virtio are shown by a bridge to their own bus, which tells them better. */
static bool is_own_device(const char *driver) {
    return driver_is_paravirtual(driver) && strncmp(driver, "virtio", 6) != 0;
}

/* Adds the drivers of a bus to the lists. On PCI only the known ones are told. */
static void read_bus(struct reader *reader, const char *bus, char **paravirtual, char **imitated) {
    struct source_names names;

    if (source_list(reader->source, &names, "/sys/bus/%s/devices", bus) < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *driver = NULL;
        bool own_bus = strcmp(bus, "pci") != 0;
        int status = 0;

        if (source_link(reader->source, &driver, "/sys/bus/%s/devices/%s/driver", bus, names.names[i]) < 0)
            continue;
        if (own_bus || is_own_device(driver))
            status = list_add(paravirtual, driver);
        else if (driver_family(driver) && !driver_is_paravirtual(driver))
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
