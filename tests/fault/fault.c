/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets the n-th call of a kind fail, deterministically: preloaded into the program.
 *
 * VMSUITE_FAULT=KIND:N[:stays][:below] names the call, counted from 0 and from the program's start on. With
 * `stays` all later calls of the kind fail too. With `below` only those of processes that the program starts
 * count, else only its own. VMSUITE_FAULT_LEDGER is a file of at least sizeof(struct ledger) zero bytes, in
 * which the calls of each kind and the faults are counted, so that whoever drives this knows when all have
 * had their turn. Room behind it takes the way by which each call was reached: what called it, and what
 * called that, as one number, which is the same in all processes while addresses are not randomised.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum kind {
    MALLOC,
    MMAP,
    OPEN,
    CLOSE,
    DUP,
    READ,
    WRITE,
    TRUNCATE,
    FSYNC,
    LOCK,
    RENAME,
    UNLINK,
    MKDIR,
    FORK,
    SOCKET,
    CONNECT,
    SEND,
    RECV,
    LIST,
    SHORT,
    N_KINDS
};

static const struct {
    const char *name;
    int error;
} kinds[N_KINDS] = {
    [MALLOC] = {"malloc", ENOMEM}, [MMAP] = {"mmap", ENOMEM},
    [OPEN] = {"open", EMFILE},     [CLOSE] = {"close", EIO},
    [DUP] = {"dup", EMFILE},       [READ] = {"read", EIO},
    [WRITE] = {"write", ENOSPC},   [TRUNCATE] = {"truncate", EIO},
    [FSYNC] = {"fsync", EIO},      [LOCK] = {"lock", ENOLCK},
    [RENAME] = {"rename", EIO},    [UNLINK] = {"unlink", EIO},
    [MKDIR] = {"mkdir", ENOSPC},   [FORK] = {"fork", EAGAIN},
    [SOCKET] = {"socket", EMFILE}, [CONNECT] = {"connect", ETIMEDOUT},
    [SEND] = {"send", ENOBUFS},    [RECV] = {"recv", ECONNRESET},
    [LIST] = {"list", EIO},        [SHORT] = {"short", 0},
};

/* A call, and how it was reached. */
struct reached {
    uint64_t number, kind, way;
};

/* campaign.py reads it. */
struct ledger {
    int64_t pid; /* of the process that is counted */
    uint64_t faults, calls[N_KINDS], n_reached;
    struct reached reached[];
};

#define WAY_DEPTH 40

static struct ledger *ledger;
static uint64_t reached_max;
static enum kind struck = N_KINDS;
static uint64_t turn;
static bool stays, below;

__attribute__((constructor)) static void begin(void) {
    const char *setting = getenv("VMSUITE_FAULT"), *path = getenv("VMSUITE_FAULT_LEDGER"), *colon;
    struct ledger *mapped = MAP_FAILED;
    struct stat about;
    void *first;
    int fd;

    colon = setting ? strchr(setting, ':') : NULL;
    fd = path && colon ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    if (fstat(fd, &about) == 0)
        mapped = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (mapped == MAP_FAILED)
        return;
    reached_max = ((size_t)about.st_size - sizeof(*mapped)) / sizeof(mapped->reached[0]);
    if (reached_max > 0)
        (void)backtrace(&first, 1); /* loads what it needs, before calls are counted */
    turn = strtoull(colon + 1, NULL, 10);
    stays = strstr(colon, ":stays") != NULL;
    below = strstr(colon, ":below") != NULL;
    if (mapped->pid == 0)
        mapped->pid = getpid();
    for (enum kind kind = 0; kind < N_KINDS; kind++)
        if (strlen(kinds[kind].name) == (size_t)(colon - setting) &&
            strncmp(kinds[kind].name, setting, (size_t)(colon - setting)) == 0)
            struck = kind;
    ledger = mapped;
}

/* FNV-1a of the addresses of all callers. */
static void note_way(enum kind kind, uint64_t number) {
    uint64_t place = __atomic_fetch_add(&ledger->n_reached, 1, __ATOMIC_RELAXED), way = 0xcbf29ce484222325;
    void *callers[WAY_DEPTH];
    int n;

    if (place >= reached_max)
        return;
    n = backtrace(callers, WAY_DEPTH);
    for (int i = 0; i < n; i++)
        way = (way ^ (uintptr_t)callers[i]) * 0x100000001b3;
    ledger->reached[place] = (struct reached){number, kind, way};
}

/* Counts a call; whether it is to fail, and then errno is set. */
static bool fails(enum kind kind) {
    uint64_t number;

    if (!ledger || (getpid() != ledger->pid) != below)
        return false;
    number = __atomic_fetch_add(&ledger->calls[kind], 1, __ATOMIC_RELAXED);
    if (reached_max > 0)
        note_way(kind, number);
    if (kind != struck || (number != turn && !(stays && number > turn)))
        return false;
    (void)__atomic_fetch_add(&ledger->faults, 1, __ATOMIC_RELAXED);
    errno = kinds[kind].error;
    return true;
}

/* Defines NAME with its C library's type, failing with RESULT. The assembler's name keeps the C library's own
 * declaration (attributes, checking macros) out of it. */
#define FAULTY(kind, type, result, name, parameters, arguments)                                              \
    EXPORT type faulty_##name parameters __asm__(#name);                                                     \
    EXPORT type faulty_##name parameters {                                                                   \
        static type(*next) parameters;                                                                       \
                                                                                                             \
        if (!next)                                                                                           \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                                       \
        return fails(kind) ? (result) : next arguments;                                                      \
    }

FAULTY(MALLOC, void *, NULL, malloc, (size_t size), (size))
FAULTY(MALLOC, void *, NULL, calloc, (size_t n, size_t size), (n, size))
FAULTY(MALLOC, void *, NULL, realloc, (void *old, size_t size), (old, size))
FAULTY(MALLOC, void *, NULL, aligned_alloc, (size_t to, size_t size), (to, size))
FAULTY(MALLOC, int, ENOMEM, posix_memalign, (void **place, size_t to, size_t size), (place, to, size))
FAULTY(MMAP, void *, MAP_FAILED, mmap, (void *at, size_t size, int access, int flags, int fd, off_t offset),
       (at, size, access, flags, fd, offset))
FAULTY(MMAP, void *, MAP_FAILED, mmap64, (void *at, size_t size, int access, int flags, int fd, off_t offset),
       (at, size, access, flags, fd, offset))

/* The mode is passed on whether there is one or not: in a register, it does no harm. */
FAULTY(OPEN, int, -1, open, (const char *path, int flags, unsigned mode), (path, flags, mode))
FAULTY(OPEN, int, -1, open64, (const char *path, int flags, unsigned mode), (path, flags, mode))
FAULTY(OPEN, int, -1, __open_2, (const char *path, int flags), (path, flags))
FAULTY(OPEN, int, -1, __open64_2, (const char *path, int flags), (path, flags))
FAULTY(OPEN, int, -1, openat, (int folder, const char *path, int flags, unsigned mode),
       (folder, path, flags, mode))
FAULTY(OPEN, int, -1, openat64, (int folder, const char *path, int flags, unsigned mode),
       (folder, path, flags, mode))
FAULTY(OPEN, int, -1, __openat_2, (int folder, const char *path, int flags), (folder, path, flags))
FAULTY(OPEN, int, -1, __openat64_2, (int folder, const char *path, int flags), (folder, path, flags))
FAULTY(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
FAULTY(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
FAULTY(OPEN, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
FAULTY(OPEN, DIR *, NULL, opendir, (const char *path), (path))
FAULTY(OPEN, DIR *, NULL, fdopendir, (int fd), (fd))
FAULTY(LIST, struct dirent *, NULL, readdir, (DIR * directory), (directory))
FAULTY(LIST, struct dirent *, NULL, readdir64, (DIR * directory), (directory))
FAULTY(OPEN, int, -1, pipe2, (int *ends, int flags), (ends, flags))
FAULTY(OPEN, int, -1, mkostemp, (char *name, int flags), (name, flags))
FAULTY(OPEN, int, -1, mkostemp64, (char *name, int flags), (name, flags))

/* The descriptor is gone all the same, as Linux does it. A stream in memory has none. */
#define FAULTY_CLOSE(is_struck, name, parameters, arguments)                                                 \
    EXPORT int faulty_##name parameters __asm__(#name);                                                      \
    EXPORT int faulty_##name parameters {                                                                    \
        static int(*next) parameters;                                                                        \
        bool is_file = (is_struck);                                                                          \
        int status;                                                                                          \
                                                                                                             \
        if (!next)                                                                                           \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                                       \
        status = next arguments;                                                                             \
        return is_file && fails(CLOSE) ? -1 : status;                                                        \
    }

FAULTY_CLOSE(true, close, (int fd), (fd))
FAULTY_CLOSE(fileno(file) >= 0, fclose, (FILE * file), (file))
FAULTY_CLOSE(true, closedir, (DIR * directory), (directory))

FAULTY(DUP, int, -1, dup2, (int from, int to), (from, to))
FAULTY(DUP, int, -1, dup3, (int from, int to, int flags), (from, to, flags))

#define PART 1024 /* bytes: what is shorter goes through a pipe at once */

/* What may come in parts, as no regular file does. */
static bool may_come_in_parts(int fd, size_t size) {
    struct stat about;

    return size >= PART && fstat(fd, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
}

/* A call that is cut short does half of it, which is no failure: whoever calls must go on with the rest. A
 * write that pipes take at once (PIPE_BUF) is never cut. */
#define FAULTY_PART(kind, may_be_cut, name, parameters, arguments)                                           \
    EXPORT ssize_t faulty_##name parameters __asm__(#name);                                                  \
    EXPORT ssize_t faulty_##name parameters {                                                                \
        static ssize_t(*next) parameters;                                                                    \
                                                                                                             \
        if (!next)                                                                                           \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                                       \
        if (fails(kind))                                                                                     \
            return -1;                                                                                       \
        if ((may_be_cut) && fails(SHORT))                                                                    \
            size /= 2;                                                                                       \
        return next arguments;                                                                               \
    }

FAULTY_PART(READ, may_come_in_parts(fd, size), read, (int fd, void *bytes, size_t size), (fd, bytes, size))
FAULTY_PART(READ, may_come_in_parts(fd, size), __read_chk, (int fd, void *bytes, size_t size, size_t room),
            (fd, bytes, size, room))
FAULTY(READ, ssize_t, -1, pread, (int fd, void *bytes, size_t size, off_t at), (fd, bytes, size, at))
FAULTY(READ, ssize_t, -1, pread64, (int fd, void *bytes, size_t size, off_t at), (fd, bytes, size, at))

FAULTY_PART(WRITE, size > PIPE_BUF, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
FAULTY(WRITE, ssize_t, -1, writev, (int fd, const struct iovec *parts, int n), (fd, parts, n))
FAULTY(WRITE, ssize_t, -1, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
FAULTY(WRITE, ssize_t, -1, pwrite64, (int fd, const void *bytes, size_t size, off_t at),
       (fd, bytes, size, at))
FAULTY(TRUNCATE, int, -1, ftruncate, (int fd, off_t size), (fd, size))
FAULTY(TRUNCATE, int, -1, ftruncate64, (int fd, off_t size), (fd, size))

FAULTY(LOCK, int, -1, flock, (int fd, int what), (fd, what))
/* SQLite's locks. All arguments are a register wide, which is passed on as it is. */
#define FAULTY_FCNTL(name)                                                                                   \
    EXPORT int faulty_##name(int fd, int what, void *argument) __asm__(#name);                               \
    EXPORT int faulty_##name(int fd, int what, void *argument) {                                             \
        static int (*next)(int fd, int what, void *argument);                                                \
        bool locks = what == F_SETLK || what == F_SETLKW;                                                    \
                                                                                                             \
        if (!next)                                                                                           \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                                       \
        return locks && fails(LOCK) ? -1 : next(fd, what, argument);                                         \
    }

FAULTY_FCNTL(fcntl)
FAULTY_FCNTL(fcntl64)

FAULTY(FSYNC, int, -1, fsync, (int fd), (fd))
FAULTY(FSYNC, int, -1, fdatasync, (int fd), (fd))

FAULTY(RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
FAULTY(RENAME, int, -1, renameat, (int from_at, const char *from, int to_at, const char *to),
       (from_at, from, to_at, to))
FAULTY(RENAME, int, -1, renameat2, (int from_at, const char *from, int to_at, const char *to, unsigned flags),
       (from_at, from, to_at, to, flags))
FAULTY(RENAME, int, -1, linkat, (int from_at, const char *from, int to_at, const char *to, int flags),
       (from_at, from, to_at, to, flags))
FAULTY(UNLINK, int, -1, unlink, (const char *path), (path))
FAULTY(UNLINK, int, -1, unlinkat, (int at, const char *path, int flags), (at, path, flags))
FAULTY(MKDIR, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
FAULTY(MKDIR, int, -1, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))

FAULTY(FORK, pid_t, -1, fork, (void), ())
FAULTY(FORK, int, EAGAIN, posix_spawn,
       (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *with, char *const *arguments, char *const *environment),
       (pid, path, actions, with, arguments, environment))
FAULTY(FORK, int, EAGAIN, posix_spawnp,
       (pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *with, char *const *arguments, char *const *environment),
       (pid, file, actions, with, arguments, environment))
FAULTY(FORK, int, EAGAIN, pthread_create,
       (pthread_t * thread, const pthread_attr_t *with, void *(*work)(void *), void *context),
       (thread, with, work, context))

FAULTY(SOCKET, int, -1, socket, (int family, int type, int protocol), (family, type, protocol))
FAULTY(SOCKET, int, -1, socketpair, (int family, int type, int protocol, int *pair),
       (family, type, protocol, pair))
FAULTY(SOCKET, int, -1, accept4, (int fd, struct sockaddr *from, socklen_t *size, int flags),
       (fd, from, size, flags))
FAULTY(CONNECT, int, -1, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size))

FAULTY(SEND, ssize_t, -1, send, (int fd, const void *bytes, size_t size, int flags), (fd, bytes, size, flags))
FAULTY(SEND, ssize_t, -1, sendto,
       (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size),
       (fd, bytes, size, flags, to, to_size))
FAULTY(SEND, ssize_t, -1, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
FAULTY(RECV, ssize_t, -1, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags))
FAULTY(RECV, ssize_t, -1, __recv_chk, (int fd, void *bytes, size_t size, size_t room, int flags),
       (fd, bytes, size, room, flags))
FAULTY(RECV, ssize_t, -1, recvfrom,
       (int fd, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *from_size),
       (fd, bytes, size, flags, from, from_size))
FAULTY(RECV, ssize_t, -1, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
