/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page of a module, from the tables in its file. */
#ifndef VMSUITE_RUNNER_MANUAL_MDOC_MODULE_H
#define VMSUITE_RUNNER_MANUAL_MDOC_MODULE_H

#include <vmsuite/module.h>

#include <stdio.h>

void mdoc_module(FILE *file, const struct vms_module *module);

#endif
