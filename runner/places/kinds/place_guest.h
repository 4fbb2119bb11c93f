/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters of a place that is a guest: those of a configuration's "guest" section. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_PLACE_GUEST_H
#define VMSUITE_RUNNER_PLACES_KINDS_PLACE_GUEST_H

#include "places/kinds/place.h"

#include <vmsuite/module.h>

/* Reads "vcpus=2,memory=1GiB", which is changed, of a guest of that kind's launcher: one that is called
 * `guest` there, or its first (""). -EINVAL with a sentence. The caller frees with guest_settings_done. */
int place_guest_read(const struct place_kind *kind, const char *guest, char *text,
                     struct guest_settings *ret_settings, struct vms_error *error);

#endif
