/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual/mdoc_module.h"

#include "base/units.h"
#include "manual/mdoc.h"
#include "module/param.h"
#include "record/value.h"

static void write_param(FILE *file, const struct vms_param *param) {
    fprintf(file, ".It Cm %s\n", param->name);
    mdoc_text(file, param->help, true);
    fprintf(file, "Kind: %s", param_kind_name(param->kind));
    for (size_t i = 0; param->choices && param->choices[i]; i++)
        fprintf(file, "%s \"%s\"", i ? "," : ", one of", param->choices[i]);
    if (param->min)
        fprintf(file, ", from %s", param->min);
    if (param->max)
        fprintf(file, "%s up to %s", param->min ? "" : ",", param->max);
    fprintf(file, ".\nThe default is\n.Dq %s .\n", param->fallback);
}

static void write_params(FILE *file, const struct vms_module *module) {
    fputs(".Sh PARAMETERS\n"
          "A suite that gives one of them a list has a case for each element\n"
          ".Pq Xr vmsuite-suite 5 .\n"
          ".Bl -tag -width Ds\n",
          file);
    for (size_t i = 0; i < module->n_params; i++)
        write_param(file, &module->params[i]);
    fputs(".El\n", file);
}

static void write_metric(FILE *file, const struct vms_metric *metric) {
    static const char *const roles[] = {
        [VMS_ROLE_HEADLINE] = "A case is judged by it, where a trial reports it first.\n",
        [VMS_ROLE_DERIVED] = "It is another view of a figure that is reported, too.\n",
        [VMS_ROLE_WORK] = "It is part of what makes two cases the same work.\n",
        [VMS_ROLE_FACT] = "It is a property, and not judged.\n",
    };

    fprintf(file, ".It Cm %s\n", metric->name);
    mdoc_text(file, metric->help, true);
    fprintf(file, "Unit: %s; %s is better", units_name(metric->unit), value_better_name(metric->better));
    fputs(metric->shape == VMS_DISTRIBUTION ? "; a distribution.\n" : ".\n", file);
    if ((size_t)metric->role < VMS_LENGTH(roles) && roles[metric->role])
        fputs(roles[metric->role], file);
}

static void write_facts(FILE *file, const struct vms_module *module) {
    if (module->n_facts == 0)
        return;
    fputs(".Sh FACTS\nWhat a case or trial states beside its figures:\n.Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < module->n_facts; i++) {
        fprintf(file, ".It Cm %s\n", module->facts[i].key);
        mdoc_text(file, module->facts[i].help, true);
    }
    fputs(".El\n", file);
}

static void write_needs(FILE *file, unsigned needs) {
    if (needs & VMS_NEEDS_PEER)
        fputs("It takes a peer\n.Pq Xr vmsuite-serve 1 ,\none on loopback where none is named.\n", file);
    if (needs & VMS_NEEDS_SCRATCH)
        fputs("It writes to the scratch folder of its case.\n", file);
    if (needs & VMS_NEEDS_ROOT)
        fputs("It needs root.\n", file);
}

void mdoc_module(FILE *file, const struct vms_module *module) {
    char page[64];

    snprintf(page, sizeof(page), "vmsuite-%s", module->name);
    mdoc_head(file, page, "7", module->summary);
    fprintf(file, ".Sh DESCRIPTION\nThe module\n.Cm %s\nmeasures the resource %s.\n", module->name,
            value_resource_name(module->resource));
    write_needs(file, module->needs);
    fprintf(file,
            "Its workload version is %u: figures of another are not compared with these.\n"
            ".Ql vmsuite list %s\nprints the same tables.\n",
            module->workload_version, module->name);
    write_params(file, module);
    fputs(".Sh METRICS\n.Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < module->n_metrics; i++)
        write_metric(file, &module->metrics[i]);
    fputs(".El\n", file);
    write_facts(file, module);
    fputs(
        ".Sh SEE ALSO\n.Xr vmsuite 1 ,\n.Xr vmsuite-list 1 ,\n.Xr vmsuite-module 3 ,\n.Xr vmsuite-suite 5\n",
        file);
}
