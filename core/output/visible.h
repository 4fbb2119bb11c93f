/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data of others on a terminal: what is written as it is to files and pipes must not move a cursor here. */
#ifndef VMSUITE_CORE_OUTPUT_VISIBLE_H
#define VMSUITE_CORE_OUTPUT_VISIBLE_H

#include <stdio.h>

/* A stream to `to`, with control characters but newlines and tabs as \x1b. Closing it flushes it and leaves
 * `to` open. NULL without memory. */
FILE *visible_open(FILE *to);

#endif
