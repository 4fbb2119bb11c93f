/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that hold no JSON document, by their first bytes: what people name by mistake. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_FOREIGN_H
#define VMSUITE_RESULTS_RECORD_FILE_FOREIGN_H

#include <stddef.h>

#define FOREIGN_BYTES 512 /* that are looked at */

struct foreign {
    const char *name; /* "an HTML page" */
    const char *mend; /* "unpack it" */
};

/* NULL: none of these. What is found is static. */
const struct foreign *foreign_find(const char *begin, size_t length);

#endif
