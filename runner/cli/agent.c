/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include "base/cleanup.h"
#include "cli/command.h"
#include "common/locate.h"
#include "common/scratch.h"
#include "common/signals.h"
#include "process/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The channel's descriptors, which no process of a case gets: what else is printed goes to stderr. */
static int set_aside(int *ret_in, int *ret_out) {
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    *ret_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    *ret_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (null < 0 || *ret_in < 0 || *ret_out < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    return 0;
}

/* The folder that a place has unpacked this program in. */
static void hold_bundle(void) {
    cleanup_free char *program = locate_in_bundle() ? locate_program(NULL) : NULL;

    if (!program)
        return;
    *strrchr(program, '/') = '\0';
    scratch_hold(program, LOCATE_BUNDLE_PLACE, LOCATE_BUNDLE_MARK);
}

static int run(const struct cli_command *command, void *arguments, const struct words *words) {
    struct module_list modules = {0};
    struct vms_error error = {""};
    int in = -1, out = -1, status;

    (void)arguments;
    (void)words;
    if (isatty(STDIN_FILENO))
        return command_fail(command, EXIT_USAGE,
                            "an agent is started by `vmsuite run --on PLACE`, not from a terminal");
    hold_bundle();
    status = set_aside(&in, &out);
    if (status == 0)
        status = signals_catch();
    if (status < 0)
        return command_fail(command, EXIT_FAILED, "its descriptors: %s", strerror(-status));
    status = locate_modules(&modules, &error);
    (void)memory_choose(MEMORY_WAITS);
    if (status == 0)
        status = agent_run(&modules, in, out, &error);
    module_list_done(&modules);
    return status < 0 ? command_fail(command, EXIT_FAILED, "%s", error.text) : EXIT_DONE;
}

const struct cli_command command_agent = {
    .name = "agent",
    .summary = "run trials on this machine for a run that is driven from elsewhere",
    .description =
        "Runs what the driver asks for over standard input and output: trials of the cases of a suite, "
        "nothing else. `vmsuite run --on PLACE` starts it; it ends when its input does, and leaves nothing "
        "behind.\nThe messages are described in docs/protocol.md. Whoever can start it can do here whatever "
        "its user can do.",
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run,
};
