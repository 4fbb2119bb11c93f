/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual/completion.h"

const char *completion_listed(enum option_names names) {
    static const char *const listed[] = {[NAMES_CONFIGURATION] = "configurations",
                                         [NAMES_SUITE] = "suites",
                                         [NAMES_STUDY] = "studies",
                                         [NAMES_POLICY] = "policies",
                                         [NAMES_MODULE] = "modules",
                                         [NAMES_COMMAND] = "commands",
                                         [NAMES_PLACE] = "places",
                                         [NAMES_LIST] = "lists"};

    return names < VMS_LENGTH(listed) ? listed[names] : NULL;
}

void completion_quote(FILE *file, const char *text) {
    for (; *text; text++)
        fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, file);
}
