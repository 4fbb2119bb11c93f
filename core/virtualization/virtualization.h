/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layers below this kernel (verdict.h) and the container around this process, with the evidence. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_VIRTUALIZATION_H
#define VMSUITE_CORE_VIRTUALIZATION_VIRTUALIZATION_H

#include "facts/survey.h"

void survey_virtualization(struct survey *survey);
void survey_container(struct survey *survey);

/* Whether guests' memory is kept from the host: virtualization.confidential (confidential.c). */
void survey_confidential(struct survey *survey);

/* Every container that there is an answer for, "none" first. Static. */
const char *const *container_names(size_t *ret_n);

#endif
