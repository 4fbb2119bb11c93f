/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/foreign.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <vmsuite/module.h>

#define UNPACK "unpack it; a record may stay packed with zstd"
#define RECORDS "name the records that it was made of"

#define SQLITE "SQLite format 3" /* with its NUL */
#define APPLICATION_AT 68        /* SQLite's file format, section 1.3 */

/* Bytes of any value, those of a C string's end among them, at a place of the file. */
static const struct {
    struct foreign foreign;
    size_t at, n_bytes;
    const char *bytes;
} signatures[] = {
    {{"an SQLite database", "`vmsuite store import` makes a store of records"}, 0, 16, SQLITE},
    {{"a gzip file", UNPACK}, 0, 2, "\x1f\x8b"},
    {{"an xz file", UNPACK}, 0, 6, "\3757zXZ"},
    {{"a bzip2 file", UNPACK}, 0, 3, "BZh"},
    {{"a zip archive", "unpack it"}, 0, 4, "PK\x03\x04"},
    {{"a tar archive", "unpack it"}, 257, 6, "ustar"},
    {{"a tar archive", "unpack it"}, 257, 8, "ustar  "},
    {{"a file packed with zstd", "a record in it is read by `vmsuite compare`, `report` and `store import`"},
     0,
     4,
     "\x28\xb5\x2f\xfd"},
    {{"a program or a module (ELF)", "`vmsuite module try` takes a module"}, 0, 4, "\177ELF"},
    {{"UTF-16 text", "save it as UTF-8"}, 0, 2, "\xff\xfe"},
    {{"UTF-16 text", "save it as UTF-8"}, 0, 2, "\xfe\xff"},
    {{"text that begins with a byte-order mark", "save it as UTF-8 without one"}, 0, 3, "\xef\xbb\xbf"},
    {{"a file of NUL bytes", "it is damaged: take another copy"}, 0, 2, "\0\0"},
};

/* How a text begins, in capitals or not. */
static const struct {
    struct foreign foreign;
    const char *text;
} beginnings[] = {
    {{"an HTML page", "`vmsuite report` writes such pages and reads records"}, "<!doctype html"},
    {{"an HTML page", "`vmsuite report` writes such pages and reads records"}, "<html"},
    {{"an XML file", "`vmsuite compare --format junit` writes such files and reads records"}, "<?xml"},
    {{"the journal of a run", "`vmsuite run --resume` goes on with a run that was interrupted"},
     "{\"schema\":\"vmsuite.journal/"},
    {{"a table of samples from `vmsuite export`", RECORDS}, "run_id,configuration,"},
    {{"a table of verdicts from `vmsuite compare`", RECORDS}, "baseline,other,"},
};

static bool is_store(const char *begin, size_t length) {
    return length >= APPLICATION_AT + 4 && memcmp(begin, SQLITE, sizeof(SQLITE)) == 0 &&
           memcmp(begin + APPLICATION_AT, "vmsS", 4) == 0;
}

/* Rows as JSON Lines: unlike a record, they have names where that has objects. */
static bool is_row(const char *begin, size_t length) {
    static const char first[] = "{\"run_id\":\"", name[] = "\"environment\":\"";

    return length > strlen(first) && memcmp(begin, first, strlen(first)) == 0 &&
           memmem(begin, length, name, strlen(name)) != NULL;
}

/* Without a mark at its beginning: every second byte of what is no more than ASCII is 0. */
static bool is_utf16(const char *begin, size_t length) {
    return length >= 2 && (begin[0] == '\0') != (begin[1] == '\0');
}

const struct foreign *foreign_find(const char *begin, size_t length) {
    static const struct foreign utf16 = {"UTF-16 text", "save it as UTF-8"},
                                rows = {"a table of samples from `vmsuite export`", RECORDS},
                                store = {"a store of records", "name it behind --store"};

    if (is_store(begin, length))
        return &store;
    for (size_t i = 0; i < VMS_LENGTH(signatures); i++)
        if (length >= signatures[i].at + signatures[i].n_bytes &&
            memcmp(begin + signatures[i].at, signatures[i].bytes, signatures[i].n_bytes) == 0)
            return &signatures[i].foreign;
    for (size_t i = 0; i < VMS_LENGTH(beginnings); i++)
        if (length >= strlen(beginnings[i].text) &&
            strncasecmp(begin, beginnings[i].text, strlen(beginnings[i].text)) == 0)
            return &beginnings[i].foreign;
    return is_row(begin, length) ? &rows : is_utf16(begin, length) ? &utf16 : NULL;
}
