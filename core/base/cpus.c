/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cpus.h"

#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static const char *parse_number(const char *at, unsigned long *ret_number) {
    char *end;

    if (!isdigit((unsigned char)*at))
        return NULL;
    *ret_number = strtoul(at, &end, 10);
    return *ret_number < CPU_SETSIZE ? end : NULL;
}

int cpus_parse(const char *text, cpu_set_t *ret_set, struct vms_error *error) {
    const char *at = text;
    cpu_set_t set;

    CPU_ZERO(&set);
    do {
        unsigned long first, last;

        at = parse_number(at, &first);
        last = first;
        if (at && *at == '-')
            at = parse_number(at + 1, &last);
        if (!at || last < first || (*at && *at != ','))
            return error_set(error, -EINVAL, "\"%s\" is no list of processors such as \"0\" or \"0-3,8\"",
                             text);
        for (unsigned long cpu = first; cpu <= last; cpu++)
            CPU_SET(cpu, &set);
    } while (*at++ == ',');
    *ret_set = set;
    return 0;
}
