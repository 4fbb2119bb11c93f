/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/cgroup.h"

#include "base/cleanup.h"

#include <math.h>
#include <string.h>

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
