/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two-sided: each of its functions reports to the socket $FAKE_LOOK what its process may do. */
#include "fakes/fake_module.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct vms_param params[] = {
    {.name = "note", .kind = VMS_TEXT, .fallback = "", .help = "Any text."},
};

/* What the descriptors beside the standard ones are, but the one that they are read through: "
 * socket:[17]". */
static void list_descriptors(char *text, size_t size) {
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        char target[64] = "";

        if (atoi(entry->d_name) <= STDERR_FILENO || atoi(entry->d_name) == dirfd(directory))
            continue;
        (void)!readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
        (void)snprintf(text + strlen(text), size - strlen(text), " %s", target);
    }
    if (directory)
        (void)closedir(directory);
}

static void look(const char *where) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("FAKE_LOOK");
    char descriptors[256] = "", text[512];
    struct rlimit core = {0};
    int fd;

    if (!path)
        return;
    list_descriptors(descriptors, sizeof(descriptors));
    (void)getrlimit(RLIMIT_CORE, &core);
    (void)snprintf(text, sizeof(text), "%s %ld %d %lld %d%s", where, (long)getpid(),
                   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), (long long)core.rlim_max, getpgrp() == getpid(),
                   descriptors);
    (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&to, sizeof(to));
        (void)close(fd);
    }
}

__attribute__((constructor)) static void begin(void) {
    look("constructor");
}

static int do_validate(const union vms_value *values, struct vms_error *error) {
    (void)values;
    (void)error;
    look("validate");
    return 0;
}

static void do_estimate(const union vms_value *values, struct vms_estimate *ret) {
    (void)values;
    (void)ret;
    look("estimate");
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    look("measure");
    return fake_measure(host, values, state, error);
}

static int do_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    (void)host;
    (void)values;
    (void)error;
    look("serve");
    return 0;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,          FAKE_MODULE("testlook", "Looks at what its processes may do."),
    FAKE_PARAMS(params),     .needs = VMS_NEEDS_PEER,
    .measure = do_measure,   .serve = do_serve,
    .validate = do_validate, .estimate = do_estimate,
};
