/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The agent of a guest that is measured as a place: it speaks over a port of virtio-serial. */
#include "guest/appliance/init/init.h"

#include "base/cleanup.h"
#include "files/listing.h"
#include "guest/launchers/driven_port.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_MS 20
#define PATIENCE_MS 20000

/* Whether the port of that name in /sys has the name that the launcher gave it. */
static int is_ours(const char *port) {
    char path[300], name[64] = "";
    FILE *file;

    (void)snprintf(path, sizeof(path), "/sys/class/virtio-ports/%.200s/name", port);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (!fgets(name, sizeof(name), file))
        name[0] = '\0';
    (void)fclose(file);
    name[strcspn(name, "\n")] = '\0';
    return strcmp(name, DRIVEN_PORT) == 0;
}

static int open_port(void) {
    cleanup_closedir DIR *folder = NULL;
    int status = listing_open("/sys/class/virtio-ports", &folder), fd = -1;
    const char *name;

    while (fd < 0 && (name = listing_next(folder, &status))) {
        char path[300];

        if (!is_ours(name))
            continue;
        (void)snprintf(path, sizeof(path), "/dev/%.200s", name);
        fd = open(path, O_RDWR | O_CLOEXEC);
    }
    return fd;
}

/* Until the host is at the other end, a port looks as if it had left. */
static int is_connected(int fd) {
    struct pollfd port = {.fd = fd, .events = POLLIN};

    return poll(&port, 1, 0) >= 0 && !(port.revents & POLLHUP);
}

static int wait_for_port(void) {
    int fd = -1;

    for (int waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
        if (fd < 0)
            fd = open_port();
        if (fd >= 0 && is_connected(fd))
            return fd;
        (void)usleep(PAUSE_MS * 1000);
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int agent_be(void) {
    int port, status = -1;
    pid_t child;

    drivers_load("channel");
    port = wait_for_port();
    if (port < 0)
        return -1;
    child = fork();
    if (child == 0) {
        if (dup2(port, STDIN_FILENO) < 0 || dup2(port, STDOUT_FILENO) < 0)
            _exit(127);
        (void)execl("/bin/vmsuite", "vmsuite", "agent", (char *)NULL);
        _exit(127);
    }
    (void)close(port);
    while (child > 0 && waitpid(-1, &status, 0) != child) /* orphans end here, too */
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}
