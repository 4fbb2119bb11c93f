/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_TESTS_FUZZ_CHECK_MACHINE_H
#define VMSUITE_TESTS_FUZZ_CHECK_MACHINE_H

#include "source/source.h"

/* Reads the machine and judges its noise: all of it is whole, whatever the source holds. */
void check_machine(const struct machine_source *source);

#endif
