/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's command line in a domain's configuration. */
#include "guest/launchers/xen_domain.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Whether the configuration of a domain of that type has the line. */
static bool has_line(const char *type, char *options, const char *line) {
    const struct guest_settings settings = {.vcpus = 1, .memory = 512 << 20, .options = options};
    const struct xen_domain domain = {.name = "guest",
                                      .type = type,
                                      .kernel = "/kernel",
                                      .console = "hvc0",
                                      .serial = "file:/run/console",
                                      .disks = {"/dev/vda"}};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    bool found;

    assert_non_null(file);
    xen_domain_print(file, &domain, &settings);
    assert_int_equal(fclose(file), 0);
    found = strstr(text, line) != NULL;
    free(text);
    return found;
}

static void extra__looks_for_no_bridge_where_each_look_is_an_exit(void **state) {
    (void)state;
    assert_true(has_line("hvm", NULL, "\nextra=\"console=hvc0 quiet panic=-1 pci=noearly \"\n"));
    assert_true(has_line("pv", NULL, "\nextra=\"console=hvc0 quiet panic=-1 \"\n"));
    assert_true(has_line("pvh", NULL, "\nextra=\"console=hvc0 quiet panic=-1 \"\n"));
}

static void extra__ends_with_what_the_user_wants(void **state) {
    char options[] = "mitigations=off pci=early";

    (void)state;
    assert_true(has_line("hvm", options, " pci=noearly mitigations=off pci=early\"\n"));
    assert_true(has_line("pv", options, " panic=-1 mitigations=off pci=early\"\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extra__looks_for_no_bridge_where_each_look_is_an_exit),
        cmocka_unit_test(extra__ends_with_what_the_user_wants),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
