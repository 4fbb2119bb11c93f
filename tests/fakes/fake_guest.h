/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine in a few lines: what decides of what it is, and the right answer. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_GUEST_H
#define VMSUITE_TESTS_FAKES_FAKE_GUEST_H

#define FILES_MAX 8

struct file {
    const char *path, *text;
};

enum processor { NO_CPUID, BIT_CLEAR, BIT_SET };

struct guest {
    const char *title;
    enum processor processor;
    const char *signatures[2]; /* at 0x40000000 and 0x40000100 */
    const char *brand;         /* CPUID's, where it is another than /proc/cpuinfo's */
    const char *acpi;          /* OEM id of FACP */
    struct file files[FILES_MAX];
    const char *cpuid; /* further lines of the capture's file */
    const char *virtualization, *layers, *kind, *interface, *container, *confidential;
};

/* A cmocka test whose initial state is a const struct guest *. */
void fake_guest_is_recognised(void **state);

#endif
