/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/foreign.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <vmsuite/module.h>

#include <cmocka.h>

static const char *name_of(const char *begin, size_t length) {
    const struct foreign *foreign = foreign_find(begin, length);

    return foreign ? foreign->name : "";
}

static void foreign__beginnings(void **state) {
    static const struct {
        const char *name, *begin;
        size_t length;
    } rows[] = {
        {"an SQLite database", "SQLite format 3\0and pages", 25},
        {"a gzip file", "\x1f\x8b\x08", 3},
        {"an xz file", "\3757zXZ\0", 6},
        {"a bzip2 file", "BZh91AY", 7},
        {"a zip archive", "PK\x03\x04", 4},
        {"a file packed with zstd", "\x28\xb5\x2f\xfd\x24", 5},
        {"a program or a module (ELF)", "\177ELF\2", 5},
        {"UTF-16 text", "\xff\xfe{\0", 4},
        {"UTF-16 text", "\xfe\xff\0{", 4},
        {"UTF-16 text", "\0{\0\"", 4},
        {"UTF-16 text", "{\0\"\0", 4},
        {"text that begins with a byte-order mark", "\xef\xbb\xbf{}", 5},
        {"a file of NUL bytes", "\0\0\0", 3},
        {"an HTML page", "<!DOCTYPE HTML>", 15},
        {"an HTML page", "<html lang=\"en\">", 16},
        {"an XML file", "<?xml version=\"1.0\"?>", 21},
        {"the journal of a run", "{\"schema\":\"vmsuite.journal/1\"}", 30},
        {"a table of samples from `vmsuite export`", "run_id,configuration,a", 22},
        {"a table of samples from `vmsuite export`", "{\"run_id\":\"a\",\"environment\":\"kvm\"}", 34},
        {"a table of verdicts from `vmsuite compare`", "baseline,other,a", 16},
        /* A record, however its members are ordered, and what no row knows. */
        {"", "{\"schema\":\"vmsuite.record/1\"}", 29},
        {"", "{\"run_id\":\"a\",\"environment\":{\"a\":1}}", 36},
        {"", "text", 4},
        {"", "\0", 1},
        {"", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        assert_string_equal(name_of(rows[i].begin, rows[i].length), rows[i].name);
}

/* Puts bytes of a text there, without its end. */
static void put(char *at, const char *text, size_t length) {
    memcpy(at, text, length);
}

static void foreign__deeper(void **state) {
    char begin[FOREIGN_BYTES] = "SQLite format 3";

    (void)state;
    put(begin + 68, "vmsS", 4);
    assert_string_equal(name_of(begin, 72), "a store of records");
    assert_string_equal(name_of(begin, 71), "an SQLite database");
    memset(begin, 'a', sizeof(begin));
    put(begin + 68, "vmsS", 4);
    put(begin + 257, "ustar", 5);
    assert_string_equal(name_of(begin, sizeof(begin)), "");
    put(begin + 257, "ustar", 6);
    assert_string_equal(name_of(begin, sizeof(begin)), "a tar archive");
    assert_string_equal(name_of(begin, 262), "");
    put(begin + 257, "ustar  ", 8);
    assert_string_equal(name_of(begin, sizeof(begin)), "a tar archive");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign__beginnings),
        cmocka_unit_test(foreign__deeper),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
