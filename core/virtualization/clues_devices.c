/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ids of PCI devices that only one hypervisor gives out (pci.ids). */
#include "base/cleanup.h"
#include "base/text.h"
#include "virtualization/clues.h"

#include <stddef.h>

void clues_read_devices(struct survey *survey, struct clues *clues) {
    const struct hypervisor *last = NULL;
    struct source_names names;

    if (source_list(survey->source, &names, "/sys/bus/pci/devices") < 0)
        return;
    for (size_t i = 0; i < names.n_names; i++) {
        struct clue clue = {.strength = CLUE_DEVICE, .meaning = CLUE_NAMES};
        cleanup_free char *vendor = NULL, *device = NULL, *id = NULL;

        if (source_text(survey->source, &vendor, "/sys/bus/pci/devices/%s/vendor", names.names[i]) < 0 ||
            source_text(survey->source, &device, "/sys/bus/pci/devices/%s/device", names.names[i]) < 0)
            continue;
        id = text_new("%s:%s", vendor, device);
        if (!id) {
            survey->out_of_memory = true;
            break;
        }
        clue.hypervisor = clue_find_start(offsetof(struct hypervisor, pci), id);
        if (clue.hypervisor &&
            clue.hypervisor != last) /* one row of evidence is enough for several of a kind */
            (void)clue_add(clues, survey, clue, id, "PCI device %s", names.names[i]);
        last = clue.hypervisor ? clue.hypervisor : last;
    }
    source_names_done(&names);
}
