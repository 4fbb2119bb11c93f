/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/server.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "peer/server/ledger.h"
#include "peer/server/server_log.h"
#include "peer/server/session.h"
#include "peer/server/strangers.h"
#include "peer/wire/net.h"
#include "process/confine.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>

#define DROPS_NS (10 * NS_PER_S) /* strangers that were sent away are one line of the log in that time */
#define STRANGERS_LISTED 20      /* the others have a line each, but for no more than so many then */

/* A session, as the listener sees it. */
struct slot {
    pid_t pid;    /* 0: free */
    int pipe;     /* its reports; its end is the session's end */
    bool dropped; /* it made room for another one */
    unsigned number;
    uint64_t started_ns;
    char client[NET_NAME_SIZE];
    struct stranger_source source;
    struct session_report report;
};

/* Where a session's process has its descriptors. */
enum { SESSION_FD = STDERR_FILENO + 1, SESSION_REPORT };

struct server {
    const struct server_options *options;
    int fd; /* -1 once it takes no more sessions */
    struct slot *slots;
    unsigned n_slots;
    struct pollfd *waiting; /* for the slots in use, and one more */
    struct slot **polled;   /* whose they are */
    struct ledger *ledger;
    unsigned n_begun;
    struct server_log log;
    unsigned n_listed, n_unlisted; /* strangers with a line of their own, and without, since */
    uint64_t listed_ns;            /* this */
    unsigned n_dropped;            /* strangers that made room, since */
    uint64_t n_dropped_ns;         /* this was last reported */
    sigset_t outside;              /* the signal mask to wait with */
    int announced;                 /* the stop that the sessions know of */
    bool finished;                 /* with `once`: an authenticated session has ended */
};

static void report_unlisted(struct server *server) {
    if (server->n_unlisted > 0)
        server_log_line(&server->log, "%u more client%s without proof of the token came and went\n",
                        server->n_unlisted, server->n_unlisted == 1 ? "" : "s");
    server->listed_ns = clock_now_ns();
    server->n_listed = server->n_unlisted = 0;
}

/* A crowd does not fill the log. */
static bool is_listed(struct server *server) {
    if (clock_now_ns() >= server->listed_ns + DROPS_NS)
        report_unlisted(server);
    if (server->n_listed < STRANGERS_LISTED)
        return ++server->n_listed > 0;
    server->n_unlisted++;
    return false;
}

static void log_session(struct server *server, const struct slot *slot, int status) {
    const struct session_report *report = &slot->report;
    char crash[64] = "";

    if (slot->dropped || (!report->authenticated && !is_listed(server)))
        return;
    if (WIFSIGNALED(status))
        snprintf(crash, sizeof(crash), "ended by signal %d", WTERMSIG(status));
    server_log_line(&server->log, "session %u from %s: %s, %u trial%s, %.1f s, %s\n", slot->number,
                    slot->client,
                    report->module[0]       ? report->module
                    : report->authenticated ? "no module"
                                            : "not authenticated",
                    report->trials, report->trials == 1 ? "" : "s",
                    (double)(clock_now_ns() - slot->started_ns) / (double)NS_PER_S,
                    report->end.text[0] ? report->end.text
                    : crash[0]          ? crash
                                        : "ended");
}

static void free_slot(struct server *server, struct slot *slot) {
    int status = 0;

    (void)close(slot->pipe);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    ledger_release(server->ledger, (size_t)(slot - server->slots));
    log_session(server, slot, status);
    server->finished |= slot->report.trials > 0;
    *slot = (struct slot){.pipe = -1};
}

/* Takes a session's report, or its end. */
static void take_report(struct server *server, struct slot *slot) {
    struct session_report report;
    ssize_t got = read(slot->pipe, &report, sizeof(report));

    if (got == (ssize_t)sizeof(report))
        slot->report = report;
    else if (got >= 0 || (errno != EAGAIN && errno != EINTR))
        free_slot(server, slot);
}

static struct slot *find_free(struct server *server) {
    for (unsigned i = 0; i < server->n_slots; i++)
        if (server->slots[i].pid == 0)
            return &server->slots[i];
    return NULL;
}

/* One line for all that were sent away since the last. */
static void report_drops(struct server *server) {
    if (server->n_dropped == 0 || clock_now_ns() < server->n_dropped_ns + DROPS_NS)
        return;
    server_log_line(&server->log, "%u client%s without proof of the token made room for others\n",
                    server->n_dropped, server->n_dropped == 1 ? "" : "s");
    server->n_dropped = 0;
    server->n_dropped_ns = clock_now_ns();
}

/* Where strangers are as many as may be, ends one of them. */
static void make_room(struct server *server) {
    struct stranger strangers[STRANGERS_MAX];
    struct slot *slots[STRANGERS_MAX], *dropped;
    size_t n = 0;

    for (unsigned i = 0; i < server->n_slots && n < STRANGERS_MAX; i++) {
        struct slot *slot = &server->slots[i];

        if (slot->pid == 0 || slot->report.authenticated)
            continue;
        strangers[n] = (struct stranger){slot->source, slot->started_ns};
        slots[n++] = slot;
    }
    if (n < STRANGERS_MAX)
        return;
    dropped = slots[stranger_to_drop(strangers, n, randombytes_random())];
    (void)kill(dropped->pid, SIGKILL);
    dropped->dropped = true;
    server->n_dropped++;
    free_slot(server, dropped);
}

/* The connection and the report get known places; the listener's descriptors, and whatever it was started
 * with, are closed. */
static bool place_descriptors(int fd, int report_fd) {
    int moved = fcntl(report_fd, F_DUPFD_CLOEXEC, SESSION_REPORT);

    if (moved < 0 || dup2(fd, SESSION_FD) < 0 || dup2(moved, SESSION_REPORT) < 0)
        return false;
    (void)fcntl(SESSION_FD, F_SETFD, FD_CLOEXEC);
    (void)fcntl(SESSION_REPORT, F_SETFD, FD_CLOEXEC);
    confine_descriptors(SESSION_REPORT + 1);
    return true;
}

static void __attribute__((noreturn))
run_session(struct server *server, size_t entry, int fd, int report_fd, pid_t parent) {
    const struct session_setup setup = {.fd = SESSION_FD,
                                        .report_fd = SESSION_REPORT,
                                        .ledger = server->ledger,
                                        .entry = entry,
                                        .token = &server->options->token,
                                        .modules = server->options->modules,
                                        .now = server->options->now ? server->options->now : clock_now_ns};

    /* Its own process group: a terminal's Ctrl-C is the listener's to deal with. */
    (void)setpgid(0, 0);
    if (confine_child(parent) == 0 && place_descriptors(fd, report_fd)) {
        confine_peer();
        session_run(&setup);
    }
    _exit(0);
}

static void begin_session(struct server *server, struct slot *slot, int fd) {
    struct sockaddr_storage own, client;
    pid_t parent = getpid();
    int pipes[2];
    pid_t pid;

    if (net_ends(fd, &own, &client, NULL) < 0 || pipe2(pipes, O_CLOEXEC) < 0)
        return;
    pid = fork();
    if (pid == 0) {
        (void)close(pipes[0]);
        run_session(server, (size_t)(slot - server->slots), fd, pipes[1], parent);
    }
    (void)close(pipes[1]);
    if (pid < 0) {
        (void)close(pipes[0]);
        return;
    }
    (void)fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    *slot = (struct slot){
        .pid = pid, .pipe = pipes[0], .number = ++server->n_begun, .started_ns = clock_now_ns()};
    net_name(&client, slot->client);
    slot->source = stranger_source(&client);
}

static void accept_one(struct server *server) {
    cleanup_close int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct slot *slot;
    const struct timespec pause = {.tv_nsec = 50000000};

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            (void)nanosleep(&pause, NULL); /* else poll would spin on the client that waits */
        return;
    }
    net_tune(fd);
    make_room(server);
    slot = find_free(server);
    if (slot)
        begin_session(server, slot, fd);
}

/* Stops listening, and passes a stop on to the sessions: the first asks, the second kills. */
static void pass_stop(struct server *server, int stop) {
    if (server->fd >= 0)
        (void)close(server->fd);
    server->fd = -1;
    for (unsigned i = 0; i < server->n_slots; i++)
        if (server->slots[i].pid > 0)
            (void)kill(server->slots[i].pid, stop > 1 ? SIGKILL : SIGTERM);
    server->announced = stop;
}

static bool has_sessions(const struct server *server) {
    for (unsigned i = 0; i < server->n_slots; i++)
        if (server->slots[i].pid > 0)
            return true;
    return false;
}

static int wait_and_take(struct server *server, struct vms_error *error) {
    const struct timespec pause = {.tv_sec = DROPS_NS / NS_PER_S};
    nfds_t n = 0;

    for (unsigned i = 0; i < server->n_slots; i++) {
        if (server->slots[i].pid == 0)
            continue;
        server->polled[n] = &server->slots[i];
        server->waiting[n++] = (struct pollfd){.fd = server->slots[i].pipe, .events = POLLIN};
    }
    server->waiting[n] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    if (ppoll(server->waiting, n + 1, server->n_dropped > 0 ? &pause : NULL, &server->outside) < 0)
        return errno == EINTR ? 0 : error_set(error, -errno, "waiting for clients: %s", strerror(errno));
    for (nfds_t i = 0; i < n; i++)
        if (server->waiting[i].revents)
            take_report(server, server->polled[i]);
    if (server->waiting[n].revents)
        accept_one(server);
    report_drops(server);
    return 0;
}

static int loop(struct server *server, volatile const int *stop, struct vms_error *error) {
    int status = 0;

    while (status == 0) {
        if (*stop > server->announced)
            pass_stop(server, *stop);
        else if (server->options->once && server->finished && server->fd >= 0)
            pass_stop(server, 1);
        if (server->fd < 0 && !has_sessions(server))
            break;
        status = wait_and_take(server, error);
    }
    return status;
}

static void serve_all(struct server *server, volatile const int *stop, int *ret_status,
                      struct vms_error *error) {
    sigset_t blocked;

    for (unsigned i = 0; i < server->n_slots; i++)
        server->slots[i].pipe = -1;
    /* Signals are let in only while waiting, so that none is missed between looking and waiting. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &blocked, &server->outside);
    *ret_status = loop(server, stop, error);
    pass_stop(server, 2);
    for (unsigned i = 0; i < server->n_slots; i++)
        if (server->slots[i].pid > 0)
            free_slot(server, &server->slots[i]);
    server->n_dropped_ns = 0;
    report_drops(server);
    report_unlisted(server);
    (void)sigprocmask(SIG_SETMASK, &server->outside, NULL);
}

static uint64_t default_memory(void) {
    uint64_t quarter = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 4;

    return quarter < SERVER_MEMORY ? quarter : SERVER_MEMORY;
}

int server_run(const struct server_options *options, int fd, volatile const int *stop,
               struct vms_error *error) {
    unsigned n_slots = options->max_sessions + STRANGERS_MAX;
    cleanup_free struct slot *slots = calloc(n_slots, sizeof(*slots));
    cleanup_free struct slot **polled = calloc(n_slots, sizeof(struct slot *));
    cleanup_free struct pollfd *waiting = calloc(n_slots + 1, sizeof(*waiting));
    uint64_t memory = options->memory ? options->memory : default_memory();
    struct ledger *ledger = ledger_new(n_slots, options->max_sessions, memory);
    struct server server = {.options = options,
                            .fd = fd,
                            .slots = slots,
                            .n_slots = n_slots,
                            .polled = polled,
                            .waiting = waiting,
                            .log = {.file = options->log},
                            .ledger = ledger};
    int status = 0;

    if (slots && polled && waiting && ledger) {
        if (options->ready)
            options->ready(options->ready_context);
        serve_all(&server, stop, &status, error);
    } else {
        (void)close(fd);
        status = error_set(error, -ENOMEM, "no memory for %u sessions", options->max_sessions);
    }
    ledger_free(ledger);
    return status;
}
