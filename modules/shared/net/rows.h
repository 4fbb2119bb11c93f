/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that the tables of tcp and udp have in common. */
#ifndef VMSUITE_MODULES_SHARED_NET_ROWS_H
#define VMSUITE_MODULES_SHARED_NET_ROWS_H

#include <vmsuite/module.h>

static const char *const net_modes[] = {"stream", "request-response", NULL};
static const char *const net_directions[] = {"send", "receive", "both", NULL};

#define NET_ROW_MODE                                                                                         \
    {                                                                                                        \
        .name = "mode", .kind = VMS_CHOICE, .fallback = "stream", .choices = net_modes,                      \
        .help = "What is measured: a stream one way, or request and response in turn."                       \
    }
#define NET_ROW_SECONDS                                                                                      \
    {                                                                                                        \
        .name = "seconds", .kind = VMS_SECONDS, .fallback = "10", .min = "1ms", .max = "24h",                \
        .help = "How long a trial measures, unless bytes or count end it."                                   \
    }
#define NET_ROW_COUNT                                                                                        \
    {                                                                                                        \
        .name = "count", .kind = VMS_COUNT, .fallback = "0",                                                 \
        .help = "Mode request-response: transactions to begin; 0: seconds decide."                           \
    }
#define NET_ROW_REQUEST_SIZE(most)                                                                           \
    {                                                                                                        \
        .name = "request_size", .kind = VMS_BYTES, .role = VMS_ROLE_SIZE, .fallback = "0", .max = most,      \
        .help = "Bytes of a request, where it differs; 0: message_size."                                     \
    }
#define NET_ROW_RESPONSE_SIZE(most)                                                                          \
    {                                                                                                        \
        .name = "response_size", .kind = VMS_BYTES, .role = VMS_ROLE_SIZE, .fallback = "0", .max = most,     \
        .help = "Bytes of a response, where it differs; 0: message_size."                                    \
    }
#define NET_ROW_BURST                                                                                        \
    {                                                                                                        \
        .name = "burst", .kind = VMS_COUNT, .fallback = "1", .min = "1", .max = "64",                        \
        .help = "Mode request-response: transactions under way at the same time."                            \
    }
#define NET_ROW_TRANSACTION_RATE                                                                             \
    {                                                                                                        \
        .name = "transaction_rate", .kind = VMS_COUNT, .fallback = "0", .max = "10000000",                   \
        .help =                                                                                              \
            "Transactions to begin per second; latency counts from when one was due. 0: as soon as there "   \
            "is room."                                                                                       \
    }
#define NET_ROW_BUSY_POLL                                                                                    \
    {                                                                                                        \
        .name = "busy_poll", .kind = VMS_BOOLEAN, .fallback = "false",                                       \
        .help = "Mode request-response: both sides poll the socket without sleeping."                        \
    }
#define NET_ROW_DIRECTION                                                                                    \
    {                                                                                                        \
        .name = "direction", .kind = VMS_CHOICE, .fallback = "send", .choices = net_directions,              \
        .help = "Mode stream: whether this side sends, receives, or both at the same time."                  \
    }
#define NET_ROW_INTERVAL                                                                                     \
    {                                                                                                        \
        .name = "interval", .kind = VMS_SECONDS, .fallback = "1", .max = "1h",                               \
        .help = "Mode stream: length of the intervals whose rates are kept (the first 1000); 0: none."       \
    }
#define NET_ROW_SEND_BUFFER                                                                                  \
    {                                                                                                        \
        .name = "send_buffer", .kind = VMS_BYTES, .fallback = "0", .max = "1GiB",                            \
        .help = "SO_SNDBUF on both sides; 0: the kernel's own."                                              \
    }
#define NET_ROW_RECEIVE_BUFFER                                                                               \
    {                                                                                                        \
        .name = "receive_buffer", .kind = VMS_BYTES, .fallback = "0", .max = "1GiB",                         \
        .help = "SO_RCVBUF on both sides; 0: the kernel's own."                                              \
    }
#define NET_ROW_PORT                                                                                         \
    {                                                                                                        \
        .name = "port", .kind = VMS_COUNT, .role = VMS_ROLE_PLACE, .fallback = "0", .max = "65535",          \
        .help = "The peer's port for the data; 0: any free one."                                             \
    }
#define NET_ROW_CPUS                                                                                         \
    {                                                                                                        \
        .name = "cpus", .kind = VMS_TEXT, .fallback = "",                                                    \
        .help = "Processors that this side may use, such as \"0,2-3\"; \"\": all."                           \
    }
#define NET_ROW_PEER_CPUS                                                                                    \
    {                                                                                                        \
        .name = "peer_cpus", .kind = VMS_TEXT, .fallback = "",                                               \
        .help = "Processors that the peer may use; \"\": all."                                               \
    }

#define NET_ROW_TRANSACTIONS                                                                                 \
    {                                                                                                        \
        "transactions", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,                                   \
            "Completed request-response transactions.", VMS_ROLE_HEADLINE                                    \
    }
#define NET_ROW_THROUGHPUT                                                                                   \
    {                                                                                                        \
        "throughput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,                                \
            "Payload of requests and responses together.", VMS_ROLE_DERIVED                                  \
    }
#define NET_ROW_THROUGHPUT_SENT                                                                              \
    {                                                                                                        \
        "throughput_sent", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Payload of requests.",   \
            VMS_ROLE_DERIVED                                                                                 \
    }
#define NET_ROW_THROUGHPUT_RECEIVED                                                                          \
    {                                                                                                        \
        "throughput_received", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,                       \
            "Payload of responses.", VMS_ROLE_DERIVED                                                        \
    }

#endif
