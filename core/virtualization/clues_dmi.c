/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMI: the names that firmware gives machine, board and itself. */
#include "base/cleanup.h"
#include "base/text.h"
#include "virtualization/clouds.h"
#include "virtualization/clues.h"

#include <stddef.h>
#include <string.h>

#define FOLDER "/sys/class/dmi/id"

/* A cloud's name: its guests' hypervisor where the product is a guest's, bare hardware where it is that, and
 * otherwise support for what else is seen. */
static struct clue clue_of_cloud(const struct cloud *cloud, const char *product) {
    struct clue clue = {.strength = CLUE_FIRMWARE, .hypervisor = hypervisor_of(cloud->hypervisor)};

    clue.meaning = cloud->bare && strcasestr(product, cloud->bare) ? CLUE_NATIVE
                   : cloud->guest                                  ? CLUE_SUPPORTS
                                                                   : CLUE_NOTE;
    return clue;
}

static void read_product(struct survey *survey, struct clues *clues, const char *vendor,
                         const char *product) {
    struct clue clue = {.strength = CLUE_FIRMWARE, .meaning = CLUE_NAMES};
    cleanup_free char *both = text_new("%s %s", vendor, product);
    const struct cloud *cloud;

    if (!both) {
        survey->out_of_memory = true;
        return;
    }
    clue.hypervisor = clue_find_word(offsetof(struct hypervisor, dmi), both);
    cloud = clue.hypervisor ? NULL : cloud_find(both);
    if (cloud)
        clue = clue_of_cloud(cloud, product);
    else if (!clue.hypervisor)
        /* A guest may show its host's names; where CPUID can be asked, that says better what is bare. */
        clue.meaning = maker_of_machine(vendor) && !clues->cpuid ? CLUE_NATIVE : CLUE_NOTE;
    (void)clue_add(clues, survey, clue, both, "DMI vendor and product");
}

void clues_read_dmi(struct survey *survey, struct clues *clues) {
    static const char *const files[] = {"sys_vendor",   "product_name", "product_version",
                                        "board_vendor", "bios_vendor",  "bios_version"};
    cleanup_free char *vendor = NULL, *name = NULL;
    bool both = source_text(survey->source, &vendor, FOLDER "/sys_vendor") == 0 &&
                source_text(survey->source, &name, FOLDER "/product_name") == 0;

    if (both)
        read_product(survey, clues, vendor, name);
    for (size_t i = both ? 2 : 0; i < VMS_LENGTH(files); i++) {
        struct clue clue = {.strength = CLUE_FIRMWARE, .meaning = CLUE_NAMES};
        cleanup_free char *text = NULL;

        if (source_text(survey->source, &text, FOLDER "/%s", files[i]) < 0)
            continue;
        clue.hypervisor = clue_find_word(offsetof(struct hypervisor, dmi), text);
        if (clue.hypervisor)
            (void)clue_add(clues, survey, clue, text, FOLDER "/%s", files[i]);
    }
}
