/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build with -Dguests=disabled: no document that names a guest is read, so that none is booted. */
#include "base/terminal.h"
#include "common/exit_status.h"
#include "guest/boot/measure_guest.h"
#include "guest/launchers/launcher.h"

int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options) {
    (void)modules;
    (void)options;
    terminal_print(stderr, "vmsuite run: configuration \"%s\": " LAUNCHERS_NONE "\n", configuration->name);
    return EXIT_USAGE;
}
