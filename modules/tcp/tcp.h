/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp module's tables, and what its files ask of each other. */
#ifndef VMSUITE_MODULES_TCP_TCP_H
#define VMSUITE_MODULES_TCP_TCP_H

#include "shared/net/affinity.h"
#include "shared/net/control.h"
#include "shared/net/error.h"
#include "shared/net/report.h"
#include "shared/net/socket.h"

#include "shared/net/window.h"

/* Included here so that a name below that it defines, too, is an error. */
#include <netinet/in.h>
#include <netinet/tcp.h>

enum tcp_param {
    TCP_MODE,
    TCP_SECONDS,
    TCP_WARMUP,
    TCP_BYTES,
    TCP_COUNT,
    TCP_MESSAGE_SIZE,
    TCP_REQUEST_SIZE,
    TCP_RESPONSE_SIZE,
    TCP_BURST,
    TCP_TRANSACTION_RATE,
    TCP_BUSY_POLL,
    TCP_STREAMS,
    TCP_DIRECTION,
    TCP_BLOCK_SIZE,
    TCP_INTERVAL,
    TCP_ZEROCOPY,
    TCP_PACING_RATE,
    TCP_NO_DELAY,
    TCP_CONGESTION_CONTROL,
    TCP_SEGMENT_SIZE,
    TCP_SEND_BUFFER,
    TCP_RECEIVE_BUFFER,
    TCP_PORT,
    TCP_CPUS,
    TCP_PEER_CPUS,
    TCP_N_PARAMS
};
enum tcp_mode { TCP_MODE_STREAM, TCP_MODE_REQUEST_RESPONSE };
enum tcp_direction { TCP_SEND, TCP_RECEIVE, TCP_BOTH };

enum tcp_metric {
    TCP_GOODPUT,
    TCP_SENDER_RATE,
    TCP_INTERVAL_GOODPUT,
    TCP_RETRANSMITS,
    TCP_SMOOTHED_RTT,
    TCP_SENDER_CPU,
    TCP_RECEIVER_CPU,
    TCP_TRANSACTIONS,
    TCP_THROUGHPUT,
    TCP_THROUGHPUT_SENT,
    TCP_THROUGHPUT_RECEIVED,
    TCP_ROUND_TRIP_TIME,
    TCP_N_METRICS
};

#define TCP_STREAMS_MAX 64
#define TCP_CONNECTIONS_MAX (2 * TCP_STREAMS_MAX)

/* Where those of mode request-response stand. */
extern const struct net_transaction_params tcp_transaction_params;

/* How many connections a case has. The first n are the client's to send on where it sends. */
size_t tcp_connections(const union vms_value *values);
/* Whether the client (else: the peer) is the one that sends on connection `index`. */
bool tcp_client_sends(const union vms_value *values, size_t index);

/* The two halves of each mode, over connections that stand. */
int tcp_stream_measure(const struct vms_host *host, const union vms_value *values, const int *fds,
                       struct vms_error *error);
int tcp_stream_serve(const struct vms_host *host, const union vms_value *values, const int *fds,
                     struct vms_error *error);
int tcp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error);
int tcp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error);

#endif
