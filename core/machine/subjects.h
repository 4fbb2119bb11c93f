/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each subject's facts, one file a subject. */
#ifndef VMSUITE_CORE_MACHINE_SUBJECTS_H
#define VMSUITE_CORE_MACHINE_SUBJECTS_H

#include "facts/survey.h"

void survey_cpu(struct survey *survey);
void survey_caches(struct survey *survey);
void survey_memory(struct survey *survey);
void survey_control_group(struct survey *survey);
void survey_kernel(struct survey *survey);
void survey_storage(struct survey *survey, const char *scratch);
void survey_network(struct survey *survey);
void survey_drivers(struct survey *survey);

#endif
