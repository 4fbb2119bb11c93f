/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/xen_domain.h"

#include "base/escape.h"

#include <inttypes.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static void print_string(FILE *text, const char *key, const char *value) {
    fprintf(text, "%s=\"", key);
    escape_write(text, ESCAPE_XL, value);
    fputs("\"\n", text);
}

/* The names are hda, hdb, ... where disks are emulated, else Xen's own. The target comes last: all that
 * follows it is the path, with its commas (xl-disk-configuration(5)). */
static void print_disks(FILE *text, const struct xen_domain *domain) {
    fputs("disk=[", text);
    for (int i = 0; i < XEN_DOMAIN_DISKS && domain->disks[i]; i++) {
        fprintf(text, "%s\"format=raw,vdev=%s%c,access=w,%starget=", i > 0 ? ", " : "",
                domain->emulated ? "hd" : "xvd", 'a' + i, domain->devices ? "backendtype=phy," : "");
        escape_write(text, ESCAPE_XL, domain->disks[i]);
        fputs("\"", text);
    }
    fputs("]\n", text);
}

static void print_serial(FILE *text, const struct xen_domain *domain) {
    print_string(text, "serial", domain->serial);
    fprintf(text,
            "xen_platform_pci=%d\nvga=\"none\"\nvnc=0\nsdl=0\nusb=0\nnographic=1\n"
            "device_model_args=[\"-global\",\"e1000.romfile=\"",
            !domain->emulated);
    for (int i = 0; i < XEN_DOMAIN_LOADED && domain->loaded[i].file; i++)
        fprintf(text, ",\"-device\",\"loader,file=%s,addr=0x%" PRIx32 ",force-raw=on\"",
                domain->loaded[i].file, domain->loaded[i].place);
    fputs("]\n", text);
}

void xen_domain_print(FILE *text, const struct xen_domain *domain, const struct guest_settings *settings) {
    bool hvm = strcmp(domain->type, "hvm") == 0;

    print_string(text, "name", domain->name);
    print_string(text, "type", domain->type);
    fprintf(text, "vcpus=%u\nmemory=%ju\n", settings->vcpus, (uintmax_t)(settings->memory / MIB));
    print_string(text, "kernel", domain->kernel);
    if (domain->ramdisk)
        print_string(text, "ramdisk", domain->ramdisk);
    /* Twice the kernel looks for an AGP bridge on every bus: 20 s of an emulated host, since Xen answers each
     * question itself. */
    fprintf(text, "extra=\"console=%s quiet panic=-1 %s", domain->console, hvm ? "pci=noearly " : "");
    escape_write(text, ESCAPE_XL, settings->options ? settings->options : "");
    fputs("\"\non_poweroff=\"destroy\"\non_reboot=\"destroy\"\non_crash=\"destroy\"\ntsc_mode=\"native\"\n",
          text);
    print_disks(text, domain);
    if (domain->vif)
        fprintf(text, "vif=[\"%s%s\"]\n", domain->vif,
                !hvm               ? ""
                : domain->emulated ? ",model=e1000"
                                   : ",type=vif");
    if (hvm)
        print_serial(text, domain);
}
