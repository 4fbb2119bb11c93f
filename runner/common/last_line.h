/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program said at last: mostly why it failed. */
#ifndef VMSUITE_RUNNER_COMMON_LAST_LINE_H
#define VMSUITE_RUNNER_COMMON_LAST_LINE_H

/* The last line of a text that is not empty, in the text, whose end is cut to it. */
char *last_line(char *text);

#endif
