/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's log: of this machine by syslog(2), of a capture from its file /dev/kmsg, which holds the
 * messages that were looked at. */
#ifndef VMSUITE_CORE_SOURCE_KERNEL_LOG_H
#define VMSUITE_CORE_SOURCE_KERNEL_LOG_H

#include "source/source.h"

/* The log's text, or NULL where it cannot be read (often only root may). The caller frees. */
char *kernel_log_read(const struct machine_source *source);

/* A line's message, behind "<6>[    0.000000] ". Lines that programs wrote have their name before their
 * text. */
const char *kernel_log_message(const char *line);

/* Whether the message says that memory is encrypted, in the words of any kernel since 4.15; *ret_text becomes
 * what it says is active ("AMD SEV SEV-ES", "Intel TDX"), which the caller frees; NULL: there is no memory
 * for it. */
bool kernel_log_encryption(const char *message, char **ret_text);

/* The same of the log's first message that says so, or NULL. The caller frees. */
char *kernel_log_find_encryption(const struct machine_source *source);

#endif
