/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mapped file that somebody cuts raises SIGBUS at the pages that are gone. Its handler puts a page of zeros
 * there and leaves a mark, as journald in systemd does it; what is no file of ours is left to the handler that
 * was there before. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A range that is guarded. The handler walks the list at any time: guards are never freed, but used again. */
struct file_guard {
    _Atomic uintptr_t start, end; /* 0: free */
    _Atomic bool is_cut;
    struct file_guard *next;
};

static struct file_guard *_Atomic guards;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of those who change the list */
static struct sigaction before;
static bool is_installed;
static uintptr_t page_size;

static struct file_guard *find(uintptr_t address) {
    for (struct file_guard *guard = atomic_load(&guards); guard; guard = guard->next)
        if (address >= atomic_load(&guard->start) && address < atomic_load(&guard->end))
            return guard;
    return NULL;
}

static void on_sigbus(int number, siginfo_t *info, void *context) {
    uintptr_t address = (uintptr_t)info->si_addr;
    struct file_guard *guard = info->si_code == BUS_ADRERR ? find(address) : NULL;
    int saved = errno;

    (void)context;
    if (guard && mmap((void *)(address & ~(page_size - 1)), page_size, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
        atomic_store(&guard->is_cut, true);
    else
        (void)sigaction(number, &before, NULL); /* the same access raises it again */
    errno = saved;
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};

    if (is_installed)
        return;
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    is_installed = sigaction(SIGBUS, &action, &before) == 0;
}

/* A free guard, or a new one; NULL without memory. */
static struct file_guard *guard_range(const void *text, size_t length) {
    struct file_guard *guard;

    (void)pthread_mutex_lock(&mutex);
    install();
    for (guard = atomic_load(&guards); guard && atomic_load(&guard->end) != 0; guard = guard->next)
        ;
    if (!guard) {
        guard = calloc(1, sizeof(*guard));
        if (guard) {
            guard->next = atomic_load(&guards);
            atomic_store(&guards, guard);
        }
    }
    if (guard) {
        atomic_store(&guard->is_cut, false);
        atomic_store(&guard->start, (uintptr_t)text);
        atomic_store(&guard->end, (uintptr_t)text + length);
    }
    (void)pthread_mutex_unlock(&mutex);
    return guard;
}

int file_map(const char *path, struct file_map *ret_map, struct vms_error *error) {
    cleanup_close int fd = file_open(path, error);
    struct file_map map = {0};
    struct stat info;
    void *text;

    if (fd < 0)
        return fd;
    if (fstat(fd, &info) < 0)
        return error_set(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, -EINVAL, "%s: is a pipe; name a regular file", path);
    if (info.st_size == 0)
        return error_set(error, -EINVAL, "%s: is empty", path);
    text = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return error_set(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
    map = (struct file_map){text, (size_t)info.st_size, guard_range(text, (size_t)info.st_size)};
    if (!map.guard) {
        (void)munmap(text, map.length);
        return error_memory(error);
    }
    *ret_map = map;
    return 0;
}

bool file_map_is_whole(const struct file_map *map) {
    return !map->guard || !atomic_load(&map->guard->is_cut);
}

void file_unmap(struct file_map *map) {
    if (map->guard) {
        (void)munmap((void *)map->text, map->length);
        atomic_store(&map->guard->start, 0);
        atomic_store(&map->guard->end, 0);
    }
    *map = (struct file_map){0};
}
