/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer's log: one that nobody reads keeps no client waiting. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_SERVER_LOG_H
#define VMSUITE_RUNNER_PEER_SERVER_SERVER_LOG_H

#include <stdio.h>

struct server_log {
    FILE *file;      /* NULL: there is none */
    unsigned n_lost; /* lines that it did not take */
};

/* Writes a line, printf-style and with its newline, of less than 2 KiB. Where that would have to wait, as for
 * a pipe that is full, the line is counted as lost, and the next one that is taken says so. */
void server_log_line(struct server_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
