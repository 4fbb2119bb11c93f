/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's log: of this machine by syslog(2), of a capture from its file /dev/kmsg, which holds the messages
 * that were looked at. */
#ifndef VMSUITE_CORE_SOURCE_KERNEL_LOG_H
#define VMSUITE_CORE_SOURCE_KERNEL_LOG_H

#include "source/source.h"

/* How the kernel says that a guest's memory is encrypted. */
#define KERNEL_LOG_ENCRYPTION "Memory Encryption Features active: "

/* The log's text, or NULL where it cannot be read (often only root may). The caller frees. */
char *kernel_log_read(const struct machine_source *source);

/* A line's message, behind "<6>[    0.000000] ". Lines that programs wrote have their name before their text. */
const char *kernel_log_message(const char *line);

/* The first message that begins with `mark`, or NULL. The caller frees. */
char *kernel_log_find(const struct machine_source *source, const char *mark);

#endif
