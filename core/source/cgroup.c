/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/cgroup.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIRST_NAMESPACE "cgroup:[4026531835]" /* that of the machine itself, in every kernel */
#define HIDDEN "namespace:"                   /* before a path in a namespace of its own */
#define MARKS "/-._@:\\"                      /* between the words of a path */

bool cgroup_read_line(char *line, struct cgroup_line *ret_line) {
    char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!path)
        return false;
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    *ret_line = (struct cgroup_line){controllers + 1, path};
    return true;
}

static bool holds_controller(const char *list, const char *controller) {
    size_t wanted = strlen(controller);

    if (!wanted)
        return !*list;
    for (const char *at = list; *at; at += strspn(at, ",")) {
        size_t word = strcspn(at, ",");

        if (word == wanted && strncmp(at, controller, word) == 0)
            return true;
        at += word;
    }
    return false;
}

char *cgroup_path(const struct machine_source *source, const char *controller) {
    cleanup_free char *text = NULL;
    struct cgroup_line parts;
    char *rest, *line;
    size_t size;

    /* As it is: a name may have letters beyond ASCII, and is a path. */
    if (source_bytes(source, SOURCE_TEXT_MAX, &text, &size, "/proc/self/cgroup") < 0)
        return NULL;
    for (rest = text; (line = strsep(&rest, "\n"));)
        if (cgroup_read_line(line, &parts) && holds_controller(parts.controllers, controller))
            return strdup(strcmp(parts.path, "/") == 0 ? "" : parts.path);
    return NULL;
}

/* A line "KEY VALUE" of a text; NaN: there is none. */
static double value_of(const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
    }
    return NAN;
}

static void add(double *sum, double value) {
    if (!isnan(value))
        *sum = (isnan(*sum) ? 0 : *sum) + value;
}

/* Adds what one group's cpu.stat counts. */
static void add_group(const struct machine_source *source, const char *hierarchy, const char *path,
                      struct cgroup_quota *quota) {
    cleanup_free char *text = NULL;

    if (source_text(source, &text, "%s%s/cpu.stat", hierarchy, path) < 0)
        return;
    add(&quota->periods, value_of(text, "nr_periods"));
    add(&quota->throttled, value_of(text, "nr_throttled"));
}

void cgroup_read_quota(const struct machine_source *source, struct cgroup_quota *ret_quota) {
    static const struct {
        const char *hierarchy, *controller;
    } versions[] = {{"/sys/fs/cgroup", ""}, {"/sys/fs/cgroup/cpu", "cpu"}};
    struct cgroup_quota quota = {NAN, NAN};

    for (size_t i = 0; i < VMS_LENGTH(versions); i++) {
        cleanup_free char *path = cgroup_path(source, versions[i].controller);
        char *slash = path;

        while (slash) {
            add_group(source, versions[i].hierarchy, path, &quota);
            slash = strrchr(path, '/');
            if (slash)
                *slash = '\0';
        }
    }
    *ret_quota = quota;
}

/* "/user.slice/user-1000.slice" becomes "/user.slice/user-*.slice": what has a digit in it, between marks. */
static char *new_lasting_path(const char *path) {
    char *lasting = malloc(2 * strlen(path) + 1), *at = lasting;

    for (const char *word = path; lasting && *word;) {
        size_t length = strcspn(word, MARKS);

        if (strncmp(word, CGROUP_PLACE_PREFIX, strlen(CGROUP_PLACE_PREFIX)) == 0) {
            at = mempcpy(at, CGROUP_PLACE_PREFIX "*", sizeof(CGROUP_PLACE_PREFIX));
            word += strcspn(word, "/");
        } else if (strcspn(word, MARKS "0123456789") < length) {
            *at++ = '*';
            word += length;
        } else {
            at = mempcpy(at, word, length + (word[length] != '\0'));
            word += length + (word[length] != '\0');
        }
    }
    if (lasting)
        *at = '\0';
    return lasting;
}

/* A group is known by the number of a file that each has. */
static bool read_id(const struct machine_source *source, const char *hierarchy, const char *path,
                    struct cgroup_share *share) {
    uint64_t inode;

    if (source_inode(source, &inode, "%s%s/cgroup.procs", hierarchy, path) < 0)
        return false;
    (void)snprintf(share->id, sizeof(share->id), "%" PRIu64, inode);
    return true;
}

/* In version 2 a group without such a file leaves the sharing to the one above it, which `path` becomes.
 * Where groups are not mounted, as `ip netns exec` leaves it, that cannot be seen. */
static void read_weight(const struct machine_source *source, char *path, bool is_hidden,
                        struct cgroup_share *share) {
    static const char hierarchy[] = "/sys/fs/cgroup";
    int64_t weight;
    char *slash;
    int status;

    if (!source_exists(source, "%s%s", hierarchy, path))
        return;
    while ((status = source_integer(source, &weight, "%s%s/cpu.weight", hierarchy, path)) == -ENOENT &&
           (slash = strrchr(path, '/')))
        *slash = '\0';
    if (status == 0)
        share->weight = (double)weight;
    if (status == 0 || !is_hidden)
        (void)read_id(source, hierarchy, path, share);
}

/* In version 1, where the group may be mounted as the top of all. */
static void read_shares(const struct machine_source *source, const char *path, bool is_hidden,
                        struct cgroup_share *share) {
    static const char hierarchy[] = "/sys/fs/cgroup/cpu";
    int64_t shares;
    int status = source_integer(source, &shares, "%s%s/cpu.shares", hierarchy, path);

    if (status == -ENOENT)
        status = source_integer(source, &shares, "%s/cpu.shares", hierarchy);
    if (status == 0 && (is_hidden || *path)) /* the root has none */
        share->weight = (double)shares / CGROUP_SHARES_PER_WEIGHT;
    if (!read_id(source, hierarchy, path, share))
        (void)read_id(source, hierarchy, "", share);
}

int cgroup_read_share(const struct machine_source *source, struct cgroup_share *ret_share) {
    cleanup_free char *old = cgroup_path(source, "cpu"), *new = cgroup_path(source, ""), *name = NULL,
                      *lasting = NULL;
    struct cgroup_share share = {.weight = NAN, .file = old ? "cgroup cpu.shares" : "cgroup cpu.weight"};
    bool is_hidden =
        source_link(source, &name, "/proc/self/ns/cgroup") == 0 && strcmp(name, FIRST_NAMESPACE) != 0;
    if (!old && !new)
        return -ENOENT;
    if (old)
        read_shares(source, old, is_hidden, &share);
    else
        read_weight(source, new, is_hidden, &share);
    lasting = new_lasting_path(old ? old : new);
    if (lasting)
        source_clean_text(lasting);
    if (lasting)
        share.group = text_new("%s%s", is_hidden ? HIDDEN : "", *lasting ? lasting : "/");
    *ret_share = share;
    return share.group ? 0 : -ENOMEM;
}

static bool is_hidden_group(const char *group) {
    return strncmp(group, HIDDEN, strlen(HIDDEN)) == 0;
}

bool cgroup_are_apart(const char *group, const char *id, const char *other, const char *other_id) {
    bool are_known = *id && *other_id;

    if (are_known && strcmp(id, other_id) == 0)
        return false;
    if (is_hidden_group(group) || is_hidden_group(other))
        return are_known;
    return *group && *other && strcmp(group, other) != 0;
}
