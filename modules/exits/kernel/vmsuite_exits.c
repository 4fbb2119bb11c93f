/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/* A driver that times what only a kernel may do, for the module exits. It is built for the appliance's kernel
 * when an appliance is made, from the headers of that kernel. Each operation reads or interrupts and changes
 * nothing. */
#include "exits/kernel/vmsuite_exits.h"

#include <linux/acpi.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include <asm/asm.h>
#include <asm/msr.h>
#include <asm/processor.h>

#define PAGE_OF_REGISTERS 32
#define NO_SUCH_CALL 0xffffffffUL

static void __iomem *ioapic, *hpet; /* NULL: this machine has none */

/* 0, or -EOPNOTSUPP where the instruction is undefined or forbidden here. */
static int call(bool amd) {
    unsigned long answer = NO_SUCH_CALL;
    int failed = 0;

    if (amd)
        asm volatile("1: vmmcall\n jmp 3f\n2: mov %[wrong], %[failed]\n3:\n" _ASM_EXTABLE(1b, 2b)
                     : "+a"(answer), [failed] "+r"(failed)
                     : [wrong] "i"(-EOPNOTSUPP), "b"(0UL), "c"(0UL), "d"(0UL), "S"(0UL), "D"(0UL)
                     : "memory");
    else
        asm volatile("1: vmcall\n jmp 3f\n2: mov %[wrong], %[failed]\n3:\n" _ASM_EXTABLE(1b, 2b)
                     : "+a"(answer), [failed] "+r"(failed)
                     : [wrong] "i"(-EOPNOTSUPP), "b"(0UL), "c"(0UL), "d"(0UL), "S"(0UL), "D"(0UL)
                     : "memory");
    return failed;
}

static int call_repeatedly(u64 count) {
    bool amd = boot_cpu_data.x86_vendor == X86_VENDOR_AMD || boot_cpu_data.x86_vendor == X86_VENDOR_HYGON;
    int status = 0;

    while (status == 0 && count-- > 0)
        status = call(amd);
    return status;
}

static int ask_repeatedly(u64 count) {
    unsigned int a, b, c, d;

    while (count-- > 0) {
        a = c = 0;
        native_cpuid(&a, &b, &c, &d);
    }
    return 0;
}

static int read_msr_repeatedly(u64 count) {
    int status = 0;
    u64 value;

    while (status == 0 && count-- > 0)
        status = rdmsrl_safe(MSR_IA32_APICBASE, &value);
    return status ? -EOPNOTSUPP : 0;
}

static int read_repeatedly(const void __iomem *registers, u64 count) {
    if (!registers)
        return -EOPNOTSUPP;
    while (count-- > 0)
        (void)readl(registers);
    return 0;
}

static int read_port_repeatedly(u16 port, u64 count) {
    while (count-- > 0)
        (void)inb(port);
    return 0;
}

static int read_wide_port_repeatedly(u16 port, u64 count) {
    while (count-- > 0)
        (void)inl(port);
    return 0;
}

static void note_handled(struct irq_work *work) {}

static int interrupt_self_repeatedly(u64 count) {
    struct irq_work work = IRQ_WORK_INIT_HARD(note_handled);

    while (count-- > 0) {
        irq_work_queue(&work);
        while (irq_work_is_busy(&work))
            cpu_relax();
    }
    return 0;
}

static void do_nothing(void *unused) {}

static int interrupt_repeatedly(unsigned int processor, u64 count) {
    int status = 0;

    while (status == 0 && count-- > 0)
        status = smp_call_function_single(processor, do_nothing, NULL, 1);
    return status ? -ENODEV : 0;
}

static int repeat(const struct vmsuite_exits_request *request) {
    switch (request->operation) {
    case VMSUITE_EXITS_CPUID:
        return ask_repeatedly(request->count);
    case VMSUITE_EXITS_HYPERCALL:
        return call_repeatedly(request->count);
    case VMSUITE_EXITS_RDMSR:
        return read_msr_repeatedly(request->count);
    case VMSUITE_EXITS_IOAPIC:
        return read_repeatedly(ioapic, request->count);
    case VMSUITE_EXITS_HPET:
        return read_repeatedly(hpet, request->count);
    case VMSUITE_EXITS_PORT_61:
        return read_port_repeatedly(0x61, request->count);
    case VMSUITE_EXITS_PORT_80:
        return read_port_repeatedly(0x80, request->count);
    case VMSUITE_EXITS_PORT_ED:
        return read_port_repeatedly(0xed, request->count);
    case VMSUITE_EXITS_PORT_CF8:
        return read_wide_port_repeatedly(0xcf8, request->count);
    case VMSUITE_EXITS_SELF_IPI:
        return interrupt_self_repeatedly(request->count);
    case VMSUITE_EXITS_IPI:
        return interrupt_repeatedly(request->processor, request->count);
    }
    return -EINVAL;
}

static long exits_ioctl(struct file *file, unsigned int command, unsigned long argument) {
    struct vmsuite_exits_request request;
    u64 begin_ns;
    int status;

    if (command != VMSUITE_EXITS_RUN)
        return -ENOTTY;
    if (copy_from_user(&request, (void __user *)argument, sizeof(request)))
        return -EFAULT;
    if (request.count == 0 || request.count > VMSUITE_EXITS_COUNT_MAX)
        return -EINVAL;
    if (request.operation == VMSUITE_EXITS_IPI &&
        (request.processor >= nr_cpu_ids || !cpu_online(request.processor) ||
         request.processor == raw_smp_processor_id()))
        return -ENODEV;
    preempt_disable();
    begin_ns = ktime_get_ns();
    status = repeat(&request);
    request.ns = ktime_get_ns() - begin_ns;
    preempt_enable();
    if (status)
        return status;
    return copy_to_user((void __user *)argument, &request, sizeof(request)) ? -EFAULT : 0;
}

static const struct file_operations operations = {
    .owner = THIS_MODULE, .unlocked_ioctl = exits_ioctl, .llseek = noop_llseek};
static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR, .name = VMSUITE_EXITS_DEVICE, .fops = &operations, .mode = 0600};

/* Where the firmware's tables say that it is. */
static void __init find_hpet(void) {
    struct acpi_table_header *table;

    if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_HPET, 0, &table)))
        return;
    hpet = ioremap(((struct acpi_table_hpet *)table)->address.address, PAGE_OF_REGISTERS);
    acpi_put_table(table);
}

static void __init find_ioapic(void) {
    struct acpi_table_header *table;
    const struct acpi_subtable_header *entry;

    if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
        return;
    entry = (const void *)((struct acpi_table_madt *)table + 1);
    while ((const char *)(entry + 1) <= (const char *)table + table->length && entry->length > 0 && !ioapic) {
        if (entry->type == ACPI_MADT_TYPE_IO_APIC)
            ioapic = ioremap(((const struct acpi_madt_io_apic *)entry)->address, PAGE_OF_REGISTERS);
        entry = (const void *)((const char *)entry + entry->length);
    }
    acpi_put_table(table);
}

static void forget_registers(void) {
    if (ioapic)
        iounmap(ioapic);
    if (hpet)
        iounmap(hpet);
}

static int __init exits_init(void) {
    int status;

    if (!acpi_disabled) {
        find_hpet();
        find_ioapic();
    }
    status = misc_register(&device);
    if (status)
        forget_registers();
    return status;
}

static void __exit exits_exit(void) {
    misc_deregister(&device);
    forget_registers();
}

module_init(exits_init);
module_exit(exits_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times operations that leave a guest and that only a kernel may do");
