/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a hostile guest hands out must not lead out of the output folder. */
#include "guest/boot/guest_record.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RUN_ID "0d6a6b2e-6c1d-4d43-9d0b-3f1c8a5f0b7e"

static int name_files(const char *own, const char *given, const char *run_id, struct run_files *ret_files) {
    json_t *record = json_pack("{s:s, s:s, s:s}", "configuration", given, "run_id", run_id, "started_at",
                               "2026-01-02T03:04:05Z");
    struct vms_error error = {""};
    int status = guest_record_files(record, own, "out", ret_files, &error);

    assert_int_equal(status < 0, *error.text != '\0');
    json_decref(record);
    return status;
}

static void guest_record__the_hosts_name_counts(void **state) {
    struct run_files files;

    (void)state;
    assert_int_equal(name_files("mine", "../../../x", RUN_ID, &files), 0);
    assert_string_equal(files.record, "out/mine-20260102T030405Z-0d6a6b2e.json");
    run_files_done(&files);
    assert_int_equal(name_files(NULL, "theirs", RUN_ID, &files), 0);
    assert_string_equal(files.record, "out/theirs-20260102T030405Z-0d6a6b2e.json");
    run_files_done(&files);
}

static void guest_record__names_that_lead_elsewhere(void **state) {
    static const char *const names[] = {"../../../x", "/etc/x", "a/b", ".", "", "a\nb", "-rf"};
    static const char *const ids[] = {"", "../../..", "/etc/pas", "0d6a6b2e",
                                      "0d6a6b2e/6c1d-4d43-9d0b-3f1c8a5f0b7e"};
    struct run_files files;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(name_files(NULL, names[i], RUN_ID, &files), -EBADMSG);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(name_files("mine", "mine", ids[i], &files), -EBADMSG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_record__the_hosts_name_counts),
        cmocka_unit_test(guest_record__names_that_lead_elsewhere),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
