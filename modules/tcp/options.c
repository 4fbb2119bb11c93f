/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp/options.h"

#include "shared/tcp/info.h"

#include <errno.h>
#include <string.h>

static int set_number(int fd, int level, int option, int value, const char *name, struct vms_error *error) {
    return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? net_fail_errno(error, errno, name) : 0;
}

int tcp_options_before(int fd, const union vms_value *values, struct vms_error *error) {
    uint64_t mss = values[TCP_SEGMENT_SIZE].bytes;
    int status =
        net_socket_set_buffers(fd, values[TCP_SEND_BUFFER].bytes, values[TCP_RECEIVE_BUFFER].bytes, error);

    if (status == 0)
        status = tcp_set_congestion(fd, values[TCP_CONGESTION_CONTROL].text, error);
    if (status == 0 && mss > 0)
        status = set_number(fd, IPPROTO_TCP, TCP_MAXSEG, (int)mss, "the maximum segment size", error);
    return status;
}

int tcp_options_connected(int fd, const union vms_value *values, struct vms_error *error) {
    double rate = values[TCP_PACING_RATE].rate / 8;
    uint64_t pacing = rate < 1e18 ? (uint64_t)rate : UINT64_MAX;
    int status = set_number(fd, IPPROTO_TCP, TCP_NODELAY, values[TCP_NO_DELAY].boolean, "TCP_NODELAY", error);

    if (status == 0 && values[TCP_ZEROCOPY].boolean)
        status = set_number(fd, SOL_SOCKET, SO_ZEROCOPY, 1, "SO_ZEROCOPY", error);
    if (status == 0 && pacing > 0 &&
        setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &pacing, sizeof(pacing)) < 0)
        status = net_fail_errno(error, errno, "SO_MAX_PACING_RATE");
    return status;
}

int tcp_options_probe(const union vms_value *values, struct vms_error *error) {
    NET_AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status;

    if (fd < 0)
        return net_fail_errno(error, errno, "opening a socket");
    if ((status = tcp_set_congestion(fd, values[TCP_CONGESTION_CONTROL].text, error)) < 0)
        return status;
    if (values[TCP_ZEROCOPY].boolean && set_number(fd, SOL_SOCKET, SO_ZEROCOPY, 1, "SO_ZEROCOPY", error) < 0)
        return report_error(error, -ENOTSUP, "this kernel cannot send without copying (SO_ZEROCOPY)");
    return 0;
}

void tcp_options_report(const struct vms_host *host, int fd) {
    struct tcp_connection connection;
    struct vms_error error;

    tcp_report_congestion(host, fd);
    if (tcp_connection_ask(fd, &connection, &error) < 0)
        return;
    net_fact(host, "mss", "%llu", (unsigned long long)connection.mss);
    net_fact(host, "advertised_mss", "%llu", (unsigned long long)connection.advertised_mss);
}
