/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/limits.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "files/listing.h"
#include "files/private.h"
#include "source/cgroup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ROOT "/sys/fs/cgroup"
#define NAMED "name="    /* what a hierarchy without controllers is called by */
#define PERIOD_US 100000 /* of a quota of processor time: the kernel's usual one */
#define QUOTA_LEAST_US 1000
#define WEIGHT_MAX 10000
#define EMPTY_NS (2 * NS_PER_S)
#define PAUSE_NS 10000000L
#define FREEZE_NS (NS_PER_S / 10)
#define FREEZE_PAUSE_NS 500000L
#define UNJOINED_S 600 /* from a group's making to its first process, at most */

static int read_cpu(const char *value, double *ret_share) {
    double percent = 0;
    const char *end = units_read_number(value, &percent);

    if (!end || strcmp(end, "%") != 0 || !isfinite(percent))
        return -EINVAL;
    *ret_share = percent / 100;
    return *ret_share * PERIOD_US >= QUOTA_LEAST_US && *ret_share <= 10000 ? 0 : -EINVAL;
}

int limits_check_cpu(const char *value, struct vms_error *error) {
    double share;

    return read_cpu(value, &share) == 0
               ? 0
               : error_set(error, -EINVAL,
                           "\"cpu\" is given in percent of one processor, from 1%%: \"50%%\"");
}

int limits_check_weight(const char *value, struct vms_error *error) {
    uint64_t weight = 0;

    return units_parse_count(value, &weight, NULL) == 0 && weight >= 1 && weight <= WEIGHT_MAX
               ? 0
               : error_set(error, -EINVAL, "\"weight\" must be a whole number from 1 to %d", WEIGHT_MAX);
}

int limits_check_memory(const char *value, struct vms_error *error) {
    uint64_t bytes = 0;

    return units_parse_bytes(value, &bytes, error) == 0 && bytes > 0
               ? 0
               : error_set(error, -EINVAL, "\"memory\" is given as a size: \"1GiB\"");
}

int limits_check(const struct place *place, struct vms_error *error) {
    for (size_t i = 0; i < PLACE_PARAMS_MAX; i++)
        if (place->values[i])
            return 0;
    return error_set(error, -EINVAL, "names no limit: a place of this kind is %s", place->kind->form);
}

static int write_file(const char *group, const char *name, const char *text) {
    cleanup_free char *path = text_new("%s/%s", group, name);
    int fd, status = 0;

    if (!path)
        return -ENOMEM;
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        status = -errno;
    (void)close(fd);
    return status;
}

static bool is_version_2(void) {
    return access(ROOT "/cgroup.controllers", F_OK) == 0;
}

/* Removes the groups that killed runs left: empty ones, and not so young that their run is only about to
 * join. The kernel keeps those that are in use. */
static void sweep(const char *parent) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(parent, &directory);
    struct timespec now;
    const char *name;
    struct stat info;

    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return;
    while ((name = listing_next(directory, &status)))
        if (strncmp(name, CGROUP_PLACE_PREFIX, strlen(CGROUP_PLACE_PREFIX)) == 0 &&
            fstatat(dirfd(directory), name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            info.st_mtim.tv_sec < now.tv_sec - UNJOINED_S)
            (void)unlinkat(dirfd(directory), name, AT_REMOVEDIR);
}

static int add_group(const char *parent, struct limits *limits, struct vms_error *error) {
    sweep(parent);
    limits->groups[limits->n_groups] = private_folder(parent, CGROUP_PLACE_PREFIX, error);
    if (!limits->groups[limits->n_groups])
        return -EACCES;
    /* As groups usually are: a peer that has given up its rights reads there what its weight is. */
    (void)chmod(limits->groups[limits->n_groups], 0755);
    limits->n_groups++;
    return 0;
}

/* Makes a group below the one that this process is in, or below the root where that one may have no groups
 * with these controllers: in version 2 a group with processes has none. */
static int make_group(const char *controller, struct limits *limits, struct vms_error *error) {
    struct machine_source source = machine_source_here();
    cleanup_free char *own = is_version_2() ? NULL : cgroup_path(&source, controller);
    cleanup_free char *parent = NULL;

    if (is_version_2()) {
        (void)write_file(ROOT, "cgroup.subtree_control", "+cpu +memory");
        parent = strdup(ROOT);
    } else {
        parent = text_new(ROOT "/%s%s", controller, own ? own : "");
        if (parent && access(parent, W_OK) < 0) {
            free(parent);
            parent = text_new(ROOT "/%s", controller);
        }
    }
    return parent ? add_group(parent, limits, error) : error_memory(error);
}

/* Always below the group that this process is in, whose limits then hold for the place as they would without:
 * in version 2 there is one group for all. A freezer takes no controller, so that a group with processes may
 * have it. */
static int make_group_to_freeze(struct limits *limits) {
    struct machine_source source = machine_source_here();
    cleanup_free char *own = cgroup_path(&source, is_version_2() ? "" : "freezer");
    cleanup_free char *parent = own ? text_new(ROOT "%s%s", is_version_2() ? "" : "/freezer", own) : NULL;

    return parent ? add_group(parent, limits, NULL) : -ENOENT;
}

static int set(const char *group, const char *name, struct vms_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int set(const char *group, const char *name, struct vms_error *error, const char *format, ...) {
    cleanup_free char *text = NULL;
    va_list arguments;
    int status;

    va_start(arguments, format);
    text = text_new_from(format, arguments);
    va_end(arguments);
    if (!text)
        return error_memory(error);
    status = write_file(group, name, text);
    return status < 0 ? error_set(error, status, "the limit %s of a control group cannot be set to %s: %s",
                                  name, text, strerror(-status))
                      : 0;
}

static int set_cpu(const struct place *place, const char *group, struct vms_error *error) {
    const char *cpu = place_value(place, "cpu"), *weight = place_value(place, "weight");
    bool is_new = is_version_2();
    uint64_t number = 0;
    double share = 0;
    int status = 0;

    if (cpu && read_cpu(cpu, &share) == 0) {
        if (!is_new)
            status = set(group, "cpu.cfs_period_us", error, "%d", PERIOD_US);
        if (status == 0 && is_new)
            status = set(group, "cpu.max", error, "%.0f %d", share * PERIOD_US, PERIOD_US);
        else if (status == 0)
            status = set(group, "cpu.cfs_quota_us", error, "%.0f", share * PERIOD_US);
    }
    if (status < 0 || !weight || units_parse_count(weight, &number, NULL) < 0)
        return status;
    return is_new
               ? set(group, "cpu.weight", error, "%" PRIu64, number)
               : set(group, "cpu.shares", error, "%.0f", fmax((double)number * CGROUP_SHARES_PER_WEIGHT, 2));
}

static int set_memory(const struct place *place, const char *group, struct vms_error *error) {
    const char *memory = place_value(place, "memory");
    uint64_t bytes = 0;

    if (!memory || units_parse_bytes(memory, &bytes, NULL) < 0)
        return 0;
    return set(group, is_version_2() ? "memory.max" : "memory.limit_in_bytes", error, "%" PRIu64, bytes);
}

/* In version 2 any group will do. Where there can be none, the place is not frozen. */
static void make_freezer(const struct place *place, struct limits *limits) {
    if (!place->kind->freezes)
        return;
    if (is_version_2() && limits->n_groups > 0)
        limits->freezer = limits->groups[0];
    else if (make_group_to_freeze(limits) == 0)
        limits->freezer = limits->groups[limits->n_groups - 1];
}

int limits_make(const struct place *place, struct limits *ret_limits, struct vms_error *error) {
    bool cpu = place_value(place, "cpu") || place_value(place, "weight");
    bool memory = place_value(place, "memory");
    struct limits limits = {.beside = place->kind->enters ? limits_process(place->target) : 0};
    int status = 0;

    if (cpu || (memory && is_version_2()))
        status = make_group("cpu", &limits, error);
    if (status == 0 && cpu)
        status = set_cpu(place, limits.groups[0], error);
    if (status == 0 && memory && !is_version_2())
        status = make_group("memory", &limits, error);
    if (status == 0 && memory)
        status = set_memory(place, limits.groups[limits.n_groups - 1], error);
    if (status == 0)
        make_freezer(place, &limits);
    if (status < 0) {
        limits_done(&limits);
        return status;
    }
    *ret_limits = limits;
    return 0;
}

pid_t limits_process(const char *text) {
    char path[32];
    uint64_t number = 0;

    if (text[strspn(text, "0123456789")] != '\0' || units_parse_count(text, &number, NULL) < 0 ||
        number == 0 || number > INT32_MAX)
        return 0;
    (void)snprintf(path, sizeof(path), "/proc/%" PRIu64, number);
    return access(path, F_OK) == 0 ? (pid_t)number : 0;
}

static int join_group(char *line) {
    cleanup_free char *root = NULL, *group = NULL;
    struct cgroup_line parts;
    bool is_named;

    if (!cgroup_read_line(line, &parts))
        return -EINVAL;
    is_named = strncmp(parts.controllers, NAMED, strlen(NAMED)) == 0;
    root = *parts.controllers ? text_new(ROOT "/%s", parts.controllers + (is_named ? strlen(NAMED) : 0))
           : is_version_2()   ? text_new(ROOT)
                              : text_new(ROOT "/unified");
    group = root ? text_new("%s%s", root, parts.path) : NULL;
    if (!group)
        return -ENOMEM;
    return access(root, F_OK) < 0 ? 0 : write_file(group, "cgroup.procs", "0"); /* it may not be mounted */
}

static int join_groups_of(pid_t pid) {
    cleanup_fclose FILE *file = NULL;
    cleanup_free char *line = NULL;
    char path[32];
    size_t size = 0;
    int status = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    file = fopen(path, "re");
    if (!file)
        return -errno;
    while (status == 0 && getline(&line, &size, file) > 0)
        status = join_group(line);
    return status;
}

int limits_join(const struct limits *limits) {
    int status = limits->beside > 0 ? join_groups_of(limits->beside) : 0;

    for (size_t i = 0; status == 0 && i < limits->n_groups; i++)
        status = write_file(limits->groups[i], "cgroup.procs", "0");
    return status;
}

/* Whether that text is in the file of a group, near its beginning. */
static bool file_says(const char *group, const char *name, const char *wanted) {
    cleanup_free char *path = text_new("%s/%s", group, name);
    char text[256] = "";
    ssize_t length;
    int fd;

    if (!path)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    text[length > 0 ? length : 0] = '\0';
    return strstr(text, wanted) != NULL;
}

bool limits_freeze(const struct limits *limits, bool frozen) {
    const struct timespec pause = {.tv_nsec = FREEZE_PAUSE_NS};
    uint64_t deadline_ns = clock_now_ns() + FREEZE_NS;
    bool is_new = is_version_2();
    const char *state = is_new ? frozen ? "frozen 1" : "frozen 0" : frozen ? "FROZEN" : "THAWED";

    if (!limits->freezer)
        return !frozen;
    if (write_file(limits->freezer, is_new ? "cgroup.freeze" : "freezer.state",
                   is_new ? frozen ? "1" : "0" : state) < 0)
        return false;
    while (!file_says(limits->freezer, is_new ? "cgroup.events" : "freezer.state", state)) {
        if (clock_now_ns() >= deadline_ns)
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

void limits_remove(const struct limits *limits) {
    for (size_t i = 0; i < limits->n_groups; i++)
        (void)unlinkat(AT_FDCWD, limits->groups[i], AT_REMOVEDIR);
}

void limits_done(struct limits *limits) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    uint64_t deadline_ns = clock_now_ns() + EMPTY_NS;

    /* A group is busy for a moment after its last process has ended. */
    for (size_t i = 0; i < limits->n_groups; i++) {
        while (unlinkat(AT_FDCWD, limits->groups[i], AT_REMOVEDIR) < 0 && errno == EBUSY &&
               clock_now_ns() < deadline_ns)
            (void)nanosleep(&pause, NULL);
        free(limits->groups[i]);
    }
    *limits = (struct limits){.n_groups = 0};
}
