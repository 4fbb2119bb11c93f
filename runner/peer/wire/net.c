/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/net.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define BACKLOG 1024 /* strangers must not fill it; the kernel cuts it to net.core.somaxconn */

static void cleanup_addresses_(struct addrinfo **addresses) {
    if (*addresses)
        freeaddrinfo(*addresses);
}
#define cleanup_addresses __attribute__((cleanup(cleanup_addresses_)))

/* IPv4 that came in through an IPv6 socket, shown as IPv4. */
static void unmap(struct sockaddr_storage *address) {
    struct sockaddr_in6 six;
    struct sockaddr_in four = {.sin_family = AF_INET};

    memcpy(&six, address, sizeof(six));
    if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
        return;
    four.sin_port = six.sin6_port;
    memcpy(&four.sin_addr, &six.sin6_addr.s6_addr[12], sizeof(four.sin_addr));
    *address = (struct sockaddr_storage){0};
    memcpy(address, &four, sizeof(four));
}

int net_resolve(const char *host, uint16_t port, int flags, struct addrinfo **ret, struct vms_error *error) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
    char service[8];
    int status;

    snprintf(service, sizeof(service), "%u", port);
    status = getaddrinfo(host, service, &hints, ret);
    if (status == EAI_MEMORY)
        return error_set(error, -ENOMEM, "no memory to look up %s", host);
    if (status != 0)
        return error_set(error, -EHOSTUNREACH, "%s: %s", host ? host : "*",
                         status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
    return 0;
}

void net_address(const struct sockaddr_storage *address, char ret_text[static NET_ADDRESS_SIZE]) {
    const void *bytes = address->ss_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)address)->sin_addr;

    if (!inet_ntop(address->ss_family, bytes, ret_text, NET_ADDRESS_SIZE))
        ret_text[0] = '\0';
}

void net_name(const struct sockaddr_storage *address, char ret_name[static NET_NAME_SIZE]) {
    char host[80], service[8];

    if (getnameinfo((const struct sockaddr *)address, sizeof(*address), host, sizeof(host), service,
                    sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(ret_name, NET_NAME_SIZE, "%s port %s", host, service);
    else
        snprintf(ret_name, NET_NAME_SIZE, "an unknown address");
}

void net_tune(int fd) {
    const struct {
        int level, option, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 30}, {IPPROTO_TCP, TCP_KEEPINTVL, 10},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},   {IPPROTO_TCP, TCP_USER_TIMEOUT, 60000},
    };

    /* A kernel that lacks one of them still has a working connection. */
    for (size_t i = 0; i < VMS_LENGTH(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].option, &options[i].value,
                         sizeof(options[i].value));
}

static bool is_loopback(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;

        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    }
    return address->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr *b) {
    if (a->ss_family != b->sa_family)
        return false;
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
    return a->ss_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

bool net_is_local(const struct sockaddr_storage *address) {
    struct sockaddr_storage plain = *address;
    struct ifaddrs *interfaces = NULL;
    bool found = false;

    unmap(&plain);
    if (is_loopback(&plain))
        return true;
    if (getifaddrs(&interfaces) < 0)
        return false;
    for (const struct ifaddrs *interface = interfaces; interface && !found; interface = interface->ifa_next)
        found = interface->ifa_addr && same_host(&plain, interface->ifa_addr);
    freeifaddrs(interfaces);
    return found;
}

void net_clear_port(struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET)
        ((struct sockaddr_in *)address)->sin_port = 0;
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = 0;
}

int net_ends(int fd, struct sockaddr_storage *ret_own, struct sockaddr_storage *ret_other,
             struct vms_error *error) {
    struct sockaddr_storage own = {0}, other = {0};
    socklen_t own_size = sizeof(own), other_size = sizeof(other);

    if (getsockname(fd, (struct sockaddr *)&own, &own_size) < 0 ||
        getpeername(fd, (struct sockaddr *)&other, &other_size) < 0)
        return error_set(error, -ECONNRESET, "the connection was lost: %s", strerror(errno));
    unmap(&own);
    unmap(&other);
    *ret_own = own;
    *ret_other = other;
    return 0;
}

static int listen_one(const struct addrinfo *address, int *ret_fd) {
    const int on = 1, off = 0;
    cleanup_close int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
        return -errno;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int net_tell_listener(int fd, uint16_t *ret_port, struct vms_error *error) {
    struct sockaddr_storage own = {0};
    socklen_t size = sizeof(own);

    if (getsockname(fd, (struct sockaddr *)&own, &size) < 0)
        return error_set(error, -errno, "the address of the listening socket cannot be read: %s",
                         strerror(errno));
    unmap(&own);
    *ret_port = ntohs(own.ss_family == AF_INET ? ((struct sockaddr_in *)&own)->sin_port
                                               : ((struct sockaddr_in6 *)&own)->sin6_port);
    return 0;
}

int net_listen(const char *bind, uint16_t port, int *ret_fd, uint16_t *ret_port, struct vms_error *error) {
    cleanup_addresses struct addrinfo *addresses = NULL;
    bool any = bind[0] == '\0' || strcmp(bind, "*") == 0;
    cleanup_close int fd = -1;
    int status = net_resolve(any ? NULL : bind, port, AI_PASSIVE, &addresses, error);

    if (status < 0)
        return status;
    /* The IPv6 socket of "*" takes IPv4 too, so it goes first. */
    for (int pass = 0; pass < 2 && fd < 0; pass++)
        for (const struct addrinfo *address = addresses; address && fd < 0; address = address->ai_next)
            if (!any || (address->ai_family == AF_INET6) == (pass == 0))
                status = listen_one(address, &fd);
    if (fd < 0)
        return error_set(error, status, "cannot listen on %s port %u: %s", bind, port, strerror(-status));
    if ((status = net_tell_listener(fd, ret_port, error)) < 0)
        return status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}
