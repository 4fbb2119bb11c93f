/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_CORE_MACHINE_OFFLOADS_H
#define VMSUITE_CORE_MACHINE_OFFLOADS_H

#include "machine/machine.h"

/* What the card does in the kernel's place, as "rx-checksum on, tso off, ...", by ethtool's ioctl; of a
 * capture, its file /vmsuite/offloads. *ret_text is the caller's. -EOPNOTSUPP: the driver does not report
 * it. */
int offloads_read(const struct machine_source *source, const char *interface, char **ret_text);

#endif
