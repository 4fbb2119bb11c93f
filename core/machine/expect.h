/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a configuration claims about the machine, against what the machine is. A claim that cannot be checked
 * does not hold: a figure under the wrong label is worse than none. */
#ifndef VMSUITE_CORE_MACHINE_EXPECT_H
#define VMSUITE_CORE_MACHINE_EXPECT_H

#include "machine/machine.h"

#include <vmsuite/module.h>

/* One claim, as text:
 *   virtualization, container  a name as `env` names it
 *   cpus                       "2", ">=2" or "<=2": processors that are online
 *   memory                     ">=4GiB", "<=4GiB", or "512MiB": within 75% to 102% of it, since kernels keep
 *                              some for themselves
 *   kernel, cpu_model          a shell pattern (fnmatch(3)): "6.1.*"
 *   architecture, clock_source a name
 *   disk_driver, network_driver
 *                              a name, or its family: "virtio", "xen", "emulated" (driver_family.h)
 *   network_path               "loopback" or "network" */
struct expectation {
    const char *key, *value;
};

/* All keys, ended by NULL. */
extern const char *const expectation_keys[];

/* What a key is compared with, for the manual: no capital, no full stop. NULL: no such key. */
const char *expectation_sentence(const char *key);

/* Checks the claim itself: key, and a value that can be compared. -EINVAL with a sentence. */
int expectation_validate(const struct expectation *expectation, struct vms_error *error);

/* Compares valid claims with the machine. `network_path` is the path that the run will take, or NULL where it
 * has no network case (then a claim about it is passed over). 0: all hold. Otherwise the number of claims
 * that do not, and in *ret_sentences (the caller frees) one line for each: what was expected, what was found,
 * on which evidence. -ENOMEM. */
int expectations_check(const struct machine *machine, const struct expectation *expectations, size_t n,
                       const char *network_path, char **ret_sentences);

#endif
