/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/emulated/hvm_kernel.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/appliance/bzimage.h"
#include "output/output.h"

#include <endian.h>
#include <string.h>
#include <sys/stat.h>

#define MIB (UINT64_C(1) << 20)
#define PROTOCOL 0x020a /* the first that says what space it needs */
/* What the domain's firmware keeps at the end of its memory. */
#define FIRMWARE (8 * MIB)
/* Every kernel finds its archives below (its head's initrd_addr_max). */
#define PLACES_END (1024 * MIB)

static int check(const struct boot *boot, const struct bzimage *image, struct vms_error *error) {
    if (image->version >= PROTOCOL && image->relocatable && image->preferred > MIB &&
        image->preferred < UINT32_MAX)
        return 0;
    return error_set(error, -EINVAL,
                     "the kernel %s cannot be booted in an HVM domain on the emulated host: it must be "
                     "relocatable (CONFIG_RELOCATABLE), and of boot protocol 2.10 or later (Linux 2.6.31)",
                     boot->appliance->kernel);
}

/* The archives are in the middle of what the kernel and the firmware leave below PLACES_END. */
static int find_places(const struct boot *boot, const struct bzimage *image, uint64_t initrd_size,
                       struct hvm_kernel *kernel, struct vms_error *error) {
    uint64_t memory = boot->settings->memory < PLACES_END ? boot->settings->memory : PLACES_END;
    uint64_t begin = (image->preferred + image->space + MIB - 1) / MIB * MIB;
    uint64_t needed = begin + initrd_size + FIRMWARE;

    if (needed > memory)
        return error_set(error, -EINVAL,
                         "its memory (%ju MiB) does not hold its kernel and archives: give it \"memory\": "
                         "\"%juMiB\"",
                         (uintmax_t)(boot->settings->memory / MIB), (uintmax_t)((needed + MIB - 1) / MIB));
    kernel->rest_place = (uint32_t)image->preferred;
    kernel->initrd_place = (uint32_t)(begin + (memory - needed) / 2 / MIB * MIB);
    return 0;
}

static void put(unsigned char *place, uint32_t number) {
    number = htole32(number);
    memcpy(place, &number, sizeof(number));
}

/* What stands where the rest would, at 1 MiB: the kernel's first part comes here with its parameters at %esi.
 * It says there where the archives are, which QEMU's firmware has overwritten, and goes on to the rest. */
static void write_bridge(FILE *file, uint64_t initrd_size, const struct hvm_kernel *kernel) {
    unsigned char code[] = {
        0xc7, 0x86, 0x18, 0x02, 0, 0, 0, 0, 0, 0, /* movl $..., 0x218(%esi): ramdisk_image */
        0xc7, 0x86, 0x1c, 0x02, 0, 0, 0, 0, 0, 0, /* movl $..., 0x21c(%esi): ramdisk_size */
        0xb8, 0,    0,    0,    0,                /* movl $..., %eax */
        0xff, 0xe0};                              /* jmp *%eax */

    put(code + 6, kernel->initrd_place);
    put(code + 16, (uint32_t)initrd_size);
    put(code + 21, kernel->rest_place);
    (void)fwrite(code, 1, sizeof(code), file);
}

static int write_parts(const struct bzimage *image, uint64_t initrd_size, const struct hvm_kernel *kernel,
                       struct vms_error *error) {
    struct output output;
    int status = output_open(kernel->setup, &output, error);

    if (status < 0)
        return status;
    (void)fwrite(image->content, 1, image->setup_size, output.file);
    write_bridge(output.file, initrd_size, kernel);
    status = output_commit(&output, error);
    if (status == 0)
        status = output_open(kernel->rest, &output, error);
    if (status < 0)
        return status;
    (void)fwrite(image->content + image->setup_size, 1, image->size - image->setup_size, output.file);
    return output_commit(&output, error);
}

int hvm_kernel_split(const struct boot *boot, const char *initrd, struct hvm_kernel *ret_kernel,
                     struct vms_error *error) {
    struct hvm_kernel kernel = {.setup = text_new("%s/kernel-setup", boot->folder),
                                .rest = text_new("%s/kernel-rest", boot->folder)};
    struct bzimage image = {0};
    struct stat archives;
    int status = kernel.setup && kernel.rest ? 0 : error_memory(error);

    if (status == 0 && stat(initrd, &archives) < 0)
        status = error_set(error, -errno, "%s cannot be read: %s", initrd, strerror(errno));
    if (status == 0)
        status = bzimage_read(boot->appliance->kernel, &image, error);
    if (status == 0)
        status = check(boot, &image, error);
    if (status == 0)
        status = find_places(boot, &image, (uint64_t)archives.st_size, &kernel, error);
    if (status == 0)
        status = write_parts(&image, (uint64_t)archives.st_size, &kernel, error);
    bzimage_done(&image);
    if (status < 0)
        hvm_kernel_done(&kernel);
    else
        *ret_kernel = kernel;
    return status;
}

void hvm_kernel_done(struct hvm_kernel *kernel) {
    free(kernel->setup);
    free(kernel->rest);
    *kernel = (struct hvm_kernel){0};
}
