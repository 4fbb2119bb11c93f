/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "common/locate.h"
#include "common/privileges.h"
#include "output/terminal.h"
#include "peer/server/activation.h"
#include "peer/server/server.h"
#include "peer/wire/address.h"
#include "process/memory.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS_DEFAULT 64
#define SESSIONS_MAX 4096

static volatile int stop;

static void on_stop(int signal) {
    (void)signal;
    stop = stop + 1;
}

struct arguments {
    struct server_options options;
    const char *token_file, *user;
    bool quiet;
};

static const struct arguments defaults = {
    .options = {.bind = "127.0.0.1", .port = PEER_PORT, .max_sessions = SESSIONS_DEFAULT}};

static const struct cli_option option_rows[] = {
    {.name = "bind",
     .argument = "ADDR",
     OPTION_TEXT_TO(struct arguments, options.bind),
     .sentence = "address or name to listen on; \"*\": all",
     .more =
         "Both ends prove that they know the token, and encrypt and authenticate "
         "the control connection with keys derived from it; what the data connections carry is not secret."},
    {.name = "port",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.port, 0, UINT16_MAX),
     .sentence = "TCP port; 0: any free one"},
    {.name = "token-file",
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, token_file),
     .sentence = "the secret that clients must know",
     .more = "Only its owner may be able to read it."},
    {.name = "max-sessions",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.max_sessions, 1, SESSIONS_MAX),
     .sentence = "how many sessions there may be at the same time",
     .more = "Clients that have not proved yet that they know the token do not count: they have 64 slots of "
             "their own, in which the newest replaces an older one."},
    {.name = "memory",
     .argument = "SIZE",
     OPTION_BYTES_TO(struct arguments, options.memory, UINT64_C(64) << 20, UINT64_MAX),
     .sentence =
         "memory for all sessions together; 1GiB, or a quarter of the machine's where that is less, unless "
         "given",
     .more = "A session whose case takes more than what is left, by its module's estimate, is refused."},
    {.name = "user",
     .argument = "NAME",
     OPTION_TEXT_TO(struct arguments, user),
     .sentence = "the user to run as once the port is bound, where root starts it; \"nobody\" unless given",
     .more =
         "Where no such user can be had, as in some containers, it continues as root without capabilities."},
    {.name = "once",
     OPTION_FLAG_TO(struct arguments, options.once),
     .sentence = "end after the first session that ran a trial"},
    {.name = "quiet",
     .letter = 'q',
     OPTION_FLAG_TO(struct arguments, quiet),
     .sentence = "no line per session"},
};

static void catch_stop(void) {
    struct sigaction action = {.sa_handler = on_stop};

    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* What is said once clients are served. */
struct announcement {
    const struct server_options *options;
    bool passed; /* the socket is the service manager's */
    uint16_t port;
};

static void announce(void *context) {
    const struct announcement *announcement = context;
    const struct server_options *options = announcement->options;
    bool passed = announcement->passed;
    uint16_t port = announcement->port;
    const char *token = options->token.present ? ", \"token_file\": \"A COPY OF THE TOKEN\"" : "";
    bool anywhere = passed || options->token.present;

    terminal_print(stderr, "listening on %s port %u\n",
                   passed ? "the service manager's socket" : options->bind, port);
    terminal_print(stderr,
                   "a client's configuration names it: \"peer\": {\"address\": \"%s\", \"port\": %u%s}\n",
                   anywhere ? "THIS MACHINE" : options->bind, port, token);
}

/* The service manager's socket, or one of our own. */
static int open_socket(struct server_options *options, bool *ret_passed, uint16_t *ret_port, int *ret_fd,
                       struct vms_error *error) {
    int status = activation_take(ret_fd, error);

    if (status < 0)
        return status;
    *ret_passed = status > 0;
    return *ret_passed ? server_adopt(options, *ret_fd, ret_port, error)
                       : server_listen(options, ret_fd, ret_port, error);
}

/* Root's rights are given up before the address to connect to is printed: the token is read then, the modules
 * are loaded, the socket is bound. */
static int serve(struct arguments *arguments, struct vms_error *error) {
    struct server_options *options = &arguments->options;
    struct announcement announcement = {.options = options};
    int fd = -1, status;

    if (arguments->token_file && (status = token_read(arguments->token_file, &options->token, error)) < 0)
        return status;
    catch_stop();
    if ((status = open_socket(options, &announcement.passed, &announcement.port, &fd, error)) < 0)
        return status;
    if ((status = privileges_drop(arguments->user, error)) < 0) {
        (void)close(fd);
        return status;
    }
    options->ready = announce;
    options->ready_context = &announcement;
    options->log = arguments->quiet ? NULL : stderr;
    (void)memory_choose(MEMORY_WAITS);
    return server_run(options, fd, &stop, error);
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct module_list modules = {0};
    struct vms_error error = {""};
    int status;

    (void)words;
    if (!*arguments->options.bind)
        arguments->options.bind = "*";
    if ((status = locate_modules(&modules, &error)) == 0) {
        arguments->options.modules = &modules;
        status = serve(arguments, &error);
    }
    token_done(&arguments->options.token);
    module_list_done(&modules);
    return status < 0 ? command_fail(command, EXIT_USAGE, "%s", error.text) : EXIT_DONE;
}

const struct cli_command command_serve = {
    .name = "serve",
    .summary = "be the peer: the other end of network cases",
    .description =
        "The other end of network cases: runs the modules' own halves for clients that know the token.\n"
        "SIGTERM or Ctrl-C lets running trials end; a second one stops them at once. A socket that a "
        "service manager passes (systemd's socket activation) is used in place of --bind and --port.",
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples = (const char *const[]){"(umask 077; head -c 32 /dev/urandom | base64 > peer.token)",
                                      "vmsuite serve --bind 192.0.2.1 --token-file peer.token", NULL},
    .run = run,
};
