/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that is a list: "a, b, c", each name once. */
#ifndef VMSUITE_CORE_BASE_TEXT_LIST_H
#define VMSUITE_CORE_BASE_TEXT_LIST_H

/* Appends `name` to the owned text `*list` (NULL: empty) unless it is there. -ENOMEM leaves it as it was. */
int text_list_add(char **list, const char *name);

#endif
