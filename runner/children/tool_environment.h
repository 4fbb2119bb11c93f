/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs of the system that are started here see of the environment. */
#ifndef VMSUITE_RUNNER_CHILDREN_TOOL_ENVIRONMENT_H
#define VMSUITE_RUNNER_CHILDREN_TOOL_ENVIRONMENT_H

/* Takes all that is no absolute path out of PATH, as the program begins: whoever may write to the working
 * folder would choose what is run. */
void tool_environment_begin(void);

/* Ours, but for what would have them do something other than their arguments say (options of tar and make,
 * files that shells read first, what squeue leaves out of its list), and in the language C, in which their
 * answers are read. The array is the caller's to free, its texts are not; NULL without memory. */
char **tool_environment(void);

#endif
