/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/tool_environment.h"

#include "base/cleanup.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vmsuite/module.h>

extern char **environ;

/* Folders that depend on where one stands are taken out; so is the empty name, which shells read as ".". */
static void tool_environment__path_has_absolute_folders_only(void **state) {
    static const struct {
        const char *path, *left; /* NULL: there is none */
    } rows[] = {
        {"/usr/bin:/bin", "/usr/bin:/bin"},
        {"/usr/bin", "/usr/bin"},
        {":/usr/bin", "/usr/bin"},
        {"/usr/bin:", "/usr/bin"},
        {"/usr/bin::/bin", "/usr/bin:/bin"},
        {".:/usr/bin:./bin:../bin:bin:~/bin:/bin", "/usr/bin:/bin"},
        {"bin", NULL},
        {".", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    cleanup_free char *before = getenv("PATH") ? strdup(getenv("PATH")) : NULL;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const char *left;

        (void)(rows[i].path ? setenv("PATH", rows[i].path, 1) : unsetenv("PATH"));
        tool_environment_begin();
        left = getenv("PATH");
        if (!left != !rows[i].left || (left && strcmp(left, rows[i].left) != 0))
            fail_msg("of \"%s\" \"%s\" is left", rows[i].path ? rows[i].path : "none", left ? left : "none");
    }
    if (before)
        (void)setenv("PATH", before, 1);
}

/* A name is left out as a whole, or as far as its star; all else stays, and the language comes last. */
static void tool_environment__leaves_out_names(void **state) {
    char *const given[] = {(char[]){"LANG=de"},         (char[]){"LANGUAGES=1"},   (char[]){"LC_=2"},
                           (char[]){"LC_ALL=de"},       (char[]){"XLC_ALL=3"},     (char[]){"ENV=x"},
                           (char[]){"ENVIRONMENT=4"},   (char[]){"MYENV=5"},       (char[]){"PERL5LIB=x"},
                           (char[]){"PERL=6"},          (char[]){"GZIP=-9"},       (char[]){"GZIPPED=7"},
                           (char[]){"TAR_OPTIONS="},    (char[]){"GZIP"},          (char[]){"CDPATH=/"},
                           (char[]){"SBATCH_WAIT_8=8"}, (char[]){"SBATCH_WAIT=1"}, NULL};
    static const char *const left[] = {"LANGUAGES=1", "XLC_ALL=3", "ENVIRONMENT=4",   "MYENV=5",
                                       "PERL=6",      "GZIPPED=7", "SBATCH_WAIT_8=8", "LC_ALL=C"};
    char **before = environ;
    cleanup_free char **entries = NULL;
    size_t n = 0;

    (void)state;
    environ = (char **)given;
    entries = tool_environment();
    environ = before;
    assert_non_null(entries);
    for (; entries[n] && n < VMS_LENGTH(left); n++)
        assert_string_equal(entries[n], left[n]);
    assert_int_equal(n, VMS_LENGTH(left));
    assert_null(entries[n]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tool_environment__path_has_absolute_folders_only),
        cmocka_unit_test(tool_environment__leaves_out_names),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
