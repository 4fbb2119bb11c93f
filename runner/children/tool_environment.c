/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/tool_environment.h"

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <vmsuite/module.h>

extern char **environ;

/* Of all programs, shells, tools that are scripts, archives, make, Debian's own and Slurm's. "NAME_*" stands
 * for all that begin so. */
static const char *const left_out[] = {
    "LC_*",      "LANGUAGE",        "LANG",      "BASH_ENV",    "ENV",
    "CDPATH",    "SHELLOPTS",       "BASHOPTS",  "BASH_FUNC_*", "PERL5*",
    "PERLLIB",   "PERLIO",          "PYTHON*",   "TAR_OPTIONS", "GZIP",
    "XZ_OPT",    "XZ_DEFAULTS",     "MAKEFLAGS", "MFLAGS",      "MAKEFILES",
    "MAKELEVEL", "GNUMAKEFLAGS",    "KCFLAGS",   "KBUILD_*",    "DPKG_*",
    "MKE2FS_*",  "POSIXLY_CORRECT", "SQUEUE_*",  "SBATCH_WAIT", "SBATCH_ARRAY_INX",
};

static bool is_left_out(const char *entry) {
    size_t length = strcspn(entry, "=");

    for (size_t i = 0; i < VMS_LENGTH(left_out); i++) {
        size_t n = strlen(left_out[i]);

        if (left_out[i][n - 1] == '*' ? strncmp(entry, left_out[i], n - 1) == 0
                                      : n == length && strncmp(entry, left_out[i], n) == 0)
            return true;
    }
    return false;
}

void tool_environment_begin(void) {
    const char *path = getenv("PATH");
    cleanup_free char *given = path ? strdup(path) : NULL, *kept = path ? calloc(2, strlen(path) + 1) : NULL;
    char *rest = given, *folder, *end = kept;

    while (kept && (folder = strsep(&rest, ":")))
        if (folder[0] == '/') {
            *end++ = ':';
            end = mempcpy(end, folder, strlen(folder));
        }
    if (end > kept)
        (void)setenv("PATH", kept + 1, 1);
    else if (path)
        (void)unsetenv("PATH");
}

char **tool_environment(void) {
    static char language[] = "LC_ALL=C";
    size_t n = 0, kept = 0;
    char **entries;

    while (environ && environ[n])
        n++;
    entries = calloc(n + 2, sizeof(*entries));
    if (!entries)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_left_out(environ[i]))
            entries[kept++] = environ[i];
    entries[kept] = language;
    return entries;
}
