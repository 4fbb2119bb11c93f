/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/strangers.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

struct stranger_source stranger_source(const struct sockaddr_storage *client) {
    struct stranger_source source = {{0}};

    if (client->ss_family == AF_INET) {
        struct sockaddr_in four;

        memcpy(&four, client, sizeof(four));
        memcpy(source.bytes, &four.sin_addr, sizeof(four.sin_addr));
        source.bytes[7] = 4;
    } else if (client->ss_family == AF_INET6) {
        struct sockaddr_in6 six;

        memcpy(&six, client, sizeof(six));
        memcpy(source.bytes, &six.sin6_addr, sizeof(source.bytes));
    }
    return source;
}

static bool is_same(const struct stranger *a, const struct stranger *b) {
    return memcmp(&a->source, &b->source, sizeof(a->source)) == 0;
}

static size_t count_source(const struct stranger *strangers, size_t n, const struct stranger *like) {
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += is_same(&strangers[i], like);
    return count;
}

/* How many of the same source came before it. */
static size_t count_older(const struct stranger *strangers, size_t n, const struct stranger *stranger) {
    size_t older = 0;

    for (size_t i = 0; i < n; i++)
        older += is_same(&strangers[i], stranger) &&
                 (strangers[i].since_ns < stranger->since_ns ||
                  (strangers[i].since_ns == stranger->since_ns && &strangers[i] < stranger));
    return older;
}

size_t stranger_to_drop(const struct stranger *strangers, size_t n, uint32_t chance) {
    size_t crowd = 0, most = 1, wanted;

    for (size_t i = 0; i < n; i++) {
        size_t count = count_source(strangers, n, &strangers[i]);

        if (count > most) {
            most = count;
            crowd = i;
        }
    }
    wanted = chance % ((most + 1) / 2);
    for (size_t i = 0; i < n; i++)
        if (is_same(&strangers[i], &strangers[crowd]) && count_older(strangers, n, &strangers[i]) == wanted)
            return i;
    return crowd;
}
