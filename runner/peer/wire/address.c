/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/address.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 */

/* An IPv6 address, with the interface that a link-local one needs. */
static int check_six(const char *text, struct vms_error *error) {
    size_t length = strcspn(text, "%");
    char bare[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (length >= sizeof(bare))
        return -EINVAL;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (inet_pton(AF_INET6, bare, &address) != 1)
        return -EINVAL;
    if (IN6_IS_ADDR_LINKLOCAL(&address) && strlen(text + length) < 2)
        return error_set(error, -ERANGE,
                         "\"%s\" is a link-local address: name the interface too, as in \"%s%%eth0\"", text,
                         text);
    return 0;
}

/* "HOST:PORT" or "[HOST]:PORT": says what belongs where. */
static int refuse_port(const char *text, struct vms_error *error) {
    const char *host = text + (*text == '[');
    const char *port = strrchr(text, ':');
    size_t length = *text == '[' ? strcspn(host, "]") : port ? (size_t)(port - text) : 0;

    if (*text == '[' && (!port || port < host + length))
        return error_set(error, -EINVAL, "\"%s\": write the address without brackets, \"%.*s\"", text,
                         (int)length, host);
    if (port && (*text == '[' || strchr(text, ':') == port) && port[1] &&
        strspn(port + 1, "0123456789") == strlen(port + 1))
        return error_set(error, -EINVAL,
                         "\"%s\" is an address with a port: write \"address\": \"%.*s\", \"port\": %s", text,
                         (int)length, host, port + 1);
    return error_set(error, -EINVAL, "\"%s\" is not a host name or an address", text);
}

/* Four numbers that are no address would be looked up as a name, in vain. */
static int check_name(const char *text, struct vms_error *error) {
    struct in_addr address;
    size_t label = 0;

    if (strspn(text, "0123456789.") == strlen(text) && inet_pton(AF_INET, text, &address) != 1)
        return error_set(error, -EINVAL, "\"%s\" is not an IPv4 address: it takes four numbers up to 255",
                         text);
    for (const char *at = text; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            return error_set(error, -EINVAL,
                             "\"%s\" is not a host name or an address: \"%c\" does not belong there", text,
                             *at);
        label = *at == '.' ? 0 : label + 1;
        if (label > LABEL_MAX || (*at == '.' && (at == text || at[-1] == '.')))
            return error_set(error, -EINVAL,
                             "\"%s\" is not a host name: between its dots are 1 to %d characters", text,
                             LABEL_MAX);
    }
    return 0;
}

int peer_address_check(const char *text, struct vms_error *error) {
    int status;

    if (!*text || strlen(text) >= PEER_HOST_SIZE)
        return error_set(error, -EINVAL, "an address has 1 to %d characters", PEER_HOST_SIZE - 1);
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
            return error_set(
                error, -EINVAL,
                "a host name or an address holds no spaces, control characters or letters beyond ASCII");
    if (strstr(text, "://"))
        return error_set(error, -EINVAL, "\"%s\" is a URL: write the host name or address alone", text);
    if (strchr(text, '/'))
        return error_set(error, -EINVAL, "\"%s\": write the address without a prefix length, \"%.*s\"", text,
                         (int)strcspn(text, "/"), text);
    if (!strpbrk(text, ":[]"))
        return check_name(text, error);
    status = check_six(text, error);
    if (status == -ERANGE)
        return -EINVAL;
    return status == 0 ? 0 : refuse_port(text, error);
}
