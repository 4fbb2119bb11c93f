/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A value against a module's parameter table. */
#ifndef VMSUITE_CORE_MODULE_PARAM_H
#define VMSUITE_CORE_MODULE_PARAM_H

#include <vmsuite/module.h>

#define PARAM_TEXT_SIZE 256 /* the longest text value, with its NUL */

/* Index of the parameter called `name`, or -1. */
int param_find(const struct vms_module *module, const char *name);

/* Parses what a user typed. A VMS_TEXT value points into `text`, which must outlive it. -EINVAL with a
 * sentence that names the parameter, what was given and what is allowed ("did you mean" for choices);
 * *ret_value is written on success only. */
int param_parse(const struct vms_param *param, const char *text, union vms_value *ret_value,
                struct vms_error *error);

/* Fills `ret_values` (n_params of them) from the table's defaults. */
int param_defaults(const struct vms_module *module, union vms_value *ret_values, struct vms_error *error);

/* Checks the table itself: names, kinds, defaults that parse, limits that parse, min <= max, choices.
 * Used by the loader. -EINVAL with a sentence that names the row. */
int param_check_table(const struct vms_module *module, struct vms_error *error);

/* "count", "bytes", ... : the kind's name in listings and schemas. */
const char *param_kind_name(enum vms_kind kind);
int param_kind_from_name(const char *name, enum vms_kind *ret_kind); /* -EINVAL */

#endif
