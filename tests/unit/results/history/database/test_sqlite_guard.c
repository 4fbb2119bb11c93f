/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A neighbour in a store's folder makes its files at the worst moment: after the store was looked at, before
 * SQLite looks. */
#include "history/database/database.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define NEIGHBOUR 65534
#define PRECIOUS "precious"

static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
static const char *const statements[] = {"CREATE TABLE t (x)", NULL};
static const struct database_schema schema = {.statements = statements, .version = 1};

static char folder[] = "/tmp/vmsuite-guard-XXXXXX", store[64], journal[64], victim[64];
static bool as_neighbour;

static void put_number(FILE *file, uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        (void)fputc((int)(number >> shift & 0xff), file);
}

/* A journal that is to cut the store to one page, and that names `victim` as a journal of several
 * databases. */
static void plant(void) {
    cleanup_fclose FILE *file = fopen(journal, "w");
    uint32_t sum = 0;

    assert_non_null(file);
    (void)fwrite(magic, sizeof(magic), 1, file);
    for (size_t i = 0; i < 5; i++)
        put_number(file, ((const uint32_t[]){0, 1, 1, 512, 4096})[i]);
    assert_int_equal(fseek(file, 512, SEEK_SET), 0);
    put_number(file, 2);
    (void)fputs(victim, file);
    for (const char *at = victim; *at; at++)
        sum += (unsigned char)*at;
    put_number(file, (uint32_t)strlen(victim));
    put_number(file, sum);
    (void)fwrite(magic, sizeof(magic), 1, file);
    if (as_neighbour)
        assert_int_equal(fchown(fileno(file), NEIGHBOUR, NEIGHBOUR), 0);
}

/* SQLite calls it in each sqlite3_open_v2(). */
static int plant_now(void) {
    plant();
    return 0;
}

static long size_of(const char *path) {
    struct stat info;

    return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

static void make_store(void) {
    cleanup_fclose FILE *file = NULL;
    struct database *database = NULL;
    struct vms_error error = {""};

    (void)unlink(store);
    (void)unlink(journal);
    if (database_open(store, DATABASE_MAKE, &schema, &database, &error) == -ENOTSUP)
        skip();
    assert_non_null(database);
    database_close(database);
    assert_true(size_of(store) > 0);
    file = fopen(victim, "w");
    assert_non_null(file);
    (void)fputs(PRECIOUS, file);
}

/* The library that the program is linked to; tests see its symbols through it. */
static int (*find_hook(const char *name))(int (*)(void)) {
    int (*hook)(int (*)(void)) = NULL;

    *(void **)&hook = dlsym(RTLD_DEFAULT, name);
    return hook;
}

static void attack(enum database_mode mode, bool neighbour) {
    int (*begin)(int (*)(void)), (*end)(int (*)(void));
    struct database *database = NULL;
    struct vms_error error = {""};
    long before;
    int status;

    make_store();
    begin = find_hook("sqlite3_auto_extension");
    end = find_hook("sqlite3_cancel_auto_extension");
    if (!begin || !end)
        skip();
    before = size_of(store);
    as_neighbour = neighbour;
    assert_int_equal(begin(plant_now), 0);
    status = database_open(store, mode, &schema, &database, &error);
    (void)end(plant_now);
    assert_true(status < 0);
    assert_true(strlen(error.text) > 12);
    assert_int_equal(size_of(victim), strlen(PRECIOUS));
    if (neighbour)
        assert_int_equal(size_of(store), before);
}

static void test_a_file_that_a_journal_names_stays(void **state) {
    (void)state;
    attack(DATABASE_WRITE, false);
    attack(DATABASE_READ, false);
}

static void test_a_neighbours_journal_is_not_believed(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    attack(DATABASE_WRITE, true);
    attack(DATABASE_READ, true);
}

/* SQLite calls it in each sqlite3_open_v2(): a file of ours has the journal's name, too. */
static int link_now(void) {
    return link(victim, journal) < 0;
}

static void test_a_file_of_ours_is_not_written_as_a_journal(void **state) {
    int (*begin)(int (*)(void)) = find_hook("sqlite3_auto_extension");
    int (*end)(int (*)(void)) = find_hook("sqlite3_cancel_auto_extension");
    struct database *database = NULL;
    struct vms_error error = {""};

    (void)state;
    make_store();
    if (!begin || !end)
        skip();
    assert_int_equal(begin(link_now), 0);
    assert_true(database_open(store, DATABASE_WRITE, &schema, &database, &error) < 0);
    (void)end(link_now);
    assert_int_equal(size_of(victim), strlen(PRECIOUS));
}

static unsigned n_removed;

/* SQLite calls it in each sqlite3_open_v2(): the import that had made the store takes it back, twice. */
static int remove_now(void) {
    return n_removed++ < 2 ? unlink(store) : 0;
}

static void test_a_store_that_is_taken_back_is_made_again(void **state) {
    int (*begin)(int (*)(void)) = find_hook("sqlite3_auto_extension");
    int (*end)(int (*)(void)) = find_hook("sqlite3_cancel_auto_extension");
    struct database *database = NULL;
    struct vms_error error = {""};

    (void)state;
    make_store();
    if (!begin || !end)
        skip();
    n_removed = 0;
    assert_int_equal(begin(remove_now), 0);
    assert_int_equal(database_open(store, DATABASE_MAKE, &schema, &database, &error), 0);
    (void)end(remove_now);
    assert_int_equal(n_removed, 3);
    database_close(database);
    assert_true(size_of(store) > 0);
}

static bool removes_early;

/* SQLite reads the links in a path before it opens the file, here those of /proc/self/fd. Stands before the
 * library's own, whose header has a checked form of it inline that may not be defined again. */
ssize_t read_link_late(const char *path, char *target, size_t size) __asm__("readlink");

ssize_t read_link_late(const char *path, char *target, size_t size) {
    if (removes_early) {
        removes_early = false;
        (void)unlink(store);
        n_removed++;
    }
    return syscall(SYS_readlinkat, AT_FDCWD, path, target, size);
}

static void test_a_store_that_is_taken_back_before_it_is_opened_is_made_again(void **state) {
    struct database *database = NULL;
    struct vms_error error = {""};

    (void)state;
    make_store();
    n_removed = 0;
    removes_early = true;
    assert_int_equal(database_open(store, DATABASE_MAKE, &schema, &database, &error), 0);
    assert_int_equal(n_removed, 1);
    database_close(database);
    removes_early = true;
    assert_int_equal(database_open(store, DATABASE_WRITE, &schema, &database, &error), -ENOENT);
    assert_int_equal(n_removed, 2);
    assert_non_null(strstr(error.text, "there is no store"));
}

static void test_a_store_that_could_not_be_made_is_gone(void **state) {
    static const char *const wrong[] = {"CREATE TABLE t (x)", "CREATE NOTHING", NULL};
    struct database *database = NULL;
    struct vms_error error = {""};

    (void)state;
    make_store();
    assert_int_equal(unlink(store), 0);
    assert_true(database_open(store, DATABASE_MAKE,
                              &(struct database_schema){.statements = wrong, .version = 1}, &database,
                              &error) < 0);
    assert_non_null(strstr(error.text, "NOTHING"));
    assert_int_equal(size_of(store), -1);
    assert_int_equal(size_of(journal), -1);
}

static void test_a_store_is_written_and_read(void **state) {
    struct database *database = NULL;
    struct statement *statement = NULL;

    (void)state;
    make_store();
    assert_int_equal(database_open(store, DATABASE_WRITE, &schema, &database, NULL), 0);
    assert_int_equal(database_begin(database, NULL), 0);
    assert_int_equal(database_prepare(database, "INSERT INTO t VALUES ($1)", &statement, NULL), 0);
    statement_set_whole(statement, 1, 7);
    assert_int_equal(statement_run(statement, NULL), 0);
    statement_free(statement);
    assert_int_equal(database_commit(database, NULL), 0);
    database_close(database);
    assert_int_equal(size_of(journal), -1);
    assert_int_equal(database_open(store, DATABASE_READ, &schema, &database, NULL), 0);
    assert_int_equal(database_prepare(database, "SELECT x FROM t", &statement, NULL), 0);
    assert_int_equal(statement_step(statement, NULL), 1);
    assert_int_equal(statement_whole(statement, 0), 7);
    statement_free(statement);
    database_close(database);
}

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(store, sizeof(store), "%s/s", folder);
    (void)snprintf(journal, sizeof(journal), "%s/s-journal", folder);
    (void)snprintf(victim, sizeof(victim), "%s/victim", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    (void)unlink(store);
    (void)unlink(journal);
    (void)unlink(victim);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_that_a_journal_names_stays),
        cmocka_unit_test(test_a_neighbours_journal_is_not_believed),
        cmocka_unit_test(test_a_file_of_ours_is_not_written_as_a_journal),
        cmocka_unit_test(test_a_store_that_is_taken_back_is_made_again),
        cmocka_unit_test(test_a_store_that_is_taken_back_before_it_is_opened_is_made_again),
        cmocka_unit_test(test_a_store_that_could_not_be_made_is_gone),
        cmocka_unit_test(test_a_store_is_written_and_read),
    };

    (void)descriptors_note(NULL);
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0 || descriptors_check(NULL) < 0;
}
