/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/clouds.h"

#include <string.h>
#include <vmsuite/module.h>

/* From the providers' documentation of how to recognise an instance, and tests/data/machines/README.md. */
static const struct cloud clouds[] = {
    {"Amazon EC2", ".metal", true, HYPERVISOR_KVM}, /* the product is the type of the instance */
    {"Alibaba Cloud", "Bare Metal", false, HYPERVISOR_KVM},
    {"Google Compute Engine", NULL, false, HYPERVISOR_KVM}, /* bare instances say the same */
    {"Tencent Cloud", NULL, false, HYPERVISOR_KVM},
    {"Huawei Cloud", NULL, false, HYPERVISOR_KVM},
    {"OracleCloud.com", NULL, false, HYPERVISOR_KVM},
    {"DigitalOcean", NULL, false, HYPERVISOR_KVM},
    {"Hetzner vServer", NULL, false, HYPERVISOR_KVM},
    {"Linode", NULL, false, HYPERVISOR_KVM},
    {"Akamai Connected Cloud", NULL, false, HYPERVISOR_KVM},
    {"Vultr", NULL, false, HYPERVISOR_KVM},
    {"Scaleway", NULL, false, HYPERVISOR_KVM},
    {"UpCloud", NULL, false, HYPERVISOR_KVM},
    {"Exoscale", NULL, false, HYPERVISOR_KVM},
    {"OpenStack", NULL, false, HYPERVISOR_KVM},
    {"KubeVirt", NULL, false, HYPERVISOR_KVM},
    {"oVirt", NULL, false, HYPERVISOR_KVM},
    {"RHEV Hypervisor", NULL, false, HYPERVISOR_KVM},
    {"Nutanix AHV", NULL, false, HYPERVISOR_KVM},
};

/* DMI vendors (their own spelling; a part is enough) and prefixes of device trees (Linux
 * Documentation/devicetree/bindings/vendor-prefixes.yaml) of those who build hardware. */
static const char *const machine_makers[] = {
    "Acer",      "Advantech", "Ampere",   "ASRock",  "ASUS",       "ASUSTeK",    "Atos",    "Bull",
    "Cisco",     "Dell",      "Dynabook", "Foxconn", "Framework",  "FUJITSU",    "Getac",   "GIGABYTE",
    "Giga-Byte", "H3C",       "Hewlett",  "Hitachi", "HP",         "HPE",        "HUAWEI",  "IBM",
    "IEIT",      "Inspur",    "Intel",    "Kontron", "LENOVO",     "Micro-Star", "MSI",     "NEC",
    "NVIDIA",    "Panasonic", "Phytium",  "Quanta",  "QuantaGrid", "Razer",      "Samsung", "Siemens",
    "SolidRun",  "Sugon",     "Sun",      "Super",   "Supermicro", "System76",   "Tyan",    "TOSHIBA",
    "TUXEDO",    "Wiwynn",    "xFusion",  "Apple",   "Raspberry",  "Radxa",      "ADLINK",  "Loongson",
};
static const char *const board_makers[] = {
    "allwinner,", "altr,",      "amazon,",   "amd,",         "amlogic,",  "ampere,",    "apm,",
    "apple,",     "aspeed,",    "brcm,",     "cavium,",      "fsl,",      "hisilicon,", "ibm,powernv",
    "khadas,",    "marvell,",   "mediatek,", "microchip,",   "nvidia,",   "nxp,",       "phytium,",
    "pine64,",    "qcom,",      "radxa,",    "raspberrypi,", "renesas,",  "rockchip,",  "samsung,",
    "sifive,",    "socionext,", "solidrun,", "sophgo,",      "spacemit,", "st,",        "starfive,",
    "thead,",     "ti,",        "toradex,",  "xlnx,",        "xunlong,",
};

const struct cloud *cloud_find(const char *vendor_and_product) {
    for (size_t i = 0; i < VMS_LENGTH(clouds); i++)
        if (text_has_word(vendor_and_product, clouds[i].dmi))
            return &clouds[i];
    return NULL;
}

bool maker_of_machine(const char *vendor) {
    for (size_t i = 0; i < VMS_LENGTH(machine_makers); i++)
        if (text_has_word(vendor, machine_makers[i]))
            return true;
    return false;
}

bool maker_of_board(const char *compatible) {
    for (size_t i = 0; i < VMS_LENGTH(board_makers); i++)
        if (strncmp(compatible, board_makers[i], strlen(board_makers[i])) == 0)
            return true;
    return false;
}
