/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/machine.h"

#include "machine/subjects.h"
#include "virtualization/hypervisors.h"
#include "virtualization/virtualization.h"

#include <errno.h>
#include <string.h>

int machine_read(const struct machine_source *source, const char *scratch, struct machine *ret_machine) {
    struct machine machine = {.virtualization = virtualization_unknown, .container = *container_names(NULL)};
    struct source_trouble trouble = {0};
    struct machine_source watched = *source;
    struct survey survey = {.source = &watched, .machine = &machine};

    watched.trouble = &trouble;
    survey_virtualization(&survey);
    survey_container(&survey);
    /* Which container it is is no fact: what could not be read for it stands with the evidence. */
    if (trouble.code != 0)
        evidence_add(&survey, NULL, strerror(trouble.code), "%s", trouble.path);
    trouble.code = 0;
    survey_cpu(&survey);
    survey_caches(&survey);
    survey_memory(&survey);
    survey_control_group(&survey);
    survey_kernel(&survey);
    survey_storage(&survey, scratch);
    survey_network(&survey);
    survey_drivers(&survey);
    if (survey.out_of_memory) {
        machine_done(&machine);
        return -ENOMEM;
    }
    *ret_machine = machine;
    return 0;
}
