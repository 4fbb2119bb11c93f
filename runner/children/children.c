/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/children.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "files/listing.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PAUSE_NS 2000000L

void children_adopt(bool on) {
    (void)prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0);
}

/* The parent of a process, from its "stat": what follows the name, which may hold anything. 0: gone. */
static pid_t parent_of(long pid) {
    char path[64], text[512];
    cleanup_fclose FILE *file = NULL;
    const char *end;
    size_t length;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return 0;
    length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    end = strrchr(text, ')');
    /* ") S 123 ..." */
    return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static void kill_all(void) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open("/proc", &directory);
    pid_t self = getpid();
    const char *name;

    while ((name = listing_next(directory, &status))) {
        long pid = strtol(name, NULL, 10);

        if (pid > 0 && parent_of(pid) == self)
            (void)kill((pid_t)pid, SIGKILL);
    }
}

bool children_end(uint64_t deadline_ns) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    for (;;) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);

        if (ended > 0 || (ended < 0 && errno == EINTR))
            continue;
        if (ended < 0)
            return errno == ECHILD;
        if (clock_now_ns() >= deadline_ns)
            return false;
        kill_all();
        (void)nanosleep(&pause, NULL);
    }
}
