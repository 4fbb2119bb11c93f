/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A module's descriptor: whether it can be trusted, and in which shape this program reads it. */
#ifndef VMSUITE_CORE_MODULE_DESCRIPTOR_H
#define VMSUITE_CORE_MODULE_DESCRIPTOR_H

#include "base/error.h"

#define DESCRIPTOR_NAME_SIZE 64 /* the longest name of a module, with its NUL */
#define DESCRIPTOR_ROWS_MAX 64

/* Whether `name` is lower case letters, digits and '_' after a letter. */
bool descriptor_is_name(const char *name);

/* Makes of the descriptor that a shared object exports one of this program's minor version, with tables of
 * its own: rows of any size are read by the sizes that the descriptor names, and those of ABI 1.0, which
 * names none, by that version's numbers. Texts and functions stay in the shared object. `name` is what the
 * file's name says. -EINVAL: a sentence for each rule that does not hold; -ENOMEM. The caller frees
 * *ret_module with free(). */
int descriptor_adopt(const struct vms_module *found, const char *name, struct vms_module **ret_module,
                     struct vms_error *error);

/* "plain", "size", ...: as listings and records say it. */
const char *descriptor_role_name(enum vms_role role);
int descriptor_role_from_name(const char *name, enum vms_role *ret_role);

#endif
