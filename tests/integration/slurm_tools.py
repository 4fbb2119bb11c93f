# SPDX-License-Identifier: GPL-3.0-or-later
"""Small tools in the place of Slurm's own, for tests of `vmsuite fleet`: they note how they were called, and answer what the
test has put beside them."""
import os

# Each notes its arguments, a line each. sbatch gives numbers from 41 on, as a cluster among several does; it waits where
# there is a gate, and refuses where there is a refusal.
SCRIPTS = {
    "scontrol": 'printf "%s\\n" "$@" >"$TOOLS/scontrol.said"\ncat "$TOOLS/hosts"',
    "squeue": 'printf "%s\\n" "$@" >"$TOOLS/squeue.said"\ncat "$TOOLS/queue"',
    "sbatch": 'n=$(($(cat "$TOOLS/number") + 1))\necho $n >"$TOOLS/number"\nprintf "%s\\n" "$@" >"$TOOLS/sbatch.$n"\n'
              'umask >"$TOOLS/umask.$n"\n[ ! -e "$TOOLS/gate" ] || { : >"$TOOLS/waits"; read line <"$TOOLS/gate"; }\n'
              '[ ! -e "$TOOLS/refusal" ] || { cat "$TOOLS/refusal" >&2; exit 1; }\necho "$n;odd"',
}
FIRST = 41


def make_tools(case, *hosts):
    """The folder "tools" of a case, first in its path: `hosts` are the nodes that every list of them means."""
    tools = case.folder / "tools"
    tools.mkdir()
    for name, text in SCRIPTS.items():
        case.write(f"tools/{name}", f"#!/bin/sh\n{text}\n").chmod(0o755)
    case.write("tools/hosts", "".join(f"{host}\n" for host in hosts))
    case.write("tools/number", f"{FIRST - 1}\n")
    case.write("tools/queue", "")
    case.environment.update(PATH=f"{tools}:{os.environ['PATH']}", TOOLS=str(tools))
    return tools
