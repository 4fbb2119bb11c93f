/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include "base/cleanup.h"
#include "files/listing.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_flags(int fd, const char *name) {
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    return ioctl(fd, SIOCSIFFLAGS, &request);
}

static int set_address(int fd, unsigned long command, const char *name, struct in_addr address) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = address};
    struct ifreq request = {.ifr_flags = 0};

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    memcpy(&request.ifr_addr, &place, sizeof(place));
    return ioctl(fd, command, &request);
}

/* The first card that is not one of the kernel's own interfaces (those have no device). */
static int find_card(char ret_name[static IF_NAMESIZE]) {
    cleanup_closedir DIR *folder = NULL;
    int status = listing_open("/sys/class/net", &folder);
    const char *name;

    while ((name = listing_next(folder, &status))) {
        char path[300];

        (void)snprintf(path, sizeof(path), "/sys/class/net/%.200s/device", name);
        if (access(path, F_OK) < 0)
            continue;
        (void)snprintf(ret_name, IF_NAMESIZE, "%.15s", name);
        status = 1;
    }
    return status == 1;
}

static int wait_for_card(char ret_name[static IF_NAMESIZE]) {
    for (unsigned i = 0; i < 100; i++) {
        if (find_card(ret_name))
            return 1;
        (void)usleep(50000);
    }
    return 0;
}

int network_set(const char *name, const char *address) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = -1;
    const char *slash = strchr(address, '/');
    struct in_addr host, mask;
    char text[64];

    (void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(address, "/"), address);
    if (slash && inet_aton(text, &host)) {
        mask.s_addr = htonl(~UINT32_C(0) << (32 - (unsigned)atoi(slash + 1)));
        if (set_address(fd, SIOCSIFADDR, name, host) == 0 && set_address(fd, SIOCSIFNETMASK, name, mask) == 0)
            status = set_flags(fd, name);
    }
    (void)close(fd);
    return status;
}

/* Sends what is for other networks to that address. */
static int add_route(const char *gateway) {
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    struct sockaddr_in to = {.sin_family = AF_INET}, through = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = -1;

    if (inet_aton(gateway, &through.sin_addr)) {
        memcpy(&route.rt_dst, &to, sizeof(to));
        memcpy(&route.rt_genmask, &to, sizeof(to));
        memcpy(&route.rt_gateway, &through, sizeof(through));
        status = ioctl(fd, SIOCADDRT, &route);
    }
    (void)close(fd);
    return status;
}

void network_up(const char *file) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), n;
    char address[64] = "", gateway[64] = "", name[IF_NAMESIZE];
    FILE *settings = fopen(file, "re");

    (void)set_flags(fd, "lo");
    (void)close(fd);
    n = settings ? fscanf(settings, "%63s %63s", address, gateway) : 0;
    if (n > 0) {
        if (!wait_for_card(name))
            printf("vmsuite-init: failed: no network card appeared\n");
        else if (network_set(name, address) < 0 || (n > 1 && add_route(gateway) < 0))
            printf("vmsuite-init: failed: the network card %s could not be set up\n", name);
    }
    if (settings)
        (void)fclose(settings);
}
