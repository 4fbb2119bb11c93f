/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/refuse.h"

#include "fake_host/fake_host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELD_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    const char *function;
    unsigned call;
    int number;
    pid_t process; /* its children go their way */
} refusal;
static struct {
    const void *what;
    const char *by;
} held[HELD_MAX];
static int threads_held;

static bool refuses(size_t index);

static void hold(const void *what, const char *by) {
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; what && i < HELD_MAX; i++) {
        if (!held[i].what) {
            held[i].what = what;
            held[i].by = by;
            break;
        }
    }
    (void)pthread_mutex_unlock(&lock);
}

static void give_back(const void *what) {
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; what && i < HELD_MAX; i++)
        if (held[i].what == what)
            held[i].what = NULL;
    (void)pthread_mutex_unlock(&lock);
}

/* A function of which a call can be refused: what is done instead of it is `failed`. */
#define PLAIN(X)                                                                                             \
    X(int, socket, (int a, int b, int c), (a, b, c), -1)                                                     \
    X(int, bind, (int a, const struct sockaddr *b, socklen_t c), (a, b, c), -1)                              \
    X(int, connect, (int a, const struct sockaddr *b, socklen_t c), (a, b, c), -1)                           \
    X(int, listen, (int a, int b), (a, b), -1)                                                               \
    X(int, accept4, (int a, struct sockaddr *b, socklen_t *c, int d), (a, b, c, d), -1)                      \
    X(int, getsockname, (int a, struct sockaddr *b, socklen_t *c), (a, b, c), -1)                            \
    X(int, getsockopt, (int a, int b, int c, void *d, socklen_t *e), (a, b, c, d, e), -1)                    \
    X(int, setsockopt, (int a, int b, int c, const void *d, socklen_t e), (a, b, c, d, e), -1)               \
    X(int, shutdown, (int a, int b), (a, b), -1)                                                             \
    X(ssize_t, send, (int a, const void *b, size_t c, int d), (a, b, c, d), -1)                              \
    X(ssize_t, recv, (int a, void *b, size_t c, int d), (a, b, c, d), -1)                                    \
    X(ssize_t, recvmsg, (int a, struct msghdr *b, int c), (a, b, c), -1)                                     \
    X(int, sendmmsg, (int a, struct mmsghdr *b, unsigned c, int d), (a, b, c, d), -1)                        \
    X(int, recvmmsg, (int a, struct mmsghdr *b, unsigned c, int d, struct timespec *e), (a, b, c, d, e), -1) \
    X(ssize_t, recvfrom, (int a, void *b, size_t c, int d, struct sockaddr *e, socklen_t *f),                \
      (a, b, c, d, e, f), -1)                                                                                \
    X(int, poll, (struct pollfd * a, nfds_t b, int c), (a, b, c), -1)                                        \
    X(int, ppoll, (struct pollfd * a, nfds_t b, const struct timespec *c, const sigset_t *d), (a, b, c, d),  \
      -1)                                                                                                    \
    X(int, fcntl, (int a, int b, long c), (a, b, c), -1)                                                     \
    X(int, open, (const char *a, int b, unsigned c), (a, b, c), -1)                                          \
    X(ssize_t, read, (int a, void *b, size_t c), (a, b, c), -1)                                              \
    X(ssize_t, write, (int a, const void *b, size_t c), (a, b, c), -1)                                       \
    X(ssize_t, pread, (int a, void *b, size_t c, off_t d), (a, b, c, d), -1)                                 \
    X(ssize_t, pwrite, (int a, const void *b, size_t c, off_t d), (a, b, c, d), -1)                          \
    X(int, fstat, (int a, struct stat *b), (a, b), -1)                                                       \
    X(int, stat, (const char *a, struct stat *b), (a, b), -1)                                                \
    X(int, statvfs, (const char *a, struct statvfs *b), (a, b), -1)                                          \
    X(int, fstatvfs, (int a, struct statvfs *b), (a, b), -1)                                                 \
    X(int, fstatfs, (int a, struct statfs *b), (a, b), -1)                                                   \
    X(int, statx, (int a, const char *b, int c, unsigned d, struct statx *e), (a, b, c, d, e), -1)           \
    X(int, getrlimit, (int a, struct rlimit *b), (a, b), -1)                                                 \
    X(int, setrlimit, (int a, const struct rlimit *b), (a, b), -1)                                           \
    X(int, getrusage, (int a, struct rusage *b), (a, b), -1)                                                 \
    X(int, fsync, (int a), (a), -1)                                                                          \
    X(int, fdatasync, (int a), (a), -1)                                                                      \
    X(int, sync_file_range, (int a, off_t b, off_t c, unsigned d), (a, b, c, d), -1)                         \
    X(int, mincore, (void *a, size_t b, unsigned char *c), (a, b, c), -1)                                    \
    X(int, ioctl, (int a, unsigned long b, void *c), (a, b, c), -1)                                          \
    X(int, unlink, (const char *a), (a), -1)                                                                 \
    X(int, madvise, (void *a, size_t b, int c), (a, b, c), -1)                                               \
    X(int, mprotect, (void *a, size_t b, int c), (a, b, c), -1)                                              \
    X(int, memfd_create, (const char *a, unsigned b), (a, b), -1)                                            \
    X(int, pipe2, (int *a, int b), (a, b), -1)                                                               \
    X(pid_t, fork, (void), (), -1)                                                                           \
    X(pid_t, waitpid, (pid_t a, int *b, int c), (a, b, c), -1)                                               \
    X(int, prctl, (int a, unsigned long b, unsigned long c, unsigned long d, unsigned long e),               \
      (a, b, c, d, e), -1)                                                                                   \
    X(int, clock_gettime, (clockid_t a, struct timespec * b), (a, b), -1)                                    \
    X(int, timerfd_create, (int a, int b), (a, b), -1)                                                       \
    X(int, timerfd_settime, (int a, int b, const struct itimerspec *c, struct itimerspec *d), (a, b, c, d),  \
      -1)                                                                                                    \
    X(int, timerfd_gettime, (int a, struct itimerspec *b), (a, b), -1)                                       \
    X(int, sched_getaffinity, (pid_t a, size_t b, cpu_set_t * c), (a, b, c), -1)                             \
    X(int, sched_setaffinity, (pid_t a, size_t b, const cpu_set_t *c), (a, b, c), -1)                        \
    X(int, hwloc_topology_load, (hwloc_topology_t a), (a), -1)                                               \
    X(int, hwloc_topology_restrict, (hwloc_topology_t a, hwloc_const_bitmap_t b, unsigned long c),           \
      (a, b, c), -1)                                                                                         \
    X(int, hwloc_get_cpubind, (hwloc_topology_t a, hwloc_cpuset_t b, int c), (a, b, c), -1)

/* Those whose answer the module holds until it gives it back. */
#define TAKING(X)                                                                                            \
    X(void *, malloc, (size_t a), (a), NULL)                                                                 \
    X(void *, calloc, (size_t a, size_t b), (a, b), NULL)                                                    \
    X(FILE *, fopen, (const char *a, const char *b), (a, b), NULL)                                           \
    X(DIR *, opendir, (const char *a), (a), NULL)                                                            \
    X(hwloc_bitmap_t, hwloc_bitmap_alloc, (void), (), NULL)                                                  \
    X(hwloc_bitmap_t, hwloc_bitmap_dup, (hwloc_const_bitmap_t a), (a), NULL)                                 \
    X(cpu_set_t *, __sched_cpualloc, (size_t a), (a), NULL)

/* Those that give it back, and are not refused. */
#define GIVING(X)                                                                                            \
    X(free, (void *a))                                                                                       \
    X(hwloc_bitmap_free, (hwloc_bitmap_t a))                                                                 \
    X(hwloc_topology_destroy, (hwloc_topology_t a))                                                          \
    X(__sched_cpufree, (cpu_set_t * a))

#define INDEX(type, name, parameters, arguments, ...) INDEX_##name,
enum {
    PLAIN(INDEX) TAKING(INDEX) INDEX_mmap,
    INDEX_posix_memalign,
    INDEX_pthread_create,
    INDEX_hwloc_topology_init,
    N_REFUSABLE
};

#define DEFINE_PLAIN(type, name, parameters, arguments, failed)                                              \
    static type stand_in_##name parameters {                                                                 \
        return refuses(INDEX_##name) ? (type)failed : (type)name arguments;                                  \
    }
PLAIN(DEFINE_PLAIN)

#define DEFINE_TAKING(type, name, parameters, arguments, failed)                                             \
    static type stand_in_##name parameters {                                                                 \
        type taken = refuses(INDEX_##name) ? failed : name arguments;                                        \
                                                                                                             \
        hold(taken, #name);                                                                                  \
        return taken;                                                                                        \
    }
TAKING(DEFINE_TAKING)

#define DEFINE_GIVING(name, parameter)                                                                       \
    static void stand_in_##name parameter {                                                                  \
        give_back(a);                                                                                        \
        name(a);                                                                                             \
    }
GIVING(DEFINE_GIVING)

static int stand_in_fclose(FILE *file) {
    give_back(file);
    return fclose(file);
}

static int stand_in_closedir(DIR *folder) {
    give_back(folder);
    return closedir(folder);
}

static void *stand_in_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    void *map = refuses(INDEX_mmap) ? MAP_FAILED : mmap(at, length, protection, flags, fd, offset);

    hold(map == MAP_FAILED ? NULL : map, "mmap");
    return map;
}

static int stand_in_munmap(void *map, size_t length) {
    give_back(map);
    return munmap(map, length);
}

static int stand_in_posix_memalign(void **ret, size_t alignment, size_t size) {
    int status = refuses(INDEX_posix_memalign) ? refusal.number : posix_memalign(ret, alignment, size);

    hold(status == 0 ? *ret : NULL, "posix_memalign");
    return status;
}

static int stand_in_hwloc_topology_init(hwloc_topology_t *ret) {
    int status = refuses(INDEX_hwloc_topology_init) ? -1 : hwloc_topology_init(ret);

    hold(status == 0 ? *ret : NULL, "hwloc_topology_init");
    return status;
}

static int stand_in_pthread_create(pthread_t *ret, const pthread_attr_t *attributes, void *(*run)(void *),
                                   void *argument) {
    int number =
        refuses(INDEX_pthread_create) ? refusal.number : pthread_create(ret, attributes, run, argument);

    if (number == 0)
        __atomic_add_fetch(&threads_held, 1, __ATOMIC_SEQ_CST);
    return number;
}

static int stand_in_pthread_join(pthread_t thread, void **ret) {
    __atomic_sub_fetch(&threads_held, 1, __ATOMIC_SEQ_CST);
    return pthread_join(thread, ret);
}

/* As compilers and the C library's headers have it. */
static ssize_t stand_in_recv_chk(int fd, void *bytes, size_t length, size_t room, int flags) {
    (void)room;
    return stand_in_recv(fd, bytes, length, flags);
}

static int stand_in_open_2(const char *path, int flags) {
    return stand_in_open(path, flags, 0);
}

#define ROW(type, name, ...) {#name, (function *)stand_in_##name},
#define GIVING_ROW(name, ...) {#name, (function *)stand_in_##name},
typedef void function(void);
static const struct {
    const char *name;
    function *stand_in;
} rows[] = {PLAIN(ROW) TAKING(ROW){"mmap", (function *)stand_in_mmap},
            {"posix_memalign", (function *)stand_in_posix_memalign},
            {"pthread_create", (function *)stand_in_pthread_create},
            {"hwloc_topology_init", (function *)stand_in_hwloc_topology_init},
            GIVING(GIVING_ROW){"fclose", (function *)stand_in_fclose},
            {"closedir", (function *)stand_in_closedir},
            {"munmap", (function *)stand_in_munmap},
            {"pthread_join", (function *)stand_in_pthread_join},
            {"__recv_chk", (function *)stand_in_recv_chk},
            {"__open_2", (function *)stand_in_open_2}};
static atomic_uint counts[N_REFUSABLE];

static bool refuses(size_t index) {
    unsigned call = atomic_fetch_add(&counts[index], 1) + 1;

    if (!refusal.function || call != refusal.call || getpid() != refusal.process ||
        strcmp(refusal.function, rows[index].name) != 0)
        return false;
    errno = refusal.number;
    return true;
}

/* What stands for a function of that name, as "open64" for "open". NULL: nothing. */
static function *stand_in_of(const char *symbol) {
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        size_t length = strlen(rows[i].name);

        if (strncmp(symbol, rows[i].name, length) == 0 &&
            (!symbol[length] || strcmp(symbol + length, "64") == 0))
            return rows[i].stand_in;
    }
    return strcmp(symbol, "__open64_2") == 0 ? (function *)stand_in_open_2 : NULL;
}

static const ElfW(Dyn) * entry(const struct link_map *map, ElfW(Sxword) tag) {
    for (const ElfW(Dyn) *dynamic = map->l_ld; dynamic->d_tag != DT_NULL; dynamic++)
        if (dynamic->d_tag == tag)
            return dynamic;
    return NULL;
}

/* Puts the stand-ins where the module's calls look for the functions' addresses. */
static void replace(const struct link_map *map, ElfW(Sxword) table_tag, ElfW(Sxword) size_tag) {
    const ElfW(Dyn) *table = entry(map, table_tag), *size = entry(map, size_tag);
    const ElfW(Sym) *symbols = (const void *)entry(map, DT_SYMTAB)->d_un.d_ptr;
    const char *names = (const void *)entry(map, DT_STRTAB)->d_un.d_ptr;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; table && i < size->d_un.d_val / sizeof(ElfW(Rela)); i++) {
        const ElfW(Rela) *one = (const ElfW(Rela) *)table->d_un.d_ptr + i;
        const ElfW(Sym) *symbol = symbols + ELF64_R_SYM(one->r_info);
        uintptr_t place = map->l_addr + one->r_offset;
        function *stand_in = stand_in_of(names + symbol->st_name);

        if (!stand_in || symbol->st_shndx != SHN_UNDEF || one->r_addend != 0)
            continue;
        if (mprotect((void *)(place & ~(page - 1)), page, PROT_READ | PROT_WRITE) < 0)
            fake_host_die("mprotect", strerror(errno));
        memcpy((void *)place, &stand_in, sizeof(stand_in));
    }
}

void refuse_stand_before(const char *module) {
    const char *folder = getenv("VMSUITE_MODULE_PATH");
    struct link_map *map;
    char path[4096];
    void *object;

    (void)snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : ".", module);
    object = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (!object || dlinfo(object, RTLD_DI_LINKMAP, &map) < 0)
        fake_host_die("looking for the module", dlerror());
    replace(map, DT_RELA, DT_RELASZ);
    replace(map, DT_JMPREL, DT_PLTRELSZ);
    (void)dlclose(object);
}

void refuse_call(const char *name, unsigned call, int number) {
    for (size_t i = 0; i < N_REFUSABLE; i++)
        atomic_store(&counts[i], 0);
    refusal.function = name;
    refusal.call = call;
    refusal.number = number;
    refusal.process = getpid();
}

const char *refuse_function(size_t index, unsigned *ret_calls) {
    if (index >= N_REFUSABLE)
        return NULL;
    *ret_calls = atomic_load(&counts[index]);
    return rows[index].name;
}

const char *refuse_held(void) {
    static char words[64];

    words[0] = '\0';
    if (threads_held != 0)
        (void)snprintf(words, sizeof(words), "%d threads", threads_held);
    for (size_t i = 0; i < HELD_MAX; i++)
        if (held[i].what)
            (void)snprintf(words, sizeof(words), "what %s gave", held[i].by);
    return words;
}

void refuse_forget(void) {
    memset(held, 0, sizeof(held));
    threads_held = 0;
}
