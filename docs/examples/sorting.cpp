// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A module in C++: how fast std::sort sorts random numbers. No exception may leave a function that the host calls, and the
 * descriptor has to be a constant, because modules are listed without any code of theirs being run.
 *
 *     c++ -std=c++17 -shared -fPIC -fvisibility=hidden $(pkg-config --cflags vmsuite) -o sorting.so sorting.cpp
 *     vmsuite module try sorting.so numbers=100000
 */
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <numeric>
#include <random>
#include <vector>
#include <vmsuite/module.h>

namespace {

enum { PARAM_NUMBERS };
constexpr vms_param params[] = {
    {"numbers", VMS_COUNT, "1000000", "2", "100000000", nullptr, "How many numbers a trial sorts.",
     VMS_ROLE_SIZE},
};

enum { METRIC_SORTED };
constexpr vms_metric metrics[] = {
    {"sorted", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Numbers sorted in a second.",
     VMS_ROLE_HEADLINE},
};

int fail(vms_error *error, int status, const char *text) {
    std::snprintf(error->text, sizeof(error->text), "%s", text);
    return status;
}

// Trials sort the same numbers, which follow from the case's seed.
int prepare(const vms_host *host, const vms_value *values, void **ret_state, vms_error *error) {
    try {
        auto *numbers = new std::vector<std::uint64_t>(values[PARAM_NUMBERS].count);
        std::mt19937_64 random(host->seed);

        std::generate(numbers->begin(), numbers->end(), random);
        *ret_state = numbers;
        return 0;
    } catch (const std::bad_alloc &) {
        return fail(error, -ENOMEM, "not enough memory for the numbers: make numbers smaller");
    }
}

int measure(const vms_host *host, const vms_value *, void *state, vms_error *error) {
    const auto &given = *static_cast<const std::vector<std::uint64_t> *>(state);

    try {
        std::vector<std::uint64_t> numbers(given);
        const std::uint64_t start = host->now(host->context);

        std::sort(numbers.begin(), numbers.end());
        const std::uint64_t end = host->now(host->context);

        // Sorted, and the same numbers: their sum is.
        if (!std::is_sorted(numbers.begin(), numbers.end()) ||
            std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0}) !=
                std::accumulate(given.begin(), given.end(), std::uint64_t{0}))
            return fail(error, -EIO, "the numbers are not sorted");
        return host->sample(host->context, METRIC_SORTED,
                            static_cast<double>(numbers.size()) * 1e9 / static_cast<double>(end - start));
    } catch (const std::bad_alloc &) {
        return fail(error, -ENOMEM, "not enough memory for the numbers: make numbers smaller");
    }
}

void cleanup(void *state) {
    delete static_cast<std::vector<std::uint64_t> *>(state);
}

void estimate(const vms_value *values, vms_estimate *ret) {
    ret->seconds = static_cast<double>(values[PARAM_NUMBERS].count) * 100e-9;
    ret->memory = values[PARAM_NUMBERS].count * 16;
}

// VMS_MODULE_ABI names fields out of their order, which C++ does not take.
constexpr vms_module describe() {
    vms_module module{};

    module.abi_major = VMS_ABI_MAJOR;
    module.abi_minor = VMS_ABI_MINOR;
    module.size = sizeof(vms_module);
    module.param_size = sizeof(vms_param);
    module.metric_size = sizeof(vms_metric);
    module.fact_size = sizeof(vms_fact);
    module.name = "sorting";
    module.summary = "An example of a module in C++: sorts numbers.";
    module.resource = VMS_CPU;
    module.workload_version = 1;
    module.params = params;
    module.n_params = VMS_LENGTH(params);
    module.metrics = metrics;
    module.n_metrics = VMS_LENGTH(metrics);
    module.prepare = prepare;
    module.measure = measure;
    module.cleanup = cleanup;
    module.estimate = estimate;
    return module;
}

} // namespace

constexpr vms_module vms_module_v1 = describe();
