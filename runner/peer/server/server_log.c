/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/server_log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>

/* What a pipe says that it takes is at least PIPE_BUF: two lines. A stream in memory has no descriptor. */
static bool takes_lines(FILE *file) {
    struct pollfd log = {.fd = fileno(file), .events = POLLOUT};

    return log.fd < 0 || poll(&log, 1, 0) != 0;
}

void server_log_line(struct server_log *log, const char *format, ...) {
    va_list arguments;

    if (!log->file)
        return;
    if (!takes_lines(log->file)) {
        log->n_lost++;
        return;
    }
    if (log->n_lost > 0)
        fprintf(log->file, "%u line%s of this log %s lost: nobody read it\n", log->n_lost,
                log->n_lost == 1 ? "" : "s", log->n_lost == 1 ? "was" : "were");
    log->n_lost = 0;
    va_start(arguments, format);
    (void)vfprintf(log->file, format, arguments);
    va_end(arguments);
    (void)fflush(log->file);
}
