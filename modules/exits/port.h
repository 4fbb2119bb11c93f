/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which I/O ports may be read here, and the permission for it.
 *
 * Only ports are read that Linux itself uses on any PC, and a read changes nothing behind them: 0x61, the
 * timer chip's status, which the kernel reads at NMIs and when it calibrates its clocks; 0x80, the diagnostic
 * port, and 0xed, which belongs to nobody: to these the kernel writes to pass a little time (its parameter
 * io_delay). On the few machines where it avoids 0x80, this does so, too.
 */
#ifndef VMSUITE_MODULES_EXITS_PORT_H
#define VMSUITE_MODULES_EXITS_PORT_H

#include <stdint.h>
#include <vmsuite/module.h>

/* Whether the port is harmless here: 0, or -ENOTSUP with a sentence. */
int port_check(uint16_t port, struct vms_error *error);

/* Lets the calling thread read it, or no longer. -ENOTSUP with a sentence. */
int port_permit(uint16_t port, bool permit, struct vms_error *error);

#endif
