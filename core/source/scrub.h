/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes out of a captured file what names its owner: serial numbers, UUIDs, MAC addresses, host names,
 * secrets on the kernel's command line, paths of mounts. */
#ifndef VMSUITE_CORE_SOURCE_SCRUB_H
#define VMSUITE_CORE_SOURCE_SCRUB_H

#include <stddef.h>

/* The text with the digits of UUIDs, MAC addresses and hexadecimal words of 32 digits and more set to 0, and
 * the word `host` (NULL: none) replaced by "host". The caller frees; NULL without memory. */
char *scrub_text(const char *text, const char *host);

/* What may be kept of the file at `path`. Some files are cut down to what is read of them: the command line,
 * /proc/cpuinfo, routes, mounts, the first process's environment. *ret_bytes is the caller's. -ENOMEM. */
int scrub_file(const char *path, const char *host, const char *bytes, size_t size, char **ret_bytes,
               size_t *ret_size);

#endif
