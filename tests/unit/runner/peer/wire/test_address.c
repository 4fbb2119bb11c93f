/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/address.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void address__good(void **state) {
    static const char *const rows[] = {"localhost",   "peer-1.example.org", "peer.", "192.0.2.1",       "::1",
                                       "2001:db8::7", "fe80::1%eth0",       "a_b",   "::ffff:192.0.2.1"};
    struct vms_error error = {""};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (peer_address_check(rows[i], &error) < 0)
            fail_msg("%s: %s", rows[i], error.text);
}

/* What is wrong, and what the mend is. */
static void address__refused(void **state) {
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"127.0.0.1:7411", "\"address\": \"127.0.0.1\", \"port\": 7411"},
        {"peer.example:80", "\"address\": \"peer.example\", \"port\": 80"},
        {"[::1]:7411", "\"address\": \"::1\", \"port\": 7411"},
        {"[::1]", "without brackets, \"::1\""},
        {"fe80::1", "\"fe80::1%eth0\""},
        {"fe80::1%", "name the interface"},
        {"192.0.2.1/24", "without a prefix length, \"192.0.2.1\""},
        {"http://peer", "is a URL"},
        {"192.0.2.256", "is not an IPv4 address"},
        {"192.0.2", "is not an IPv4 address"},
        {"a b", "no spaces"},
        {"b\xc3\xbc.example", "ASCII"},
        {"a..b", "between its dots"},
        {".a", "between its dots"},
        {"a$b", "\"$\" does not belong there"},
        {"a]b", "is not a host name or an address"},
        {"a[", "is not a host name or an address"},
        {"]", "is not a host name or an address"},
        {"[", "without brackets, \"\""},
        {":", "is not a host name or an address"},
        {"]:", "is not a host name or an address"},
        {"[:", "without brackets, \":\""},
        {"[]:", "is not a host name or an address"},
        {"1::2::3", "is not a host name or an address"},
        {"::0000:0000:0000:0000:0000:ffff:255.255.255.255", "is not a host name or an address"},
        {"0000:00000:0000:0000:0000:ffff:255.255.255.255", "is not a host name or an address"},
        {"", "1 to 255 characters"},
    };
    struct vms_error error;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        error.text[0] = '\0';
        assert_int_equal(peer_address_check(rows[i].text, &error), -EINVAL);
        if (!strstr(error.text, rows[i].words))
            fail_msg("%s: %s", rows[i].text, error.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(address__good), cmocka_unit_test(address__refused)};

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
