/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/channel_start.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "common/signals.h"
#include "files/tree.h"
#include "guest/tools/tool.h"
#include "places/kinds/words.h"
#include "process/confine.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Takes the bundle from standard input into a private folder, runs the agent from it on what follows, and
 * removes the folder, whatever happens, at the second try where a file could not be removed; where it is
 * killed, the next agent there does (scratch_hold). $1 is the bundle's size. Only what every Unix has is
 * used. A TMPDIR is refused where others may put a folder of theirs in the private one's place: it or a
 * folder above it is another user's, who is not root (whom "/" belongs to, whatever root is called in a
 * namespace of users), or others may write to it, and it has no sticky bit. Links in it are followed once.
 * Where there is no ls, that cannot be seen. */
#define OWNER_AND_MODE "| (read -r m n u r; echo \"$u $m\")"
#define FIND_ROOM                                                                                            \
    "t=${TMPDIR:-/var/tmp}; p=$(cd \"$t/\" && pwd -P); t=${p:-$t}; "                                         \
    "o=$(ls -ldn / " OWNER_AND_MODE "); o=${o%% *}; "                                                        \
    "while [ \"$p\" ]; do case $(ls -ldn \"$p/\" " OWNER_AND_MODE ") in "                                    \
    "' ' | \"$o \"d????[-]??[-]* | \"$o \"d????????[tT]* | "                                                 \
    "\"$(id -u) \"d????[-]??[-]* | \"$(id -u) \"d????????[tT]*) ;; "                                         \
    "*) echo \"$p: others may move the folders in it: name another place with TMPDIR there\" >&2; "          \
    "exit 125;; esac; p=${p%/*}; done; "
#define UNPACK                                                                                               \
    "umask 077; d=$(mktemp -d \"$t/" LOCATE_BUNDLE_PLACE "XXXXXXXX\") || exit 125; "                         \
    "trap 'rm -rf \"$d\" || rm -rf \"$d\"' EXIT; trap 'exit 129' HUP INT TERM; "                             \
    "head -c \"$1\" | tar -xof - -C \"$d\" || exit 125; "
#define CARRY FIND_ROOM UNPACK "\"$d/" LOCATE_BUNDLE_RUN "\" agent; exit $?"

/* The same, but the folder takes the name of the bundle ($2) in the end, and stays. What has that name, and
 * is ours, got it when it was whole, and is used as it is; what has it and is not leaves us with our own.
 * systemd-tmpfiles removes no old file that has the sticky bit, so that it stays whole.
 * Says first whether the bundle is wanted (channel_start.h). */
#define CARRY_AND_KEEP                                                                                       \
    FIND_ROOM "k=\"$t/" LOCATE_BUNDLE_KEPT "$2\"; "                                                          \
              "if [ -d \"$k\" ] && [ ! -L \"$k\" ] && [ -O \"$k\" ]; then printf -- -; "                     \
              "exec \"$k/" LOCATE_BUNDLE_RUN "\" agent; fi; printf +; " UNPACK                               \
              "chmod -R +t \"$d\"; mv -T \"$d\" \"$k\" 2>/dev/null && "                                      \
              "exec \"$k/" LOCATE_BUNDLE_RUN "\" agent; \"$d/" LOCATE_BUNDLE_RUN "\" agent; exit $?"

/* What follows the prefix. Behind ssh a shell reads it: it is one word then, quoted. */
static int add_rest(const struct place *place, const char *const *words, struct argv *command,
                    struct vms_error *error) {
    cleanup_free char *line = NULL;

    if (!place->kind->joins) {
        argv_add_all(command, words);
        return 0;
    }
    for (; *words; words++) {
        cleanup_free char *quoted = words_quote(*words), *longer = NULL;

        longer = quoted ? text_new("%s%s%s", line ? line : "", line ? " " : "", quoted) : NULL;
        if (!longer)
            return error_memory(error);
        free(line);
        line = TAKE(longer);
    }
    argv_add(command, "%s", line);
    return 0;
}

int channel_find_program(struct argv *command, struct vms_error *error) {
    cleanup_free char *tool = tool_find(command->words[0]);

    if (!tool)
        return error_set(error, -ENOENT, "there is no program %.200s here", command->words[0]);
    free(command->words[0]);
    command->words[0] = TAKE(tool);
    return 0;
}

int channel_command(const struct place *place, const struct bundle *bundle, struct argv *ret_command,
                    struct vms_error *error) {
    bool is_guest = place->kind->launcher; /* whose command is made when it is booted */
    cleanup_free char *program = is_guest ? NULL : locate_program(error);
    const char *kept = bundle && bundle->is_kept ? bundle->hash : NULL;
    char size[24];
    const char *const here[] = {program, "agent", NULL};
    const char *const there[] = {"sh", "-c", kept ? CARRY_AND_KEEP : CARRY, "vmsuite", size, kept, NULL};
    int status;

    if (!program)
        return is_guest ? 0 : -ENOENT;
    (void)snprintf(size, sizeof(size), "%zu", bundle ? bundle->size : 0);
    if (place->kind->prefix)
        place->kind->prefix(place, ret_command);
    status = add_rest(place, place->kind->carries ? there : here, ret_command, error);
    if (status == 0 && ret_command->failed)
        status = error_memory(error);
    if (status < 0)
        return status;
    return channel_find_program(ret_command, error);
}

/* The command before it begins. */
struct birth {
    const struct argv *command;
    const struct limits *limits;
    const char *folder; /* that goes with it, or NULL */
    int in, out, output;
};

static void become_command(void *context) {
    const struct birth *birth = context;
    int status = limits_join(birth->limits);

    signals_release();
    if (dup2(birth->in, STDIN_FILENO) < 0 || dup2(birth->out, STDOUT_FILENO) < 0 ||
        dup2(birth->output, STDERR_FILENO) < 0)
        _exit(1);
    if (status < 0) {
        (void)dprintf(STDERR_FILENO, "its control group cannot be joined: %s\n", strerror(-status));
        _exit(1);
    }
    confine_exec(birth->command->kept, birth->command->n_kept);
    (void)execv(birth->command->words[0], birth->command->words);
    (void)dprintf(STDERR_FILENO, "%s: %s\n", birth->command->words[0], strerror(errno));
    _exit(127);
}

/* In the keeper, which outlives us: what is frozen would not even die, and the groups would stay. */
static void let_go(void *context) {
    const struct birth *birth = context;

    (void)limits_freeze(birth->limits, false);
    limits_remove(birth->limits);
    if (birth->folder)
        (void)tree_remove(birth->folder);
}

void channel_close_ends(int *fds, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]);
        fds[i] = -1;
    }
}

int channel_start(const struct argv *command, struct channel *channel, struct vms_error *error) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, output[2] = {-1, -1}, status = 0;
    struct birth birth;

    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(output, O_CLOEXEC) < 0 ||
        fcntl(output[0], F_SETFL, O_NONBLOCK) < 0)
        status = error_set(error, -errno, "pipes to the place cannot be made: %s", strerror(errno));
    birth = (struct birth){.command = command,
                           .limits = &channel->limits,
                           .folder = channel->guest ? driven_guest_folder(channel->guest) : NULL,
                           .in = in[0],
                           .out = out[1],
                           .output = output[1]};
    if (status == 0)
        status = keeper_start_tool(become_command, let_go, &birth, &channel->keeper, error);
    channel_close_ends(&in[0], 1);
    channel_close_ends(&out[1], 1);
    channel_close_ends(&output[1], 1);
    if (status < 0) {
        channel_close_ends(in, 2);
        channel_close_ends(out, 2);
        channel_close_ends(output, 2);
        return status;
    }
    channel->to = in[1];
    channel->from = out[0];
    channel->output = output[0];
    frame_stream_init_pipes(&channel->stream, channel->from, channel->to);
    return 0;
}
