/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/cgroup.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define FIRST_NAMESPACE "cgroup:[4026531835]" /* that of the machine itself, in every kernel */
#define MARKS "/-._@:\\"                      /* between the words of a path */

/* Line "0::PATH" (version 2) or "N:CONTROLLER[,CONTROLLER]:PATH". */
static bool holds_controller(const char *list, size_t length, const char *controller) {
    size_t wanted = strlen(controller);

    if (!wanted)
        return length == 0;
    for (size_t at = 0; at < length;) {
        size_t word = strcspn(list + at, ",:");

        if (word == wanted && strncmp(list + at, controller, word) == 0)
            return true;
        at += word + 1;
    }
    return false;
}

char *cgroup_path(const struct machine_source *source, const char *controller) {
    cleanup_free char *text = NULL;
    char *rest, *line;

    if (source_text(source, &text, "/proc/self/cgroup") < 0)
        return NULL;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        const char *list = strchr(line, ':');
        const char *path = list ? strchr(list + 1, ':') : NULL;

        if (path && holds_controller(list + 1, (size_t)(path - list - 1), controller))
            return strdup(strcmp(path + 1, "/") == 0 ? "" : path + 1);
    }
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

/* In version 2 a group without such a file leaves the sharing to the one above it. */
static bool find_weight(const struct machine_source *source, char *path, int64_t *ret_weight) {
    int status = source_integer(source, ret_weight, "/sys/fs/cgroup%s/cpu.weight", path);

    for (char *slash; status == -ENOENT && (slash = strrchr(path, '/'));) {
        *slash = '\0';
        status = source_integer(source, ret_weight, "/sys/fs/cgroup%s/cpu.weight", path);
    }
    return status == 0;
}

/* In version 1, where the group may be mounted as the top of all. */
static bool find_shares(const struct machine_source *source, const char *path, int64_t *ret_shares) {
    int status = source_integer(source, ret_shares, "/sys/fs/cgroup/cpu%s/cpu.shares", path);

    if (status == -ENOENT)
        status = source_integer(source, ret_shares, "/sys/fs/cgroup/cpu/cpu.shares");
    return status == 0;
}

int cgroup_read_share(const struct machine_source *source, struct cgroup_share *ret_share) {
    cleanup_free char *old = cgroup_path(source, "cpu"), *new = cgroup_path(source, ""), *name = NULL,
                      *lasting = NULL;
    struct cgroup_share share = {.weight = NAN, .file = old ? "cgroup cpu.shares" : "cgroup cpu.weight"};
    bool is_hidden =
        source_link(source, &name, "/proc/self/ns/cgroup") == 0 && strcmp(name, FIRST_NAMESPACE) != 0;
    int64_t weight;

    if (!old && !new)
        return -ENOENT;
    if (old && (is_hidden || *old) && find_shares(source, old, &weight))
        share.weight = (double)weight / CGROUP_SHARES_PER_WEIGHT;
    else if (!old && find_weight(source, new, &weight))
        share.weight = (double)weight;
    lasting = new_lasting_path(old ? old : new);
    if (lasting)
        share.group = text_new("%s%s", is_hidden ? "namespace:" : "", *lasting ? lasting : "/");
    *ret_share = share;
    return share.group ? 0 : -ENOMEM;
}
