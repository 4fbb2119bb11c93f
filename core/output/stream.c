/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static struct stream standard = {.fd = STDOUT_FILENO};
static bool is_sigpipe_ignored; /* by the parent */
static bool is_told;            /* that stdout could not be written */

/* Writes all of it. 0 or a negative errno. */
static int write_all(int fd, const char *text, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, text, size);

        if (written >= 0) {
            text += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

static ssize_t write_cookie(void *cookie, const char *text, size_t size) {
    struct stream *stream = cookie;

    if (stream->status == 0)
        stream->status = write_all(stream->fd, text, size);
    if (stream->status == 0)
        return (ssize_t)size;
    errno = -stream->status;
    return 0; /* what stdio takes for a failure */
}

int stream_open(int fd, struct stream *stream) {
    *stream = (struct stream){.fd = fd};
    stream->file = fopencookie(stream, "w", (cookie_io_functions_t){.write = write_cookie});
    if (!stream->file)
        return -ENOMEM;
    if (isatty(fd))
        (void)setvbuf(stream->file, NULL, _IOLBF, BUFSIZ);
    return 0;
}

int stream_flush(struct stream *stream) {
    if (fflush(stream->file) == EOF && stream->status == 0)
        stream->status = errno ? -errno : -EIO;
    return stream->status;
}

/* Each is the lowest that is free when its turn comes. */
static void open_missing(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY}; /* a closed stdout takes nothing */

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", modes[fd]);
}

void stream_begin(void) {
    struct sigaction before;

    open_missing();
    is_sigpipe_ignored = sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)signal(SIGCHLD, SIG_DFL);
    if (stream_open(STDOUT_FILENO, &standard) == 0)
        stdout = standard.file;
}

static int flush_stdout(void) {
    if (standard.file)
        return stream_flush(&standard);
    return fflush(stdout) == EOF || ferror(stdout) ? -EIO : 0;
}

int stream_stdout_flush(void) {
    int status = flush_stdout();

    is_told |= status < 0;
    return status;
}

int stream_end(const char *program, int status, int failed) {
    int flushed = flush_stdout();

    if (flushed == 0)
        return status;
    if (flushed == -EPIPE && !is_sigpipe_ignored) {
        (void)signal(SIGPIPE, SIG_DFL);
        (void)raise(SIGPIPE);
    }
    if (!is_told)
        fprintf(stderr, "%s: cannot write to standard output: %s\n", program, strerror(-flushed));
    return status ? status : failed;
}
