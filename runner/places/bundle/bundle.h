/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This program with everything that it needs elsewhere: modules, libraries, the dynamic loader, suites and
 * configurations, as one tar file. Where it lands no package is needed, only a kernel of the same
 * processor. */
#ifndef VMSUITE_RUNNER_PLACES_BUNDLE_BUNDLE_H
#define VMSUITE_RUNNER_PLACES_BUNDLE_BUNDLE_H

#include "module/loader.h"

#include <stdio.h>

#define BUNDLE_HASH_SIZE 65

struct bundle {
    const struct module_list *modules; /* borrowed: those that a guest's image holds, too */
    char *bytes;                       /* owned; NULL: no place wants them */
    size_t size;
    /* SHA-256 of the bytes, in hexadecimal: the same files make the same bundle */
    char hash[BUNDLE_HASH_SIZE];
    bool is_kept; /* where it is brought it stays, and is found again */
};

/* Puts it together. -errno with a sentence. */
int bundle_make(const struct module_list *modules, struct bundle *ret_bundle, struct vms_error *error);
void bundle_done(struct bundle *bundle);

#endif
