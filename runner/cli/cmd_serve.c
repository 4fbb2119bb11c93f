/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "base/error.h"
#include "base/units.h"
#include "common/locate.h"
#include "peer/activation.h"
#include "peer/client.h"
#include "peer/server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_DEFAULT 64
#define SESSIONS_MAX 4096

static const char help[] =
    "usage: vmsuite serve [OPTION]...\n"
    "\n"
    "The other end of network cases: runs the modules' own halves for clients that know the token.\n"
    "\n"
    "  --bind ADDR         address or name to listen on; \"*\": all (default 127.0.0.1)\n"
    "  --port N            TCP port, 0: any free one (default 7411)\n"
    "  --token-file FILE   the secret that clients must know; required unless ADDR is loopback\n"
    "  --max-sessions N    sessions at one time (default 64)\n"
    "  --once              end after the first client's session\n"
    "  --quiet             no line per session\n"
    "  --help              this text\n"
    "\n"
    "SIGTERM or Ctrl-C lets running trials end; a second one ends them. A socket that a service\n"
    "manager passes (systemd's socket activation) is used in place of --bind and --port.\n"
    "\n"
    "examples:\n"
    "  (umask 077; head -c 32 /dev/urandom | base64 > peer.token)\n"
    "  vmsuite serve --bind 192.0.2.1 --token-file peer.token\n";

static volatile int stop;

static void on_stop(int signal) {
    (void)signal;
    stop = stop + 1;
}

struct serve_arguments {
    struct server_options options;
    const char *token_file;
    bool quiet, help;
};

static int parse_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret) {
    uint64_t number = 0;

    if (units_parse_count(text, &number, NULL) < 0 || number < min || number > max)
        return command_usage_error("serve", "%s takes a number from %ju to %ju, not \"%s\"", option,
                                   (uintmax_t)min, (uintmax_t)max, text);
    *ret = number;
    return 0;
}

static int parse_arguments(int argc, char **argv, struct serve_arguments *ret) {
    static const struct option known[] = {{"bind", required_argument, NULL, 'b'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"token-file", required_argument, NULL, 't'},
                                          {"max-sessions", required_argument, NULL, 'm'},
                                          {"once", no_argument, NULL, 'o'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    uint64_t port = PEER_PORT, sessions = SESSIONS_DEFAULT;
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'b')
            ret->options.bind = optarg[0] ? optarg : "*";
        else if (option == 'p' && parse_number("--port", optarg, 0, UINT16_MAX, &port) != 0)
            return EXIT_USAGE;
        else if (option == 'm' && parse_number("--max-sessions", optarg, 1, SESSIONS_MAX, &sessions) != 0)
            return EXIT_USAGE;
        else if (option == 't')
            ret->token_file = optarg;
        else if (option == '?')
            return command_usage_error("serve", "an option is unknown or lacks its value");
        ret->options.once |= option == 'o';
        ret->quiet |= option == 'q';
        ret->help |= option == 'h';
    }
    if (optind < argc)
        return command_usage_error("serve", "unexpected \"%s\"; the address is given as --bind ADDR",
                                   argv[optind]);
    ret->options.port = (uint16_t)port;
    ret->options.max_sessions = (unsigned)sessions;
    return EXIT_DONE;
}

static void catch_stop(void) {
    struct sigaction action = {.sa_handler = on_stop};

    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static void announce(const struct server_options *options, bool passed, uint16_t port) {
    const char *token = options->token.present ? ", \"token_file\": \"A COPY OF THE TOKEN\"" : "";
    bool anywhere = passed || options->token.present;

    fprintf(stderr, "listening on %s port %u\n", passed ? "the service manager's socket" : options->bind,
            port);
    fprintf(stderr, "a client's configuration names it: \"peer\": {\"address\": \"%s\", \"port\": %u%s}\n",
            anywhere ? "THIS MACHINE" : options->bind, port, token);
}

/* The service manager's socket, or one of our own. */
static int open_socket(const struct server_options *options, int *ret_fd, struct vms_error *error) {
    uint16_t port = 0;
    int fd = -1;
    int status = activation_take(&fd, error);
    bool passed = status > 0;

    if (status == 0)
        status = server_listen(options, &fd, &port, error);
    else if (passed)
        status = server_adopt(options, fd, &port, error);
    if (status < 0)
        return status;
    announce(options, passed, port);
    *ret_fd = fd;
    return 0;
}

static int serve(struct serve_arguments *arguments, struct vms_error *error) {
    struct server_options *options = &arguments->options;
    int fd = -1;
    int status;

    if (arguments->token_file && (status = token_read(arguments->token_file, &options->token, error)) < 0)
        return status;
    catch_stop();
    if ((status = open_socket(options, &fd, error)) < 0)
        return status;
    options->log = arguments->quiet ? NULL : stderr;
    return server_run(options, fd, &stop, error);
}

int cmd_serve(int argc, char **argv) {
    struct serve_arguments arguments = {.options = {.bind = "127.0.0.1"}};
    struct module_list modules = {0};
    struct vms_error error = {""};
    int status;

    if (parse_arguments(argc, argv, &arguments) != EXIT_DONE)
        return EXIT_USAGE;
    if (arguments.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if ((status = locate_modules(&modules, &error)) == 0) {
        arguments.options.modules = &modules;
        status = serve(&arguments, &error);
    }
    if (status < 0)
        fprintf(stderr, "vmsuite serve: %s\n", error.text);
    token_done(&arguments.options.token);
    module_list_done(&modules);
    return status < 0 ? EXIT_USAGE : EXIT_DONE;
}
