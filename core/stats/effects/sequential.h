/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at a comparison while its runs are still being made, with one error for all of them. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_SEQUENTIAL_H
#define VMSUITE_CORE_STATS_EFFECTS_SEQUENTIAL_H

#include <stddef.h>

#define SEQUENTIAL_ERROR 0.05 /* of a table with any false verdict, however often it is looked at */

/*
 * Who compares after every round at 5% and stops where something is found is wrong in up to 16% of tables.
 * Here the error is spent: up to the share t of all rounds, 2 - 2 Phi(z / sqrt(t)) of it, z being the normal
 * quantile of error / 2, which resembles O'Brien and Fleming's boundaries (Lan and DeMets 1983). Little is
 * spent early, when few runs show little anyway.
 *
 * A look is at the increment since the look before, so that all looks together err at most as often as
 * `error`, whatever depends on what. Boundaries from the joint distribution of the looks would be a little
 * sharper for one claim, but are too wide for one of many that share an error: far out in the tails looks are
 * nearly independent.
 */
struct sequential {
    double error; /* of all looks together */
    size_t most;  /* rounds that are made at most */
    double spent; /* up to the last look */
};

/* The error that is spent once the share `fraction` (from 0 to 1) of the rounds is made. */
double sequential_spent(double error, double fraction);

/* Begins a set of at most `most` rounds, with nothing of the error spent. */
void sequential_init(struct sequential *sequential, double error, size_t most);

/* The error of a look after `rounds` rounds, more than at the look before: claims with p-values (stepped
 * down) up to it may be made, and stay made. After the last round it is all that is left. Not looking spends
 * nothing. */
double sequential_look(struct sequential *sequential, size_t rounds);

/* As it stands before a look after `rounds` rounds, where there was one after each from `first` on. Any
 * numbers. */
void sequential_resume(struct sequential *sequential, size_t first, size_t rounds);

#endif
