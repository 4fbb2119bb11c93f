/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams that lose nothing: they wait where their descriptor would not (O_NONBLOCK, which whoever shares it
 * may set at any time), and keep the first failure with its cause. */
#ifndef VMSUITE_CORE_OUTPUT_STREAM_H
#define VMSUITE_CORE_OUTPUT_STREAM_H

#include <stdio.h>

struct stream {
    FILE *file; /* write here; fclose does not close the descriptor. fileno() does not know it */
    int fd;     /* borrowed */
    int status; /* the first failure, a negative errno; nothing is written after it */
};

/* Sets up a stream that writes to the descriptor. `stream` must stay where it is while `file` is open.
 * -ENOMEM. */
int stream_open(int fd, struct stream *stream);

/* Writes what is still in the stream's buffer. 0, or the first failure since it was opened. */
int stream_flush(struct stream *stream);

/* Prepares a program, first thing in main: descriptors 0 to 2 that are closed are opened on /dev/null
 * (writing to a stdout that was closed fails), SIGPIPE and SIGXFSZ are ignored, so that a closed pipe and a
 * limit on the size of files are failures of the write, SIGCHLD is not, even where the parent ignores it, so
 * that children can be waited for, and `stdout` is such a stream. */
void stream_begin(void);

/* What has become of `stdout`: 0 or the first failure, which the caller says, so that stream_end does not. */
int stream_stdout_flush(void);

/* Ends a program: returns its exit status, `status`, or `failed` instead of 0 where stdout could not be
 * written; that is said on stderr after the program's name, unless it has been said. Where the reader of a
 * pipe has gone, the process ends by SIGPIPE, as shells expect, unless its parent had that ignored. */
int stream_end(const char *program, int status, int failed);

#endif
