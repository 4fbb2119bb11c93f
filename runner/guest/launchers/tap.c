/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/tap.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Puts the interface on the bridge and sets it up. */
static int join(const char *name, const char *bridge, struct vms_error *error) {
    cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_ifindex = (int)if_nametoindex(name)};

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", bridge);
    if (control < 0 || ioctl(control, SIOCBRADDIF, &request) < 0)
        return error_set(error, -errno,
                         "a tap cannot be put on %s: %s; it must be a bridge, and adding to it needs root",
                         bridge, strerror(errno));
    request = (struct ifreq){.ifr_flags = IFF_UP};
    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(control, SIOCSIFFLAGS, &request) < 0)
        return error_set(error, -errno, "the tap %s cannot be set up: %s", name, strerror(errno));
    return 0;
}

/* A queue of the tap of that name, which becomes the one that the kernel has chosen. Its descriptor. */
static int open_queue(struct ifreq *request, struct vms_error *error) {
    cleanup_close int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return error_set(error, -errno, "/dev/net/tun cannot be opened: %s", strerror(errno));
    if (ioctl(fd, TUNSETIFF, request) < 0)
        return error_set(error, -errno, "a tap cannot be made: %s; that needs root", strerror(errno));
    return TAKE_FD(fd);
}

int tap_open(const char *bridge, unsigned queues, int *ret_fds, struct vms_error *error) {
    struct ifreq request = {
        .ifr_name = "vmsuite%d",
        .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (queues > 1 ? IFF_MULTI_QUEUE : 0))};
    unsigned n = 0;
    int status = 0;

    while (status >= 0 && n < queues) {
        status = open_queue(&request, error);
        if (status >= 0)
            ret_fds[n++] = status;
    }
    if (status >= 0)
        status = join(request.ifr_name, bridge, error);
    while (status < 0 && n > 0)
        (void)close(ret_fds[--n]);
    return status < 0 ? status : 0;
}

static bool parse(const char *text, struct in_addr *ret_address, in_addr_t *ret_mask) {
    char address[INET_ADDRSTRLEN], end;
    unsigned length;

    if (sscanf(text, "%15[0-9.]/%2u%c", address, &length, &end) != 2 || length < 1 || length > 30 ||
        inet_pton(AF_INET, address, ret_address) != 1)
        return false;
    *ret_mask = htonl(~UINT32_C(0) << (32 - length));
    return true;
}

bool tap_is_address(const char *text) {
    struct in_addr address;
    in_addr_t mask;

    return parse(text, &address, &mask);
}

int tap_host_address(const char *bridge, const char *guest, char ret_address[static INET_ADDRSTRLEN],
                     struct vms_error *error) {
    struct ifaddrs *list = NULL;
    struct in_addr wanted = {0};
    in_addr_t mask = 0;
    bool found = false;

    (void)parse(guest, &wanted, &mask);
    if (getifaddrs(&list) < 0)
        return error_set(error, -errno, "the addresses of %s cannot be read: %s", bridge, strerror(errno));
    for (const struct ifaddrs *entry = list; entry && !found; entry = entry->ifa_next) {
        struct sockaddr_in place;

        if (strcmp(entry->ifa_name, bridge) != 0 || !entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&place, entry->ifa_addr, sizeof(place));
        found = ((place.sin_addr.s_addr ^ wanted.s_addr) & mask) == 0 &&
                inet_ntop(AF_INET, &place.sin_addr, ret_address, INET_ADDRSTRLEN);
    }
    freeifaddrs(list);
    return found ? 0
                 : error_set(
                       error, -EADDRNOTAVAIL,
                       "the bridge %s has no address in the network of %s: run ip address add A.B.C.D/N dev "
                       "%s",
                       bridge, guest, bridge);
}
