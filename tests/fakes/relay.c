/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void check(int status, const char *what) {
    if (status < 0) {
        perror(what);
        abort();
    }
}

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A bound socket with room enough to lose nothing by itself. */
static int open_socket(uint16_t *ret_port) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;

    check(fd, "relay socket");
    check(bind(fd, (struct sockaddr *)&address, sizeof(address)), "relay bind");
    check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), "relay buffer");
    check(getsockname(fd, (struct sockaddr *)&address, &size), "relay port");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

void relay_start(struct relay *relay, size_t size) {
    uint16_t rear_port;

    memset(relay, 0, sizeof(*relay));
    relay->size = size;
    relay->front = open_socket(&relay->port);
    relay->rear = open_socket(&rear_port);
    relay->stranger = open_socket(&rear_port);
}

static void pass(int fd, const void *datagram, size_t size) {
    /* The other side may be gone at the end. */
    (void)send(fd, datagram, size, MSG_NOSIGNAL);
}

static bool is_due(unsigned every, unsigned number) {
    return every > 0 && number % every == 0;
}

/* What a stranger would send who has seen the datagram. */
static void forge(struct relay *relay, const uint8_t *datagram, size_t size) {
    static _Thread_local uint8_t forged[65536];

    memcpy(forged, datagram, size);
    forged[8] ^= 1; /* the cookie's first byte */
    pass(relay->rear, forged, size);
    pass(relay->stranger, datagram, size);
}

/* Forwards one datagram to `out`, or does what the plan has for it. */
static void forward(struct relay *relay, struct relay_way *way, const uint8_t *datagram, size_t size,
                    int out) {
    if (size != relay->size) {
        pass(out, datagram, size);
        return;
    }
    way->seen++;
    if (is_due(way->plan.delay_every, way->seen)) {
        (void)usleep(way->plan.delay_us);
        way->delayed++;
    }
    if (is_due(way->plan.drop_every, way->seen)) {
        way->dropped++;
        return;
    }
    if (way->held == 0 && is_due(way->plan.swap_every, way->seen)) {
        memcpy(way->holding, datagram, size);
        way->held = size;
        way->swapped++;
        return;
    }
    pass(out, datagram, size);
    if (is_due(way->plan.duplicate_every, way->seen)) {
        pass(out, datagram, size);
        way->duplicated++;
    }
    if (is_due(way->plan.forge_every, way->seen)) {
        forge(relay, datagram, size);
        way->forged++;
    }
    if (way->held > 0)
        pass(out, way->holding, way->held);
    way->held = 0;
}

static void *run(void *argument) {
    struct relay *relay = argument;
    struct pollfd polls[2] = {{.fd = relay->front, .events = POLLIN}, {.fd = relay->rear, .events = POLLIN}};
    static _Thread_local uint8_t datagram[65536];

    while (!atomic_load(&relay->end)) {
        struct sockaddr_storage from;
        socklen_t size = sizeof(from);
        ssize_t n;

        if (poll(polls, 2, 20) <= 0)
            continue;
        n = recvfrom(relay->front, datagram, sizeof(datagram), MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        if (n >= 0) {
            /* Answers go to whoever wrote last; there is one client. */
            (void)connect(relay->front, (struct sockaddr *)&from, size);
            forward(relay, &relay->there, datagram, (size_t)n, relay->rear);
        }
        n = recv(relay->rear, datagram, sizeof(datagram), MSG_DONTWAIT);
        if (n >= 0)
            forward(relay, &relay->back, datagram, (size_t)n, relay->front);
    }
    return NULL;
}

void relay_connect(struct relay *relay, uint16_t port) {
    struct sockaddr_in address = loopback(port);

    check(connect(relay->rear, (struct sockaddr *)&address, sizeof(address)), "relay connect");
    check(connect(relay->stranger, (struct sockaddr *)&address, sizeof(address)), "stranger connect");
    check(-pthread_create(&relay->thread, NULL, run, relay), "relay thread");
}

void relay_end(struct relay *relay) {
    atomic_store(&relay->end, true);
    (void)pthread_join(relay->thread, NULL);
    (void)close(relay->front);
    (void)close(relay->rear);
    (void)close(relay->stranger);
}
