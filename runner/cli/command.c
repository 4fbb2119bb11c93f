/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>

int command_usage_error(const char *command, const char *format, ...) {
    va_list arguments;

    fprintf(stderr, "vmsuite %s: ", command);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n`vmsuite %s --help` shows how it is used.\n", command);
    return EXIT_USAGE;
}
