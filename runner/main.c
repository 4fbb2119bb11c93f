/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/tool_environment.h"
#include "cli/commands.h"
#include "common/arguments.h"
#include "output/stream.h"

int main(int argc, char **argv) {
    stream_begin();
    arguments_take(argc, argv);
    tool_environment_begin();
    return stream_end("vmsuite", commands_main(argc, argv), EXIT_FAILED);
}
