/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file without a name, for what does not fit into memory. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_TEMPORARY_H
#define VMSUITE_RESULTS_RECORD_FILE_TEMPORARY_H

/* Opens an empty file for reading and writing that goes away when it is closed: in $TMPDIR, else in /var/tmp,
 * which is on a disk where /tmp is often memory, else in /tmp. The descriptor is the caller's. A negative
 * errno. */
int temporary_open(void);

#endif
