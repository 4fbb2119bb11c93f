/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/memory/room.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The number that `root` + `path` begins with; false where there is none ("max", no such file). */
static bool read_number(const char *root, const char *path, uint64_t *ret_number) {
    char full[PATH_MAX];
    FILE *file;
    int matched;

    if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
        return false;
    file = fopen(full, "re");
    if (!file)
        return false;
    matched = fscanf(file, "%" SCNu64, ret_number);
    (void)fclose(file);
    return matched == 1;
}

/* The figure of one line of a file of "Name: figure" or "name figure" lines; false where there is none. */
static bool read_line_figure(const char *root, const char *path, const char *name, uint64_t *ret_figure) {
    char full[PATH_MAX], line[256];
    bool found = false;
    FILE *file;

    if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
        return false;
    file = fopen(full, "re");
    if (!file)
        return false;
    while (!found && fgets(line, sizeof(line), file)) {
        size_t length = strlen(name);

        found = strncmp(line, name, length) == 0 && line[length] && strchr(": ", line[length]);
        if (found)
            *ret_figure = strtoull(line + length + 1, NULL, 10);
    }
    (void)fclose(file);
    return found;
}

/* What may be had without swapping. Kernels before 3.14, and what stands in for one, do not say: what is free
 * then, with the page cache. */
static bool read_available(const char *root, uint64_t *ret_kilobytes) {
    static const char path[] = "/proc/meminfo";
    uint64_t free_kilobytes, cached = 0;

    if (read_line_figure(root, path, "MemAvailable", ret_kilobytes))
        return true;
    if (!read_line_figure(root, path, "MemFree", &free_kilobytes))
        return false;
    (void)read_line_figure(root, path, "Cached", &cached);
    *ret_kilobytes = free_kilobytes + cached;
    return true;
}

static void lower(struct room *room, uint64_t bytes, const char *source) {
    if (bytes < room->bytes)
        *room = (struct room){.bytes = bytes, .source = source};
}

struct cgroup_version {
    const char *mount, *limit, *used, *cache;
};

/* One group's limit less what it uses now; the page cache charged to it can be had back. */
static void lower_by_group(const char *root, const struct cgroup_version *version, const char *group,
                           struct room *room) {
    char path[PATH_MAX];
    uint64_t limit, used = 0, cache = 0;

    (void)snprintf(path, sizeof(path), "%s%s/%s", version->mount, group, version->limit);
    if (!read_number(root, path, &limit))
        return;
    (void)snprintf(path, sizeof(path), "%s%s/%s", version->mount, group, version->used);
    if (!read_number(root, path, &used))
        used = 0;
    (void)snprintf(path, sizeof(path), "%s%s/memory.stat", version->mount, group);
    (void)read_line_figure(root, path, version->cache, &cache);
    used -= cache < used ? cache : used;
    lower(room, used < limit ? limit - used : 0, "cgroup limit");
}

/* The group and all above it, up to the root of the hierarchy. */
static void lower_by_groups(const char *root, const struct cgroup_version *version, char *group,
                            struct room *room) {
    for (;;) {
        char *slash = strrchr(group, '/');

        lower_by_group(root, version, group, room);
        if (!slash)
            return;
        *slash = '\0';
    }
}

static void lower_by_cgroups(const char *root, struct room *room) {
    static const struct cgroup_version first = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                                "memory.usage_in_bytes", "total_inactive_file"};
    static const struct cgroup_version second = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                                 "inactive_file"};
    char full[PATH_MAX], line[PATH_MAX];
    FILE *file;

    if ((size_t)snprintf(full, sizeof(full), "%s/proc/self/cgroup", root) >= sizeof(full))
        return;
    file = fopen(full, "re");
    if (!file)
        return;
    while (fgets(line, sizeof(line), file)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!group)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (strcmp(controllers, ":memory") == 0)
            lower_by_groups(root, &first, group, room);
        else if (strcmp(controllers, ":") == 0)
            lower_by_groups(root, &second, group, room);
    }
    (void)fclose(file);
}

void room_read(const char *root, struct room *ret_room) {
    struct room room = {.bytes = UINT64_MAX, .source = "nothing"};
    struct rlimit limit;
    uint64_t available;

    if (read_available(root, &available))
        lower(&room, available * 1024, "free memory");
    lower_by_cgroups(root, &room);
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        lower(&room, limit.rlim_cur, "address space limit");
    room.bytes -= room.bytes / 8;
    *ret_room = room;
}
