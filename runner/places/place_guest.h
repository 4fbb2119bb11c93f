/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters of a place that is a guest: those of a configuration's "guest" section. */
#ifndef VMSUITE_RUNNER_PLACES_PLACE_GUEST_H
#define VMSUITE_RUNNER_PLACES_PLACE_GUEST_H

#include "guest/launchers/guest_settings.h"

#include <vmsuite/module.h>

/* Reads "vcpus=2,memory=1GiB", which is changed. -EINVAL with a sentence. The caller frees with
 * guest_settings_done. */
int place_guest_read(const char *launcher, char *text, struct guest_settings *ret_settings,
                     struct vms_error *error);

#endif
