/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of the modules that measure processors and memory. */
#ifndef VMSUITE_TESTS_MODULES_REFUSALS_MACHINE_H
#define VMSUITE_TESTS_MODULES_REFUSALS_MACHINE_H

#define MEMLAT "memlat", "size=64KiB seconds=10ms affinity=0", false
#define STREAM "stream", "array_size=1MiB threads=1 affinity=0", false
#define STALL "stall", "seconds=10ms processors=0", false
#define CPU "cpu", "what=system_call samples=10 affinity=0 interval=1ms", false
#define SWITCH "cpu", "what=switch samples=10 affinity=0 interval=1ms", false
#define MEMORY "cpu", "what=memory samples=10 affinity=0 interval=1ms", false
#define EXITS_PAGE_FAULT "exits", "operation=page_fault samples=10", false
#define EXITS_TIMER "exits", "operation=timer_arm samples=10", false
#define EXITS "exits", "operation=system_call samples=10", false
#define EXITS_WAKE "exits", "operation=wake_up samples=10 affinity=0-1", false
#define EXITS_IPI "exits", "operation=ipi samples=10 affinity=0-1", false
#define EXITS_SHOOTDOWN "exits", "operation=tlb_shootdown samples=10 affinity=0-1", false

static const struct refused refused_machine[] = {
    {MEMLAT, "madvise", 1, EPERM, 0, ""},
    {MEMLAT, "madvise", 2, EPERM, 0, ""},
    {MEMLAT, "sched_getaffinity", 1, EPERM, -EPERM,
     "the processors that may be used: Operation not permitted"},
    {MEMLAT, "sched_setaffinity", 1, EPERM, -EPERM, "binding to processor 0: Operation not permitted"},
    {MEMLAT, "hwloc_topology_load", 1, EPERM, -EIO, "hwloc cannot read the topology of this machine"},
    {MEMLAT, "hwloc_topology_restrict", 1, EPERM, -EIO,
     "the processors that may be used: Operation not permitted"},
    {MEMLAT, "hwloc_get_cpubind", 1, EPERM, -EIO, "the processors that may be used: Operation not permitted"},
    {MEMLAT, "malloc", 1, ENOMEM, -ENOMEM, "no memory for 100000 times"},
    {MEMLAT, "malloc", 2, ENOMEM, -ENOMEM, "no memory for the order of 1024 lines"},
    {MEMLAT, "malloc", 3, ENOMEM, -ENOMEM, "no memory for the order of 1024 lines"},
    {MEMLAT, "calloc", 1, ENOMEM, -ENOMEM, "no memory for the state of the case"},
    {MEMLAT, "hwloc_bitmap_alloc", 1, EPERM, -EIO,
     "the processors that may be used: Operation not permitted"},
    {MEMLAT, "__sched_cpualloc", 1, EPERM, -ENOMEM, "binding to processor 0: Cannot allocate memory"},
    {MEMLAT, "mmap", 1, EPERM, -ENOMEM, "the chain: mapping 65536 bytes: Operation not permitted"},
    {MEMLAT, "mmap", 2, EPERM, -ENOMEM, "the chain: mapping 65536 bytes: Operation not permitted"},
    {MEMLAT, "hwloc_topology_init", 1, EPERM, -ENOMEM, "no memory for the topology of this machine"},
    {STREAM, "getrusage", 1, EPERM, 0, ""},
    {STREAM, "sched_getaffinity", 1, EPERM, -EPERM,
     "the processors that may be used: Operation not permitted"},
    {STREAM, "sched_setaffinity", 1, EPERM, -EPERM,
     "binding a thread to its processor: Operation not permitted"},
    {STREAM, "hwloc_topology_load", 1, EPERM, -EIO, "hwloc cannot read the topology of this machine"},
    {STREAM, "hwloc_topology_load", 2, EPERM, -EIO, "hwloc cannot read the topology of this machine"},
    {STREAM, "hwloc_topology_restrict", 1, EPERM, -EIO,
     "the processors that may be used: Operation not permitted"},
    {STREAM, "hwloc_get_cpubind", 1, EPERM, -EIO, "the processors that may be used: Operation not permitted"},
    {STREAM, "calloc", 1, ENOMEM, -ENOMEM, "no memory for the state of the case"},
    {STREAM, "hwloc_bitmap_alloc", 1, EPERM, -EIO,
     "the processors that may be used: Operation not permitted"},
    {STREAM, "__sched_cpualloc", 1, EPERM, -ENOMEM,
     "binding a thread to its processor: Cannot allocate memory"},
    {STREAM, "mmap", 1, EPERM, -ENOMEM, "the three arrays: mapping 3147776 bytes: Operation not permitted"},
    {STREAM, "hwloc_topology_init", 1, EPERM, -ENOMEM, "no memory for the topology of this machine"},
    {STREAM, "hwloc_topology_init", 2, EPERM, -ENOMEM, "no memory for the topology of this machine"},
    {STALL, "getrusage", 1, EPERM, 0, ""},
    {STALL, "sched_getaffinity", 1, EPERM, 0, "affinity_of_process: unknown: Operation not permitted\n"},
    {STALL, "sched_setaffinity", 1, EPERM, -EPERM, "binding to processor 0: Operation not permitted"},
    {STALL, "hwloc_topology_load", 1, EPERM, -EIO, "hwloc cannot read the topology of this machine"},
    {STALL, "hwloc_topology_restrict", 1, EPERM, -EIO,
     "processors: the processors that may be used: Operation not permitted"},
    {STALL, "hwloc_get_cpubind", 1, EPERM, -EIO,
     "processors: the processors that may be used: Operation not permitted"},
    {STALL, "malloc", 1, ENOMEM, -ENOMEM, "no memory for the gaps of 1 processors"},
    {STALL, "malloc", 2, ENOMEM, -ENOMEM, "no memory for 16384 gaps on each of 1 processors"},
    {STALL, "calloc", 1, ENOMEM, -ENOMEM, "no memory for the state of the case"},
    {STALL, "calloc", 2, ENOMEM, -ENOMEM, "no memory for the gaps of 1 processors"},
    {STALL, "calloc", 3, ENOMEM, -ENOMEM, "no memory for 1 threads"},
    {STALL, "hwloc_bitmap_alloc", 1, EPERM, -EIO,
     "processors: the processors that may be used: Operation not permitted"},
    {STALL, "__sched_cpualloc", 1, EPERM, -ENOMEM, "binding to processor 0: Cannot allocate memory"},
    {STALL, "pthread_create", 1, EPERM, -EPERM, "starting thread 1 of 1: Operation not permitted"},
    {STALL, "hwloc_topology_init", 1, EPERM, -ENOMEM, "no memory for the topology of this machine"},
    {CPU, "sched_getaffinity", 1, EPERM, -EPERM, "the processors that may be used: Operation not permitted"},
    {CPU, "sched_setaffinity", 1, EPERM, -EPERM, "binding to processor 0: Operation not permitted"},
    {CPU, "hwloc_topology_load", 1, EPERM, -EIO, "hwloc cannot read the topology of this machine"},
    {CPU, "hwloc_topology_restrict", 1, EPERM, -EIO,
     "the processors that may be used: Operation not permitted"},
    {CPU, "hwloc_get_cpubind", 1, EPERM, -EIO, "the processors that may be used: Operation not permitted"},
    {CPU, "calloc", 1, ENOMEM, -ENOMEM, "no memory for the state of the case"},
    {CPU, "calloc", 2, ENOMEM, -ENOMEM, "no memory for 10 samples"},
    {CPU, "hwloc_bitmap_alloc", 1, EPERM, -EIO, "the processors that may be used: Operation not permitted"},
    {CPU, "__sched_cpualloc", 1, EPERM, -ENOMEM, "binding to processor 0: Cannot allocate memory"},
    {CPU, "hwloc_topology_init", 1, EPERM, -ENOMEM, "no memory for the topology of this machine"},
    {SWITCH, "read", 1, EPERM, -EPIPE, "switch_pipe: the second process has ended"},
    {SWITCH, "write", 1, EPERM, -EPIPE, "switch_pipe: the second process has ended"},
    {SWITCH, "pipe2", 1, EPERM, -EPERM, "switch_pipe: starting the second process: Operation not permitted"},
    {SWITCH, "pipe2", 2, EPERM, -EPERM, "switch_pipe: starting the second process: Operation not permitted"},
    {SWITCH, "fork", 1, EPERM, -EPERM, "switch_pipe: starting the second process: Operation not permitted"},
    {SWITCH, "waitpid", 1, EPERM, -ECHILD, "switch_pipe: the second process ended with status 0"},
    {SWITCH, "calloc", 3, ENOMEM, -ENOMEM, "switch_pipe: no memory for the state of the measurement"},
    {MEMORY, "madvise", 2, EPERM, -EPERM, "page_fault: madvise: Operation not permitted"},
    {MEMORY, "mprotect", 1, EPERM, -EPERM, "mprotect: mprotect: Operation not permitted"},
    {MEMORY, "mprotect", 2, EPERM, -EPERM, "mprotect: mprotect: Operation not permitted"},
    {MEMORY, "calloc", 3, ENOMEM, -ENOMEM, "page_fault: no memory for the state of the measurement"},
    {MEMORY, "mmap", 1, EPERM, -ENOMEM,
     "page_fault: the pages: mapping 16777216 bytes: Operation not permitted"},
    {EXITS_PAGE_FAULT, "madvise", 2, EPERM, -EPERM, "page_fault: madvise: Operation not permitted"},
    {EXITS_PAGE_FAULT, "calloc", 4, ENOMEM, -ENOMEM,
     "page_fault: no memory for the state of the measurement"},
    {EXITS_PAGE_FAULT, "mmap", 1, EPERM, -ENOMEM,
     "page_fault: the pages: mapping 16777216 bytes: Operation not permitted"},
    {EXITS_TIMER, "timerfd_create", 1, EPERM, -EPERM, "timer_arm: making a timer: Operation not permitted"},
    {EXITS_TIMER, "timerfd_settime", 1, EPERM, -EPERM, "timer_arm: setting a timer: Operation not permitted"},
    {EXITS_TIMER, "timerfd_settime", 2, EPERM, -EPERM, "timer_arm: setting a timer: Operation not permitted"},
    {EXITS_TIMER, "timerfd_gettime", 1, EPERM, -EBADMSG,
     "timer_arm: verification failed: the timer was not set"},
    {EXITS_WAKE, "sched_setaffinity", 2, EPERM, -EPERM,
     "wake_up: binding to processor 1: Operation not permitted"},
    {EXITS_WAKE, "pthread_create", 1, EPERM, -EPERM,
     "wake_up: starting the second thread: Operation not permitted"},
    {EXITS_IPI, "sched_setaffinity", 2, EPERM, -EPERM,
     "ipi: binding to processor 1: Operation not permitted"},
    {EXITS_IPI, "pthread_create", 1, EPERM, -EPERM,
     "ipi: starting the second thread: Operation not permitted"},
    {EXITS_SHOOTDOWN, "mprotect", 1, EPERM, -EPERM, "tlb_shootdown: mprotect: Operation not permitted"},
    {EXITS_SHOOTDOWN, "mprotect", 2, EPERM, -EPERM, "tlb_shootdown: mprotect: Operation not permitted"},
    {EXITS, "calloc", 1, ENOMEM, -ENOMEM, "no memory for the state of the case"},
    {EXITS, "calloc", 2, ENOMEM, -ENOMEM, "no memory for 10 samples"},
    {EXITS, "hwloc_topology_init", 1, EPERM, -ENOMEM, "no memory for the topology of this machine"},
};
#undef MEMLAT
#undef STREAM
#undef STALL
#undef CPU
#undef SWITCH
#undef MEMORY
#undef EXITS_PAGE_FAULT
#undef EXITS_TIMER
#undef EXITS
#undef EXITS_WAKE
#undef EXITS_IPI
#undef EXITS_SHOOTDOWN

#endif
