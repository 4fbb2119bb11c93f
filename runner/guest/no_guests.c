/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build with -Dguests=disabled: no document that names a guest is read, so that none is booted. */
#include "base/error.h"
#include "common/exit_status.h"
#include "guest/boot/measure_guest.h"
#include "guest/launchers/launcher.h"
#include "output/terminal.h"

#include <errno.h>

int guest_available(const struct guest_settings *settings, struct vms_error *error) {
    (void)settings;
    return error_set(error, -ENOTSUP, LAUNCHERS_NONE);
}

int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options, const struct guest_visit *visit) {
    (void)modules;
    (void)options;
    (void)visit;
    terminal_print(stderr, "vmsuite run: configuration \"%s\": " LAUNCHERS_NONE "\n", configuration->name);
    return EXIT_USAGE;
}
