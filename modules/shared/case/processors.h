/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of processors such as "0,2-5". */
#ifndef VMSUITE_MODULES_SHARED_CASE_PROCESSORS_H
#define VMSUITE_MODULES_SHARED_CASE_PROCESSORS_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static inline bool processors_take_number(const char **text, long *ret_number) {
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *ret_number = strtol(*text, &end, 10);
    *text = end;
    return errno == 0;
}

/* Takes "N" or "N-M" off the list, with the comma that has to lead to another. False: it is none. */
static inline bool processors_take(const char **list, long *ret_first, long *ret_last) {
    if (!processors_take_number(list, ret_first))
        return false;
    *ret_last = *ret_first;
    if (**list == '-') {
        (*list)++;
        if (!processors_take_number(list, ret_last))
            return false;
    }
    if (*ret_last < *ret_first || (**list && (**list != ',' || !(*list)[1])))
        return false;
    *list += **list == ',';
    return true;
}

#endif
