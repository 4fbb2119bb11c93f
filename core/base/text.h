/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that are made as printf makes them. */
#ifndef VMSUITE_CORE_BASE_TEXT_H
#define VMSUITE_CORE_BASE_TEXT_H

#include <stdarg.h>

/* A new text; owned. NULL without memory. */
char *text_new(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_new_from(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#endif
