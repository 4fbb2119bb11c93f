/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Containers and confidential guests, in a few lines each, from published values. */
#include "fakes/fake_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <vmsuite/module.h>

#define LOG "/dev/kmsg"
#define HARDWARE "hardware-assisted guest"

static const struct guest guests[] = {
    /* Containers. */
    {.title = "WSL 2 with a kernel of its owner's",
     .processor = BIT_SET,
     .signatures = {"Microsoft Hv"},
     .acpi = "VRTUAL",
     .files = {{"/proc/sys/kernel/osrelease", "6.6.9-custom\n"}, {"/run/WSL/1_interop", ""}},
     .virtualization = "hyper-v",
     .kind = HARDWARE,
     .interface = "hyper-v",
     .container = "wsl"},
    {.title = "WSL 1, which is no virtual machine",
     .processor = BIT_CLEAR,
     .files = {{"/proc/sys/kernel/osrelease", "4.4.0-19041-Microsoft\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "wsl"},
    {.title = "LXC in a guest",
     .processor = BIT_SET,
     .signatures = {"KVMKVMKVM"},
     .acpi = "BOCHS",
     .files = {{"/run/systemd/container", "lxc\n"}},
     .virtualization = "kvm",
     .kind = HARDWARE,
     .interface = "kvm",
     .container = "lxc"},
    {.title = "Podman in a pod of Kubernetes",
     .processor = BIT_CLEAR,
     .files = {{"/run/.containerenv", ""}, {"/proc/1/cgroup", "0::/kubepods.slice/libpod-1\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "podman"},
    {.title = "a pod whose control group and environment are hidden",
     .processor = BIT_CLEAR,
     .files = {{"/proc/1/cgroup", "0::/\n"},
               {"/proc/self/mountinfo",
                "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/var/lib/x\n"
                "2 1 8:1 /var/lib/kubelet/pods/1/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "kubernetes"},
    {.title = "a pod of containerd, by its mounts alone",
     .processor = BIT_CLEAR,
     .files =
         {{"/proc/self/mountinfo",
           "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.x\n"
           "2 1 0:8 / /run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "kubernetes"},
    {.title = "containerd without a manager",
     .processor = BIT_CLEAR,
     .files =
         {{"/proc/self/mountinfo",
           "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.x\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "containerd"},
    {.title = "a pod of Docker's, by its control group",
     .processor = BIT_CLEAR,
     .files = {{"/proc/1/cgroup", "0::/kubepods.slice/kubepods-pod1.slice/docker-1.scope\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "kubernetes"},
    {.title = "a pod of Docker's, in which Docker's own file is seen",
     .processor = BIT_CLEAR,
     .files = {{"/.dockerenv", ""}, {"/run/secrets/kubernetes.io/serviceaccount/token", ""}},
     .virtualization = "native",
     .kind = "none",
     .container = "docker"},
    {.title = "a pod whose first process's environment is not readable",
     .processor = BIT_CLEAR,
     .files = {{"/proc/self/environ", "KUBERNETES_SERVICE_HOST=10.96.0.1"}},
     .virtualization = "native",
     .kind = "none",
     .container = "kubernetes"},
    {.title = "a host that runs containers is none itself",
     .processor = BIT_CLEAR,
     .files =
         {{"/proc/self/mountinfo",
           "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
           "2 1 0:9 / /run/containerd/1/rootfs rw - overlay overlay rw,lowerdir=/var/lib/containerd/"
           "io.containerd.snapshotter.v1.overlayfs/1\n"
           "3 1 0:8 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/2\n"
           "4 1 0:7 / /var/lib/kubelet/pods/1/volumes rw - tmpfs tmpfs rw\n"}},
     .virtualization = "native",
     .kind = "none"},
    {.title = "Docker's root, where nothing else shows",
     .processor = BIT_CLEAR,
     .files = {{"/proc/self/mountinfo",
                "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "docker"},
    {.title = "a manager that nobody knows",
     .processor = BIT_CLEAR,
     .files = {{"/run/host/container-manager", "frobnicate\n"}},
     .virtualization = "native",
     .kind = "none",
     .container = "other"},
    /* Confidential guests. */
    {.title = "SEV-SNP by CPUID",
     .processor = BIT_SET,
     .signatures = {"KVMKVMKVM"},
     .acpi = "BOCHS",
     .cpuid = "80000000 0 80000021 0 0 0\n8000001f 0 1a 0 0 0\n",
     .virtualization = "kvm",
     .kind = HARDWARE,
     .interface = "kvm",
     .confidential = "AMD SEV-SNP"},
    {.title = "a host that could have SEV guests",
     .processor = BIT_CLEAR,
     .cpuid = "80000000 0 80000021 0 0 0\n8000001f 0 1a 0 0 0\n",
     .virtualization = "native",
     .kind = "none"},
    {.title = "TDX by CPUID",
     .processor = BIT_SET,
     .signatures = {"KVMKVMKVM"},
     .acpi = "BOCHS",
     .cpuid = "00000021 0 0 65746e49 20202020 5844546c\n",
     .virtualization = "kvm",
     .kind = HARDWARE,
     .interface = "kvm",
     .confidential = "Intel TDX"},
    {.title = "SEV-ES by the kernel's log",
     .processor = BIT_SET,
     .signatures = {"KVMKVMKVM"},
     .acpi = "Google",
     .files =
         {{LOG,
           "[    0.0] Hypervisor detected: KVM\n[    0.7] Memory Encryption Features active: AMD SEV SEV-ES\n"}},
     .virtualization = "kvm",
     .kind = HARDWARE,
     .interface = "kvm",
     .confidential = "AMD SEV SEV-ES"},
    {.title = "SEV-SNP in Azure, as Hyper-V says it",
     .processor = BIT_SET,
     .signatures = {"Microsoft Hv"},
     .acpi = "VRTUAL",
     .cpuid = "40000003 0 0 400000 0 0\n4000000c 0 0 2 0 0\n",
     .virtualization = "hyper-v",
     .kind = HARDWARE,
     .interface = "hyper-v",
     .confidential = "AMD SEV-SNP"},
    {.title = "Secure Execution on s390",
     .files = {{"/proc/sysinfo", "VM00 Control Program: KVM/Linux\n"},
               {"/sys/firmware/uv/prot_virt_guest", "1\n"}},
     .virtualization = "kvm",
     .kind = HARDWARE,
     .interface = "kvm",
     .confidential = "IBM Secure Execution"},
};

int main(void) {
    struct CMUnitTest tests[VMS_LENGTH(guests)];

    for (size_t i = 0; i < VMS_LENGTH(guests); i++)
        tests[i] = (struct CMUnitTest){.name = guests[i].title,
                                       .test_func = fake_guest_is_recognised,
                                       .initial_state = (void *)&guests[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
