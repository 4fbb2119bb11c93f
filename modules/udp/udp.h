/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udp module's tables, and what its files ask of each other. */
#ifndef VMSUITE_MODULES_UDP_UDP_H
#define VMSUITE_MODULES_UDP_UDP_H

#include "shared/net/affinity.h"
#include "shared/net/control.h"
#include "shared/net/error.h"
#include "shared/net/report.h"
#include "shared/net/socket.h"
#include "shared/net/window.h"

enum udp_param {
    UDP_MODE,
    UDP_SECONDS,
    UDP_WARMUP,
    UDP_BYTES,
    UDP_COUNT,
    UDP_MESSAGE_SIZE,
    UDP_REQUEST_SIZE,
    UDP_RESPONSE_SIZE,
    UDP_TIMEOUT,
    UDP_BURST,
    UDP_TRANSACTION_RATE,
    UDP_BUSY_POLL,
    UDP_DATAGRAM_SIZE,
    UDP_RATE,
    UDP_DIRECTION,
    UDP_BATCH,
    UDP_OFFLOAD,
    UDP_INTERVAL,
    UDP_SEND_BUFFER,
    UDP_RECEIVE_BUFFER,
    UDP_PORT,
    UDP_CPUS,
    UDP_PEER_CPUS,
    UDP_N_PARAMS
};
enum udp_mode { UDP_MODE_STREAM, UDP_MODE_REQUEST_RESPONSE };
enum udp_direction { UDP_SEND, UDP_RECEIVE, UDP_BOTH };

enum udp_metric {
    UDP_GOODPUT,
    UDP_PACKETS,
    UDP_SENDER_RATE,
    UDP_LOSS,
    UDP_JITTER,
    UDP_LOST,
    UDP_LOST_IN_SENDER,
    UDP_LOST_IN_NETWORK,
    UDP_LOST_IN_RECEIVER,
    UDP_DUPLICATES,
    UDP_REORDERED,
    UDP_INTERVAL_GOODPUT,
    UDP_SENDER_CPU,
    UDP_RECEIVER_CPU,
    UDP_TRANSACTIONS,
    UDP_THROUGHPUT,
    UDP_THROUGHPUT_SENT,
    UDP_THROUGHPUT_RECEIVED,
    UDP_ROUND_TRIP_TIME,
    UDP_N_METRICS
};

/* Where those of mode request-response stand. */
extern const struct net_transaction_params udp_transaction_params;

/* Opens the data socket, connected to the other half's; the caller closes it. The peer's half reports its
 * port, and connects to where the session's cookie came from, if that is the session's peer; when it is ready
 * for the data, it says NET_BEGIN. */
int udp_connect(const struct vms_host *host, const union vms_value *values, int *ret_fd,
                struct vms_error *error);
int udp_accept(const struct vms_host *host, const union vms_value *values, int *ret_fd,
               struct vms_error *error);

/* The client, when it is ready for the data: sends its cookie until the peer says NET_BEGIN. */
int udp_knock(const struct vms_host *host, int fd, struct vms_error *error);

/* The two halves of each mode. */
int udp_stream_measure(const struct vms_host *host, const union vms_value *values, int fd,
                       struct vms_error *error);
int udp_stream_serve(const struct vms_host *host, const union vms_value *values, int fd,
                     struct vms_error *error);
int udp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error);
int udp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error);

#endif
