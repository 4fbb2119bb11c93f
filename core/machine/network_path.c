/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/network_path.h"

#include "base/cleanup.h"
#include "machine/offloads.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>

static bool same_address(const struct sockaddr_storage *own, const struct sockaddr *other) {
    if (!other || own->ss_family != other->sa_family)
        return false;
    if (own->ss_family == AF_INET)
        return memcmp(&((const struct sockaddr_in *)own)->sin_addr,
                      &((const struct sockaddr_in *)(const void *)other)->sin_addr,
                      sizeof(struct in_addr)) == 0;
    return own->ss_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)own)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)other)->sin6_addr,
                  sizeof(struct in6_addr)) == 0;
}

/* A link-local address may stand on several interfaces: then the scope says which. */
static bool right_scope(const struct sockaddr_storage *own, const char *interface) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)own;

    return own->ss_family != AF_INET6 || six->sin6_scope_id == 0 ||
           six->sin6_scope_id == if_nametoindex(interface);
}

static int find_interface(const struct sockaddr_storage *own, bool local, char ret_name[static IF_NAMESIZE]) {
    struct ifaddrs *addresses = NULL;
    int status = -ENOENT;

    if (getifaddrs(&addresses) < 0)
        return -errno;
    for (const struct ifaddrs *one = addresses; one && status < 0; one = one->ifa_next)
        if (local ? (one->ifa_flags & IFF_LOOPBACK) != 0
                  : same_address(own, one->ifa_addr) && right_scope(own, one->ifa_name)) {
            (void)snprintf(ret_name, IF_NAMESIZE, "%s", one->ifa_name);
            status = 0;
        }
    freeifaddrs(addresses);
    return status;
}

int network_path_read(const struct sockaddr_storage *own, bool local, struct network_path *ret_path) {
    const struct machine_source here = machine_source_here();
    struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
    struct network_path path = {0};
    struct ifreq request = {0};
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int status = fd < 0 ? -errno : find_interface(own, local, path.interface);

    if (status < 0)
        return status;
    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", path.interface);
    if (ioctl(fd, SIOCGIFMTU, &request) == 0)
        path.mtu = request.ifr_mtu;
    request.ifr_data = (char *)&driver;
    if (ioctl(fd, SIOCETHTOOL, &request) == 0)
        (void)snprintf(path.driver, sizeof(path.driver), "%.*s", (int)sizeof(path.driver) - 1, driver.driver);
    if (offloads_read(&here, path.interface, &path.offloads) < 0)
        path.offloads = NULL;
    *ret_path = path;
    return 0;
}

void network_path_done(struct network_path *path) {
    free(path->offloads);
    *path = (struct network_path){0};
}
