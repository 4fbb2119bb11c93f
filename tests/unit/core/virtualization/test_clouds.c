/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who rents out machines and who makes them: what each row of the tables is recognised by and what it
 * says. */
#include "unit/descriptors.h"
#include "virtualization/clouds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void clouds__by_vendor_and_product(void **state) {
    static const struct {
        const char *dmi, *bare;
        bool guest;
    } rows[] = {{"Amazon EC2 m5.large", ".metal", true},
                {"Alibaba Cloud Alibaba Cloud ECS", "Bare Metal", false},
                {"Google Google Compute Engine", NULL, false},
                {"Tencent Cloud CVM", NULL, false},
                {"Huawei Cloud x", NULL, false},
                {"QEMU OracleCloud.com", NULL, false},
                {"DigitalOcean Droplet", NULL, false},
                {"Hetzner vServer", NULL, false},
                {"Linode Compute Instance", NULL, false},
                {"Akamai Connected Cloud x", NULL, false},
                {"Vultr HFC", NULL, false},
                {"Scaleway SCW-DEV1-S", NULL, false},
                {"UpCloud Cloud Server", NULL, false},
                {"Exoscale Compute Platform", NULL, false},
                {"OpenStack Foundation OpenStack Nova", NULL, false},
                {"KubeVirt None", NULL, false},
                {"oVirt oVirt Node", NULL, false},
                {"Red Hat RHEV Hypervisor", NULL, false},
                {"Nutanix AHV", NULL, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cloud *cloud = cloud_find(rows[i].dmi);

        if (!cloud)
            fail_msg("%s is not found", rows[i].dmi);
        assert_int_equal(cloud->guest, rows[i].guest);
        assert_int_equal(cloud->hypervisor, HYPERVISOR_KVM);
        assert_int_equal(cloud->bare == NULL, rows[i].bare == NULL);
        if (cloud->bare)
            assert_string_equal(cloud->bare, rows[i].bare);
    }
    assert_null(cloud_find("Dell Inc. PowerEdge"));
    assert_null(cloud_find(""));
    assert_null(cloud_find("Linodex"));
}

static void makers__of_machines_and_boards(void **state) {
    static const char *const machines[] = {
        "Acer",       "Dell Inc.",        "HP",         "HPE",      "Hewlett-Packard",
        "LENOVO",     "Supermicro",       "Apple Inc.", "Loongson", "ASUSTeK COMPUTER INC.",
        "QuantaGrid", "Intel Corporation"};
    static const char *const boards[] = {"raspberrypi,4-model-b", "allwinner,sun50i", "xunlong,orangepi",
                                         "ibm,powernv",           "st,stm32",         "ti,am62"};

    (void)state;
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (!maker_of_machine(machines[i]))
            fail_msg("%s is not found", machines[i]);
    for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++)
        if (!maker_of_board(boards[i]))
            fail_msg("%s is not found", boards[i]);
    assert_false(maker_of_machine("QEMU"));
    assert_false(maker_of_machine("Dellx"));
    assert_false(maker_of_machine(""));
    assert_false(maker_of_board("linux,dummy-virt"));
    assert_false(maker_of_board("raspberrypi"));
    assert_false(maker_of_board(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clouds__by_vendor_and_product),
        cmocka_unit_test(makers__of_machines_and_boards),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
