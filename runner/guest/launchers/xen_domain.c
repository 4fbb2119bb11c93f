/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/xen_domain.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* The names are hda, hdb, ... where disks are emulated, else Xen's own. */
static void print_disks(FILE *text, const struct xen_domain *domain) {
    fputs("disk=[", text);
    for (int i = 0; i < XEN_DOMAIN_DISKS && domain->disks[i]; i++)
        fprintf(text, "%s\"%s%s,%s%c,w\"", i > 0 ? ", " : "", domain->method, domain->disks[i],
                domain->emulated ? "hd" : "xvd", 'a' + i);
    fputs("]\n", text);
}

void xen_domain_print(FILE *text, const struct xen_domain *domain, const struct guest_settings *settings) {
    bool hvm = strcmp(domain->type, "hvm") == 0;

    fprintf(text, "name=\"%s\"\ntype=\"%s\"\nvcpus=%u\nmemory=%ju\n", domain->name, domain->type,
            settings->vcpus, (uintmax_t)(settings->memory / MIB));
    fprintf(text, "kernel=\"%s\"\nramdisk=\"%s\"\n", domain->kernel, domain->ramdisk);
    fprintf(text, "extra=\"console=%s quiet panic=-1 %s\"\n", domain->console,
            settings->options ? settings->options : "");
    fputs("on_poweroff=\"destroy\"\non_reboot=\"destroy\"\non_crash=\"destroy\"\ntsc_mode=\"native\"\n",
          text);
    print_disks(text, domain);
    if (domain->vif)
        fprintf(text, "vif=[\"%s%s\"]\n", domain->vif,
                !hvm               ? ""
                : domain->emulated ? ",model=e1000"
                                   : ",type=vif");
    if (hvm)
        fprintf(text,
                "xen_platform_pci=%d\nserial=\"%s\"\nvga=\"none\"\nvnc=0\nsdl=0\nusb=0\n"
                "nographic=1\ndevice_model_args=[\"-global\",\"e1000.romfile=\"]\n",
                !domain->emulated, domain->serial);
}
