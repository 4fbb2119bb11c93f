/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void drivers_load_one(const char *name, const char *parameters) {
    char path[128];
    int fd;

    (void)snprintf(path, sizeof(path), "/modules/%s.ko", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)syscall(SYS_finit_module, fd, parameters, 0);
    (void)close(fd);
}

void drivers_load(const char *list) {
    char path[128], name[64];
    FILE *order;

    (void)snprintf(path, sizeof(path), "/modules/%s.order", list);
    order = fopen(path, "re");
    while (order && fgets(name, sizeof(name), order)) {
        name[strcspn(name, "\n")] = '\0';
        drivers_load_one(name, "");
    }
    if (order)
        (void)fclose(order);
}
