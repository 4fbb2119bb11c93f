/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/host_reasons.h"

const struct host_reason_row host_reasons[HOST_REASONS] = {
    [HOST_REASON_PORT] = {"host_exits_port", "for I/O ports"},
    [HOST_REASON_MMIO] = {"host_exits_mmio", "for registers of devices"},
    [HOST_REASON_HALT] = {"host_exits_halt", "to wait"},
    [HOST_REASON_INTERRUPT] = {"host_exits_interrupt", "for interrupts of the host"},
    [HOST_REASON_WINDOW] = {"host_exits_window", "to take an interrupt"},
    [HOST_REASON_PAGE_FAULT] = {"host_exits_page_fault", "for pages of memory"},
    [HOST_REASON_HYPERCALL] = {"host_exits_hypercall", "for hypercalls"},
    [HOST_REASON_DEVICE_MODEL] = {"host_events_device_model", "to the device model"},
    [HOST_REASON_DISK] = {"host_events_disk", "to the disk's driver"},
    [HOST_REASON_NETWORK] = {"host_events_network", "to the network's driver"},
};
