/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/mounts.h"

#include "base/cleanup.h"
#include "source/lines.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct mounts {
    struct mount *mounts;
    size_t n_mounts;
};

void mount_done(struct mount *mount) {
    free(mount->device);
    free(mount->point);
    free(mount->options);
    free(mount->type);
    free(mount->from);
    free(mount->super);
    *mount = (struct mount){0};
}

static bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/* In place: \040 and its like, which the kernel writes for blanks, tabs, newlines and backslashes. */
static void unescape(char *text) {
    char *to = text;

    for (const char *at = text; *at; to++) {
        if (at[0] == '\\' && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3])) {
            *to = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            at += 4;
        } else {
            *to = *at++;
        }
    }
    *to = '\0';
}

/* The next word, unescaped and copied; NULL: there is none. */
static char *take_word(char **rest) {
    char *word = *rest ? strsep(rest, " ") : NULL, *copy = word && *word ? strdup(word) : NULL;

    if (copy)
        unescape(copy);
    return copy;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE FROM SUPER */
static int parse_mount(char *line, struct mount *ret_mount) {
    cleanup_free char *id = take_word(&line), *parent = take_word(&line), *device = take_word(&line);
    bool root = line && strsep(&line, " ");
    cleanup_free char *point = take_word(&line), *options = take_word(&line);
    char *tag = NULL;
    struct mount mount;

    while (line && (tag = strsep(&line, " ")) && strcmp(tag, "-") != 0)
        continue;
    if (!tag || !root || !id || !parent || !device || !point || !options)
        return -EINVAL;
    mount = (struct mount){.id = strtoll(id, NULL, 10),
                           .parent = strtoll(parent, NULL, 10),
                           .device = TAKE(device),
                           .point = TAKE(point),
                           .options = TAKE(options),
                           .type = take_word(&line),
                           .from = take_word(&line),
                           .super = take_word(&line)};
    if (mount.type && !mount.from) /* a file system may be mounted from nothing: "none" is left out */
        mount.from = strdup("");
    if (mount.type && mount.from && !mount.super)
        mount.super = strdup("");
    if (!mount.type || !mount.super) {
        mount_done(&mount);
        return -EINVAL;
    }
    *ret_mount = mount;
    return 0;
}

static bool lies_below(const char *path, const char *point) {
    size_t length = strlen(point);

    if (strcmp(point, "/") == 0)
        return *path == '/';
    return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int add_mount(struct mounts *mounts, struct mount *mount) {
    struct mount *grown = realloc(mounts->mounts, (mounts->n_mounts + 1) * sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    mounts->mounts = grown;
    grown[mounts->n_mounts++] = *mount;
    *mount = (struct mount){0};
    return 0;
}

static void mounts_done(struct mounts *mounts) {
    for (size_t i = 0; i < mounts->n_mounts; i++)
        mount_done(&mounts->mounts[i]);
    free(mounts->mounts);
}

/* All mounts that `path` may be on: with an id the one of that id, else those whose point is above it. */
static int collect(const struct machine_source *source, const char *path, int64_t id, struct mounts *mounts) {
    struct source_lines lines;
    int status = source_lines_open(source, MOUNTS, &lines);
    char *line;

    if (status < 0)
        return status;
    while (status == 0 && (line = source_lines_next(&lines))) {
        struct mount mount;

        if (parse_mount(line, &mount) < 0)
            continue;
        if (id >= 0 ? mount.id == id : lies_below(path, mount.point))
            status = add_mount(mounts, &mount);
        mount_done(&mount);
    }
    source_lines_close(&lines);
    return status;
}

/* Whether the ids distinguish the mounts: a capture's are made alike. */
static bool has_ids(const struct mounts *mounts) {
    for (size_t i = 0; i < mounts->n_mounts; i++)
        for (size_t j = i + 1; j < mounts->n_mounts; j++)
            if (mounts->mounts[i].id == mounts->mounts[j].id)
                return false;
    return true;
}

/* The mount on `parent` that a walk along the path comes to first; of several at one point the last. */
static struct mount *step(const struct mounts *mounts, const struct mount *parent) {
    struct mount *next = NULL;

    for (size_t i = 0; i < mounts->n_mounts; i++) {
        struct mount *mount = &mounts->mounts[i];

        if (mount != parent && mount->parent == parent->id &&
            (!next || strlen(mount->point) <= strlen(next->point)))
            next = mount;
    }
    return next;
}

/* The mount whose parent is not among them, from which a walk begins. */
static struct mount *top(const struct mounts *mounts) {
    for (size_t i = 0; i < mounts->n_mounts; i++) {
        bool found = false;

        for (size_t j = 0; j < mounts->n_mounts; j++)
            found |= i != j && mounts->mounts[j].id == mounts->mounts[i].parent;
        if (!found)
            return &mounts->mounts[i];
    }
    return NULL;
}

/* What a walk along the path ends on. Steps are bounded: a made-up file may hold a circle. */
static struct mount *visible(const struct mounts *mounts) {
    struct mount *mount = has_ids(mounts) ? top(mounts) : NULL, *longest = NULL;

    for (size_t steps = 0; mount && steps < mounts->n_mounts; steps++) {
        struct mount *next = step(mounts, mount);

        if (!next)
            return mount;
        mount = next;
    }
    for (size_t i = 0; i < mounts->n_mounts; i++)
        if (!longest || strlen(mounts->mounts[i].point) >= strlen(longest->point))
            longest = &mounts->mounts[i];
    return longest;
}

/* The id of this machine's mount, or -1. */
static int64_t id_of(const struct machine_source *source, const char *path) {
    struct statx status;

    if (!source_is_live(source) || statx(AT_FDCWD, path, 0, STATX_MNT_ID, &status) < 0 ||
        !(status.stx_mask & STATX_MNT_ID))
        return -1;
    return (int64_t)status.stx_mnt_id;
}

int mount_find(const struct machine_source *source, const char *path, struct mount *ret_mount) {
    cleanup_free char *real = source_is_live(source) ? realpath(path, NULL) : NULL;
    int64_t id = id_of(source, path);
    struct mounts mounts = {0};
    struct mount *found;
    int status = collect(source, real ? real : path, id, &mounts);

    if (status == 0 && id >= 0 && mounts.n_mounts == 0) /* of another namespace */
        status = collect(source, real ? real : path, -1, &mounts);
    found = status == 0 ? visible(&mounts) : NULL;
    if (found) {
        *ret_mount = *found;
        *found = (struct mount){0};
    }
    mounts_done(&mounts);
    return status < 0 ? status : found ? 0 : -ENOENT;
}
