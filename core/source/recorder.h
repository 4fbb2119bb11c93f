/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes down what is read of a machine, as a tree that machine_source_at reads again, without what names its
 * owner (scrub.h). */
#ifndef VMSUITE_CORE_SOURCE_RECORDER_H
#define VMSUITE_CORE_SOURCE_RECORDER_H

#include "source/source.h"

struct recorder {
    int folder;    /* borrowed: a descriptor of the tree's root */
    char host[65]; /* the machine's name, which is taken out; "" where it is unknown */
    int status;    /* the first failure, a negative errno; after it nothing more is written */
};

/* `live`: this machine is recorded, whose host name is taken out. */
void recorder_init(struct recorder *recorder, int folder, bool live);

/* The reading functions call these with what they have read. `recorder` NULL: nothing is recorded. */
void recorder_bytes(struct recorder *recorder, const char *path, const char *bytes, size_t size);
void recorder_link(struct recorder *recorder, const char *path, const char *name);
void recorder_presence(struct recorder *recorder, const char *path);

/* Writes the CPUID leaves that are read, and every hypervisor leaf, into the file "cpuid". */
void recorder_cpuid(struct recorder *recorder, const struct machine_source *source);

#endif
