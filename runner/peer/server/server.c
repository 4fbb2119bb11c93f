/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/server.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "common/confine.h"
#include "peer/server/session.h"
#include "peer/wire/handshake.h"
#include "peer/wire/net.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define STRANGER_NS (2 * NS_PER_S) /* how long a client that has proved nothing cannot be sent away */

/* A session, as the listener sees it. */
struct slot {
    pid_t pid; /* 0: free */
    int pipe;  /* its reports; its end is the session's end */
    unsigned number;
    uint64_t started_ns;
    char client[NET_NAME_SIZE];
    struct session_report report;
};

struct server {
    const struct server_options *options;
    int fd; /* -1 once it takes no more sessions */
    struct slot *slots;
    struct pollfd *waiting; /* one for each slot, and one more */
    unsigned n_begun;
    sigset_t outside; /* the signal mask to wait with */
    int told;         /* the stop that the sessions know of */
    bool finished;    /* with `once`: an authenticated session has ended */
};

static int check_token(const struct server_options *options, bool loopback, const char *where,
                       struct vms_error *error) {
    if (loopback || options->token.present)
        return 0;
    return error_set(error, -EACCES,
                     "%s can be reached from other machines, so a token is required: make one with "
                     "`(umask 077; head -c 32 /dev/urandom | base64 > peer.token)`, copy it to the other "
                     "machine and pass --token-file peer.token",
                     where);
}

int server_listen(const struct server_options *options, int *ret_fd, uint16_t *ret_port,
                  struct vms_error *error) {
    bool loopback = false;
    uint16_t port = 0;
    cleanup_close int fd = -1;
    int status = net_listen(options->bind, options->port, &fd, &port, &loopback, error);

    if (status < 0 || (status = check_token(options, loopback, options->bind, error)) < 0)
        return status;
    *ret_fd = fd;
    *ret_port = port;
    fd = -1;
    return 0;
}

int server_adopt(const struct server_options *options, int fd, uint16_t *ret_port, struct vms_error *error) {
    bool loopback = false;
    int status = net_tell_listener(fd, ret_port, &loopback, error);

    return status < 0 ? status : check_token(options, loopback, "the socket of the service manager", error);
}

static void log_session(const struct server *server, const struct slot *slot, int status) {
    const struct session_report *report = &slot->report;
    char crash[64] = "";

    if (!server->options->log)
        return;
    if (WIFSIGNALED(status))
        snprintf(crash, sizeof(crash), "ended by signal %d", WTERMSIG(status));
    fprintf(server->options->log, "session %u from %s: %s, %u trial%s, %.1f s, %s\n", slot->number,
            slot->client,
            report->module[0]       ? report->module
            : report->authenticated ? "no module"
                                    : "not authenticated",
            report->trials, report->trials == 1 ? "" : "s",
            (double)(clock_now_ns() - slot->started_ns) / (double)NS_PER_S,
            report->end.text[0] ? report->end.text
            : crash[0]          ? crash
                                : "ended");
    (void)fflush(server->options->log);
}

static void free_slot(struct server *server, struct slot *slot) {
    int status = 0;

    (void)close(slot->pipe);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    log_session(server, slot, status);
    server->finished |= slot->report.authenticated;
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
    for (unsigned i = 0; i < server->options->max_sessions; i++)
        if (server->slots[i].pid == 0)
            return &server->slots[i];
    return NULL;
}

/* Makes room by ending the stranger that has been there longest, once a client that means it would have
 * proved itself: so strangers that hold on to their connections keep nobody out. */
static struct slot *make_room(struct server *server) {
    struct slot *oldest = NULL;

    for (unsigned i = 0; i < server->options->max_sessions; i++) {
        struct slot *slot = &server->slots[i];

        if (!slot->report.authenticated && (!oldest || slot->started_ns < oldest->started_ns))
            oldest = slot;
    }
    if (!oldest || clock_now_ns() - oldest->started_ns < STRANGER_NS)
        return NULL;
    (void)error_set(&oldest->report.end, 0, "made room for another client");
    (void)kill(oldest->pid, SIGKILL);
    free_slot(server, oldest);
    return oldest;
}

static void __attribute__((noreturn))
run_session(struct server *server, int fd, int report_fd, pid_t parent) {
    const struct session_setup setup = {.fd = fd,
                                        .report_fd = report_fd,
                                        .token = &server->options->token,
                                        .modules = server->options->modules,
                                        .now = server->options->now ? server->options->now : clock_now_ns};

    /* Its own process group: a terminal's Ctrl-C is the listener's to deal with. */
    (void)setpgid(0, 0);
    (void)close(server->fd);
    for (unsigned i = 0; i < server->options->max_sessions; i++)
        if (server->slots[i].pid > 0)
            (void)close(server->slots[i].pipe);
    if (confine_child(parent) == 0) {
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
        run_session(server, fd, pipes[1], parent);
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
}

/* Says that there is no room, without waiting for anybody. */
static void turn_away(int fd) {
    struct frame_stream stream;
    const struct message busy = {.type = MESSAGE_ERROR,
                                 .code = CODE_BUSY,
                                 .text = "it has as many sessions as it takes (--max-sessions)"};

    frame_stream_init(&stream, fd);
    (void)peer_send(&stream, &busy, 0, NULL);
    frame_stream_done(&stream);
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
    slot = find_free(server);
    if (!slot)
        slot = make_room(server);
    if (slot)
        begin_session(server, slot, fd);
    else
        turn_away(fd);
}

/* Stops listening, and passes a stop on to the sessions: the first asks, the second kills. */
static void pass_stop(struct server *server, int stop) {
    if (server->fd >= 0)
        (void)close(server->fd);
    server->fd = -1;
    for (unsigned i = 0; i < server->options->max_sessions; i++)
        if (server->slots[i].pid > 0)
            (void)kill(server->slots[i].pid, stop > 1 ? SIGKILL : SIGTERM);
    server->told = stop;
}

static bool has_sessions(const struct server *server) {
    for (unsigned i = 0; i < server->options->max_sessions; i++)
        if (server->slots[i].pid > 0)
            return true;
    return false;
}

static int wait_and_take(struct server *server, struct vms_error *error) {
    unsigned n = server->options->max_sessions;

    for (unsigned i = 0; i < n; i++)
        server->waiting[i] = (struct pollfd){.fd = server->slots[i].pipe, .events = POLLIN};
    server->waiting[n] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    if (ppoll(server->waiting, n + 1, NULL, &server->outside) < 0)
        return errno == EINTR ? 0 : error_set(error, -errno, "waiting for clients: %s", strerror(errno));
    for (unsigned i = 0; i < n; i++)
        if (server->waiting[i].revents)
            take_report(server, &server->slots[i]);
    if (server->waiting[n].revents)
        accept_one(server);
    return 0;
}

static int loop(struct server *server, volatile const int *stop, struct vms_error *error) {
    int status = 0;

    while (status == 0) {
        if (*stop > server->told)
            pass_stop(server, *stop);
        else if (server->options->once && server->finished && server->fd >= 0)
            pass_stop(server, 1);
        if (server->fd < 0 && !has_sessions(server))
            break;
        status = wait_and_take(server, error);
    }
    return status;
}

int server_run(const struct server_options *options, int fd, volatile const int *stop,
               struct vms_error *error) {
    cleanup_free struct slot *slots = calloc(options->max_sessions, sizeof(*slots));
    cleanup_free struct pollfd *waiting = calloc(options->max_sessions + 1, sizeof(*waiting));
    struct server server = {.options = options, .fd = fd, .slots = slots, .waiting = waiting};
    sigset_t blocked;
    int status;

    if (!slots || !waiting) {
        (void)close(fd);
        return error_set(error, -ENOMEM, "no memory for %u sessions", options->max_sessions);
    }
    for (unsigned i = 0; i < options->max_sessions; i++)
        slots[i].pipe = -1;
    /* Signals are let in only while waiting, so that none is missed between looking and waiting. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &blocked, &server.outside);
    status = loop(&server, stop, error);
    pass_stop(&server, 2);
    for (unsigned i = 0; i < options->max_sessions; i++)
        if (slots[i].pid > 0)
            free_slot(&server, &slots[i]);
    (void)sigprocmask(SIG_SETMASK, &server.outside, NULL);
    return status;
}
