/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where sysfs and /proc describe processors. */
#ifndef VMSUITE_CORE_MACHINE_CPU_H
#define VMSUITE_CORE_MACHINE_CPU_H

#include "machine/subjects.h"

#define CPU_FOLDER "/sys/devices/system/cpu"
#define CPUINFO "/proc/cpuinfo"

/* The value of the first line "KEY : VALUE" of such a text, or NULL. The caller frees. */
char *cpuinfo_value(const char *text, const char *key);

/* "cpu0", "cpu1", ... among the other names of their folder. */
bool cpu_is_folder(const char *name);

/* Governor, turbo and frequencies. */
void survey_cpu_frequency(struct survey *survey);

#endif
