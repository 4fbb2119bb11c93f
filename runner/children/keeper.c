/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/keeper.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "children/children.h"
#include "process/confine.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define BEGIN_NS (10 * NS_PER_S) /* for two forks */
#define KILL_NS (5 * NS_PER_S)   /* until killed processes are gone: longer only where the kernel holds one */

#define GRACE_NS (2 * NS_PER_S) /* for what a tool has left, to tidy up */

#define PAUSE_NS 1000000L

/* What the keeper says: that it has begun, then that its process has ended. */
struct word {
    pid_t kept; /* or the negative errno of fork */
    struct keeper_end end;
};

/* ---- in the keeper's process ---- */

static void on_child(int number) {
    (void)number;
}

/* Signals are for the others: a terminal's Ctrl-C, or a SIGTERM to all that the user runs. SIGTERM is
 * blocked, not ignored, so that one that we pass on to a process that has hardly begun waits until it can
 * take it. */
static void arm(sigset_t *ret_outside) {
    struct sigaction action = {.sa_handler = on_child};
    sigset_t blocked;

    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    *ret_outside = blocked;
    sigaddset(&blocked, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void say(int link, const struct word *word) {
    while (send(link, word, sizeof(*word), MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* True once the process has ended, which stays a zombie, so that its number and its group stay its own. */
static bool has_ended(pid_t kept, struct keeper_end *ret_end) {
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)kept, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != kept)
        return false;
    *ret_end =
        (struct keeper_end){.known = true, .killed = info.si_code != CLD_EXITED, .number = info.si_status};
    return true;
}

/* Until the process ends, or our parent lets go of the link. */
static void watch(int link, pid_t kept, const sigset_t *outside) {
    struct word word = {.kept = kept};
    char request;

    while (!has_ended(kept, &word.end)) {
        struct pollfd waiting = {.fd = link, .events = POLLIN};

        if (ppoll(&waiting, 1, NULL, outside) < 0 && errno != EINTR)
            return;
        if (!waiting.revents)
            continue;
        if (recv(link, &request, sizeof(request), MSG_DONTWAIT) != sizeof(request))
            return;
        (void)kill(kept, SIGTERM);
    }
    say(link, &word);
}

/* What is to be kept. */
struct birth {
    void (*work)(void *context);
    void (*release)(void *context); /* once our parent has let go, or NULL */
    void *context;
    int (*confine)(pid_t parent);
    bool lingers; /* what the process leaves behind lives until our parent lets go */
};

/* Until nothing is left of the process, at most GRACE_NS. */
static void await_descendants(void) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    uint64_t deadline_ns = clock_now_ns() + GRACE_NS;

    while (clock_now_ns() < deadline_ns) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);

        if (ended < 0 && errno == ECHILD)
            return;
        if (ended == 0)
            (void)nanosleep(&pause, NULL);
    }
}

/* Until our parent lets go of the link. */
static void linger(int link, const sigset_t *outside) {
    struct pollfd waiting = {.fd = link, .events = POLLIN};
    char request;

    for (;;) {
        if (ppoll(&waiting, 1, NULL, outside) < 0 && errno != EINTR)
            return;
        if (waiting.revents && recv(link, &request, sizeof(request), MSG_DONTWAIT) != sizeof(request))
            return;
        waiting.revents = 0;
    }
}

/* The number of the process that is kept, in a group of its own; a negative errno. */
static pid_t start_kept(const struct birth *birth, int link) {
    pid_t self = getpid(), kept = fork();

    if (kept < 0)
        return -errno;
    if (kept == 0) {
        (void)setpgid(0, 0);
        (void)close(link);
        if (birth->confine(self) == 0)
            birth->work(birth->context);
        _exit(1);
    }
    (void)setpgid(kept, kept);
    return kept;
}

static _Noreturn void keep(const struct birth *birth, int link) {
    struct word word = {0};
    sigset_t outside;

    (void)prctl(PR_SET_NAME, "vmsuite-keeper");
    (void)setpgid(0, 0);
    children_adopt(true);
    arm(&outside);
    word.kept = start_kept(birth, link);
    /* Without a link nobody would end it. */
    if (dup2(link, STDIN_FILENO) < 0) {
        if (word.kept > 0)
            (void)kill(-word.kept, SIGKILL);
        _exit(1);
    }
    link = STDIN_FILENO;
    confine_descriptors(STDIN_FILENO + 1);
    say(link, &word);
    if (word.kept > 0) {
        watch(link, word.kept, &outside);
        if (birth->lingers) {
            linger(link, &outside);
            if (birth->release)
                birth->release(birth->context);
            await_descendants();
        }
        (void)kill(-word.kept, SIGKILL);
        (void)children_end(clock_now_ns() + KILL_NS);
        if (birth->release)
            birth->release(birth->context);
    }
    _exit(0);
}

/* ---- in our process ---- */

/* Takes the first word: the kept process is there, or could not be made. */
static int await_beginning(struct keeper *keeper) {
    struct word word;
    int status = wait_ready(keeper->link, POLLIN, clock_now_ns() + BEGIN_NS);

    if (status < 0)
        return status;
    if (recv(keeper->link, &word, sizeof(word), MSG_DONTWAIT) != (ssize_t)sizeof(word))
        return -ECHILD;
    if (word.kept < 0)
        return word.kept;
    keeper->kept = word.kept;
    return 0;
}

static int start(const struct birth *birth, struct keeper *ret_keeper, struct vms_error *error) {
    struct keeper keeper = {0};
    int pair[2] = {-1, -1}, status = 0;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return error_set(error, -errno, "a process cannot be made: %s", strerror(errno));
    keeper.pid = fork();
    if (keeper.pid == 0) {
        (void)close(pair[0]);
        keep(birth, pair[1]);
    }
    if (keeper.pid < 0)
        status = -errno;
    (void)close(pair[1]);
    keeper.link = pair[0];
    if (status == 0)
        status = await_beginning(&keeper);
    else
        (void)close(pair[0]);
    if (status < 0) {
        keeper_done(&keeper);
        return error_set(error, status, "a process cannot be made: %s", strerror(-status));
    }
    *ret_keeper = keeper;
    return 0;
}

int keeper_start(void (*work)(void *context), void *context, struct keeper *ret_keeper,
                 struct vms_error *error) {
    return start(&(struct birth){work, NULL, context, confine_child, false}, ret_keeper, error);
}

int keeper_start_tool(void (*work)(void *context), void (*release)(void *context), void *context,
                      struct keeper *ret_keeper, struct vms_error *error) {
    return start(&(struct birth){work, release, context, confine_to_parent, true}, ret_keeper, error);
}

void keeper_ask(const struct keeper *keeper) {
    if (keeper->pid > 0)
        (void)send(keeper->link, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool keeper_wait(const struct keeper *keeper, uint64_t deadline_ns, struct keeper_end *ret_end) {
    struct word word = {0};

    if (wait_ready(keeper->link, POLLIN, deadline_ns) < 0)
        return false;
    /* It stays to be looked at again. */
    if (recv(keeper->link, &word, sizeof(word), MSG_DONTWAIT | MSG_PEEK) != (ssize_t)sizeof(word))
        word.end = (struct keeper_end){0};
    *ret_end = word.end;
    return true;
}

/* Waits for the keeper's own end, at most until then. */
static bool reap(pid_t pid, uint64_t deadline_ns) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    for (;;) {
        pid_t ended = waitpid(pid, NULL, WNOHANG);

        if (ended == pid || (ended < 0 && errno != EINTR))
            return true;
        if (clock_now_ns() >= deadline_ns)
            return false;
        (void)nanosleep(&pause, NULL);
    }
}

void keeper_done(struct keeper *keeper) {
    uint64_t deadline_ns = clock_now_ns() + 2 * KILL_NS;
    struct word word;

    if (keeper->pid <= 0)
        return;
    (void)shutdown(keeper->link, SHUT_WR);
    /* Its own end, past what it still says. */
    while (wait_ready(keeper->link, POLLIN, deadline_ns) == 0 &&
           recv(keeper->link, &word, sizeof(word), MSG_DONTWAIT) > 0)
        continue;
    if (!reap(keeper->pid, deadline_ns)) {
        (void)kill(keeper->pid, SIGKILL);
        (void)reap(keeper->pid, UINT64_MAX);
    }
    (void)close(keeper->link);
    *keeper = (struct keeper){0};
}

void keeper_describe(const struct keeper_end *end, char ret_words[static KEEPER_WORDS_SIZE]) {
    if (!end->known)
        (void)snprintf(ret_words, KEEPER_WORDS_SIZE, "was killed together with the process that watched it");
    else if (end->killed)
        (void)snprintf(ret_words, KEEPER_WORDS_SIZE, "was killed by signal %d (%s)", end->number,
                       strsignal(end->number));
    else
        (void)snprintf(ret_words, KEEPER_WORDS_SIZE, "ended by itself with status %d", end->number);
}
