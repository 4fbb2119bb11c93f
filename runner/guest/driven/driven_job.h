/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job of a guest whose agent is driven: an archive with /job, joined to the appliance's. */
#ifndef VMSUITE_RUNNER_GUEST_DRIVEN_DRIVEN_JOB_H
#define VMSUITE_RUNNER_GUEST_DRIVEN_DRIVEN_JOB_H

#include "guest/launchers/guest_settings.h"

#include <vmsuite/module.h>

/* Writes the archive to `path`. -errno with a sentence. */
int driven_job_write(const struct guest_settings *settings, const char *path, struct vms_error *error);

#endif
