/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/port.h"

#include "exits/machine.h"
#include "shared/case/report.h"

#include <errno.h>
#include <string.h>

#define DELAY_FILE "/proc/sys/kernel/io_delay_type" /* 0: port 0x80, 1: port 0xed, 2: a loop, 3: none */

int port_check(uint16_t port, struct vms_error *error) {
    FILE *file = fopen(DELAY_FILE, "re");
    int type = -1;

    if (!file || fscanf(file, "%d", &type) != 1)
        type = -1;
    if (file)
        (void)fclose(file);
    if (type < 0)
        return report_error(error, -ENOTSUP,
                            "this kernel has no " DELAY_FILE ", which says what ports it uses");
    if (port == 0x80 && type != 0)
        return report_error(
            error, -ENOTSUP,
            "the kernel does not use this port here (" DELAY_FILE " is %d), so it may be unsafe", type);
    return 0;
}

int port_permit(uint16_t port, bool permit, struct vms_error *error) {
    int status = machine_permit_port(port, permit);

    if (status == 0)
        return 0;
    if (status == -ENOSYS)
        return report_error(error, -ENOTSUP, "this kernel gives no program access to I/O ports");
    return report_error(
        error, -ENOTSUP,
        "the kernel gives no access to I/O ports (%s): it needs root (CAP_SYS_RAWIO), and a kernel that is "
        "not locked down",
        strerror(-status));
}
