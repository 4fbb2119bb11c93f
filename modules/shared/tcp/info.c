/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/tcp/info.h"

#include "shared/net/error.h"
#include "shared/net/report.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

int tcp_connection_ask(int fd, struct tcp_connection *ret, struct vms_error *error) {
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return net_fail_errno(error, errno, "TCP_INFO");
    *ret = (struct tcp_connection){.retransmits = info.tcpi_total_retrans,
                                   .rtt_ns = UINT64_C(1000) * info.tcpi_rtt,
                                   .mss = info.tcpi_snd_mss,
                                   .advertised_mss = info.tcpi_advmss};
    return 0;
}

int tcp_set_congestion(int fd, const char *name, struct vms_error *error) {
    if (!*name || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)) == 0)
        return 0;
    return report_error(error, -ENOTSUP,
                        "congestion control \"%s\" cannot be used here (%s): "
                        "see /proc/sys/net/ipv4/tcp_available_congestion_control",
                        name, strerrordesc_np(errno));
}

void tcp_report_congestion(const struct vms_host *host, int fd) {
    char congestion[64] = "";
    socklen_t size = sizeof(congestion) - 1;

    if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion, &size) == 0)
        net_fact(host, "congestion_control", "%s", congestion);
}
