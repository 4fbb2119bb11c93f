/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/kernels.h"

static const struct kernels *when(int supported, const struct kernels *kernels) {
    return supported ? kernels : NULL;
}

const struct kernels *kernels_choose(enum kernel kernel, enum isa isa) {
    int is_portable = kernel == KERNEL_PORTABLE;
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int has_avx512 = __builtin_cpu_supports("avx512f");

    if (isa == ISA_AUTO)
        isa = has_avx512 ? ISA_AVX512 : has_avx2 ? ISA_AVX2 : ISA_BASELINE;
    if (isa == ISA_AVX512)
        return when(has_avx512, is_portable ? &portable_avx512 : &streaming_avx512);
    if (isa == ISA_AVX2)
        return when(has_avx2, is_portable ? &portable_avx2 : &streaming_avx2);
    return is_portable ? &portable_baseline : &streaming_baseline;
}
