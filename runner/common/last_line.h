/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last thing that a program said, which is mostly why it failed. */
#ifndef VMSUITE_RUNNER_COMMON_LAST_LINE_H
#define VMSUITE_RUNNER_COMMON_LAST_LINE_H

/* The last line of a text that is not blank. It is in the text, which is cut at the line's end. */
char *last_line(char *text);

#endif
