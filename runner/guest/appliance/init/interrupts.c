/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/* On an emulated host whose clock counts instructions: a guest of KVM leaves right after an interrupt that it
 * is given shortly before one of the host's timers. QEMU's SVM (helper_vmrun, 7.2) keeps the number of an
 * interrupt that it has delivered until the guest next leaves; where its budget of instructions ends before
 * that, as it does at every timer, it delivers it once more, whether or not the guest takes interrupts, and a
 * guest that holds the lock of its handler waits for ever.
 *
 * Three BPF programs: where the kernel sets its timer, one notes the time; where KVM gives an interrupt, one
 * notes so; where KVM then enters the guest, which is with interrupts off, and the time is near, the third
 * has the kernel send itself an interrupt, as bpf_send_signal does in such a place (signal 0 reaches nobody),
 * and the guest leaves for that before its next instruction. To leave after every interrupt would cost 7 to
 * 9% of the short requests a second; this costs 2 to 4%. */
#include "guest/appliance/init/init.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of 8,000 interrupts in a boot 150 were followed by a longer time without leaving. */
#define NEAR_NS 250000
/* A note for each processor, at twice eight bytes: whether it gave an interrupt, and its timer. What is
 * beyond shares them. */
#define NOTES 256
#define NOTE_SHIFT 4
#define GIVEN 0
#define TIMER 8
/* Where a probed function's first argument is (struct pt_regs, rdi). */
#define FIRST_ARGUMENT 112
#define PROGRAM_MAX 24

struct program {
    enum bpf_prog_type type;
    struct bpf_insn lines[PROGRAM_MAX];
    uint32_t n_lines;
};

static void add(struct program *program, struct bpf_insn line) {
    program->lines[program->n_lines++] = line;
}

static void add_set(struct program *program, uint8_t to, int32_t value) {
    add(program, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, .imm = value});
}

static void add_of_registers(struct program *program, uint8_t operation, uint8_t to, uint8_t from) {
    add(program, (struct bpf_insn){.code = BPF_ALU64 | operation | BPF_X, .dst_reg = to, .src_reg = from});
}

static void add_load(struct program *program, uint8_t to, uint8_t from, int16_t offset) {
    add(program,
        (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = to, .src_reg = from, .off = offset});
}

static void add_jump(struct program *program, uint8_t condition, int32_t value, int16_t over) {
    add(program, (struct bpf_insn){
                     .code = BPF_JMP | condition | BPF_K, .dst_reg = BPF_REG_1, .imm = value, .off = over});
}

static void add_call(struct program *program, int32_t function) {
    add(program, (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = function});
}

/* Register 6 leads to this processor's note. */
static void add_find_note(struct program *program, int notes) {
    add(program, (struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM,
                                   .dst_reg = BPF_REG_6,
                                   .src_reg = BPF_PSEUDO_MAP_VALUE,
                                   .imm = notes});
    add(program, (struct bpf_insn){0}); /* the second half of an address */
    add_call(program, BPF_FUNC_get_smp_processor_id);
    add(program,
        (struct bpf_insn){.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_0, .imm = NOTES - 1});
    add(program,
        (struct bpf_insn){.code = BPF_ALU64 | BPF_LSH | BPF_K, .dst_reg = BPF_REG_0, .imm = NOTE_SHIFT});
    add_of_registers(program, BPF_ADD, BPF_REG_6, BPF_REG_0);
}

static void add_note_given(struct program *program, int32_t value) {
    add(program, (struct bpf_insn){
                     .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_6, .off = GIVEN, .imm = value});
}

static void add_end(struct program *program) {
    add_set(program, BPF_REG_0, 0);
    add(program, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

static struct program write_timed(int notes) {
    struct program program = {.type = BPF_PROG_TYPE_KPROBE};

    add_load(&program, BPF_REG_7, BPF_REG_1, FIRST_ARGUMENT);
    add_find_note(&program, notes);
    add(&program,
        (struct bpf_insn){
            .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_7, .off = TIMER});
    add_end(&program);
    return program;
}

static struct program write_given(int notes) {
    struct program program = {.type = BPF_PROG_TYPE_RAW_TRACEPOINT};

    add_find_note(&program, notes);
    add_note_given(&program, 1);
    add_end(&program);
    return program;
}

static struct program write_entered(int notes) {
    struct program program = {.type = BPF_PROG_TYPE_RAW_TRACEPOINT};

    add_find_note(&program, notes);
    add_load(&program, BPF_REG_1, BPF_REG_6, GIVEN);
    add_jump(&program, BPF_JEQ, 0, 7); /* to its end */
    add_note_given(&program, 0);
    add_call(&program, BPF_FUNC_ktime_get_ns);
    add_load(&program, BPF_REG_1, BPF_REG_6, TIMER);
    add_of_registers(&program, BPF_SUB, BPF_REG_1, BPF_REG_0);
    add_jump(&program, BPF_JSGT, NEAR_NS, 2); /* to its end */
    add_set(&program, BPF_REG_1, 0);
    add_call(&program, BPF_FUNC_send_signal);
    add_end(&program);
    return program;
}

static int bpf(enum bpf_cmd command, union bpf_attr *attributes) {
    return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int load(const struct program *program) {
    union bpf_attr attributes = {.prog_type = program->type,
                                 .insns = (uintptr_t)program->lines,
                                 .insn_cnt = program->n_lines,
                                 .license = (uintptr_t) "GPL"};

    return bpf(BPF_PROG_LOAD, &attributes);
}

/* Runs the program whenever the kernel passes the tracepoint, as long as the descriptor is open. */
static int attach(const char *tracepoint, const struct program *program) {
    int fd = load(program);
    union bpf_attr attributes = {.raw_tracepoint = {.name = (uintptr_t)tracepoint, .prog_fd = (uint32_t)fd}};

    return fd < 0 ? -1 : bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
}

/* The same whenever the kernel calls the function. */
static int attach_function(const char *function, const struct program *program) {
    FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
    struct perf_event_attr event = {.size = sizeof(event), .kprobe_func = (uintptr_t)function};
    int fd = load(program), probe = -1;

    if (file && fscanf(file, "%u", &event.type) == 1 && fd >= 0)
        probe = (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (file)
        (void)fclose(file);
    return probe < 0 || ioctl(probe, PERF_EVENT_IOC_SET_BPF, fd) < 0 ? -1
                                                                     : ioctl(probe, PERF_EVENT_IOC_ENABLE, 0);
}

int leave_on_interrupts(void) {
    union bpf_attr map = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = NOTES << NOTE_SHIFT, .max_entries = 1};
    int notes = bpf(BPF_MAP_CREATE, &map);
    struct program timed = write_timed(notes), given = write_given(notes), entered = write_entered(notes);

    if (notes < 0 || attach_function("tick_program_event", &timed) < 0 ||
        attach("kvm_inj_virq", &given) < 0 || attach("kvm_entry", &entered) < 0)
        return -errno;
    /* A process keeps the descriptors open. */
    if (fork() == 0)
        for (;;)
            (void)pause();
    return 0;
}
