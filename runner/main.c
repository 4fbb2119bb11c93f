/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/tool_environment.h"
#include "cli/commands.h"
#include "common/arguments.h"
#include "output/stream.h"
#include "output/terminal.h"
#include "process/stack.h"

int main(int argc, char **argv) {
    struct vms_error error;

    stream_begin();
    if (stack_begin(&error) < 0) {
        terminal_print(stderr, "vmsuite: %s\n", error.text);
        return EXIT_FAILED;
    }
    arguments_take(argc, argv);
    tool_environment_begin();
    return stream_end("vmsuite", commands_main(argc, argv), EXIT_FAILED);
}
