/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which drivers hold the devices: a guest's figures are those of its drivers. */
#include "base/cleanup.h"
#include "base/text_list.h"
#include "machine/subjects.h"
#include "virtualization/driver_family.h"
#include "virtualization/hypervisors.h"

#include <string.h>

/* On PCI the devices of virtio are shown by a bridge to their own bus, which describes them better. */
static bool is_own_device(const char *driver) {
    return driver_is_paravirtual(driver) && strncmp(driver, "virtio", 6) != 0;
}

/* Adds the drivers of a bus to the lists. On PCI only the known ones are reported. */
static void read_bus(struct survey *survey, const char *bus, char **paravirtual, char **imitated) {
    struct source_names names;

    if (source_list(survey->source, &names, "/sys/bus/%s/devices", bus) < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *driver = NULL;
        bool own_bus = strcmp(bus, "pci") != 0;
        int status = 0;

        if (source_link(survey->source, &driver, "/sys/bus/%s/devices/%s/driver", bus, names.names[i]) < 0)
            continue;
        if (own_bus || is_own_device(driver))
            status = text_list_add(paravirtual, driver);
        else if (driver_family(driver) && !driver_is_paravirtual(driver))
            status = text_list_add(imitated, driver);
        survey->out_of_memory |= status < 0;
    }
    source_names_done(&names);
}

static void report(struct survey *survey, const char *name, const char *list, const char *why) {
    if (list)
        fact_text(survey, name, list, "/sys/bus/*/devices/*/driver");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, why, "/sys/bus/*/devices/*/driver");
}

void survey_drivers(struct survey *survey) {
    static const char *const buses[] = {"virtio", "pci"};
    cleanup_free char *paravirtual = NULL, *imitated = NULL;

    for (size_t i = 0; i < n_hypervisors; i++)
        if (hypervisors[i].bus)
            read_bus(survey, hypervisors[i].bus, &paravirtual, &imitated);
    for (size_t i = 0; i < VMS_LENGTH(buses); i++)
        read_bus(survey, buses[i], &paravirtual, &imitated);
    report(survey, "drivers.paravirtual", paravirtual, "no device of a paravirtual bus");
    report(survey, "drivers.imitated", imitated, "no driver of a device that hypervisors imitate");
}
