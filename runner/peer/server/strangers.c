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

/* How many of the crowd came before it. */
static size_t count_older(const struct stranger *strangers, const bool *in_crowd, size_t n, size_t index) {
    size_t older = 0;

    for (size_t i = 0; i < n; i++)
        if (in_crowd[i] && strangers[i].since_ns == strangers[index].since_ns)
            older += i < index;
        else if (in_crowd[i])
            older += strangers[i].since_ns < strangers[index].since_ns;
    return older;
}

size_t stranger_to_drop(const struct stranger *strangers, size_t n, uint32_t chance) {
    bool in_crowd[STRANGERS_MAX];
    size_t most = 0, crowd = 0, wanted;

    n = n < STRANGERS_MAX ? n : STRANGERS_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t count = count_source(strangers, n, &strangers[i]);

        most = count > most ? count : most;
    }
    for (size_t i = 0; i < n; i++) {
        in_crowd[i] = count_source(strangers, n, &strangers[i]) == most;
        crowd += in_crowd[i];
    }
    wanted = crowd > 0 ? chance % ((crowd + 1) / 2) : 0;
    for (size_t i = 0; i < n; i++)
        if (in_crowd[i] && count_older(strangers, in_crowd, n, i) == wanted)
            return i;
    return 0;
}
