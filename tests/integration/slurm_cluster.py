# SPDX-License-Identifier: GPL-3.0-or-later
"""A Slurm cluster of this machine's own: munged, slurmctld and a slurmd for each node, in a network namespace, each slurmd in a
namespace of processes, so that what it runs dies with it."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "unshare", "nsenter", "ip")
PATIENCE = 240
# A host's name that stands for all of them: 127.0.0.1 in the namespace.
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmctldPort=16817
SlurmdTimeout=5
SlurmctldTimeout=30
KillWait=2
MinJobAge=300
SchedulerParameters=sched_interval=1,batch_sched_delay=0
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/spool-%n
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdLogFile={folder}/slurmd-%n.log
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def need():
    if os.geteuid() != 0:
        raise unittest.SkipTest("skipped: Slurm's daemons are started by root")
    for tool in TOOLS:
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            raise unittest.SkipTest(f"skipped: {tool} is not installed (slurm-wlm, munge)")
    probe = subprocess.run(["unshare", "--net", "--pid", "--fork", "--mount-proc", "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        raise unittest.SkipTest(f"skipped: no namespaces can be made here: {probe.stderr.strip()}")


class Cluster:
    def __init__(self, names):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-slurm-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.processes = []
        self.daemons = {}
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"),
                                PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
        host = os.uname().nodename
        nodes = "\n".join(f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={17001 + i} CPUs=1 State=UNKNOWN"
                          for i, name in enumerate(names))
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(host=host, folder=self.folder, nodes=nodes))
        (self.folder / "state").mkdir()
        try:
            self.start(names)
        except BaseException:
            self.end()
            raise

    def start(self, names):
        self.holder = self.spawn("unshare", "--net", "sleep", "infinity")
        self.wait_until(self.has_network, "a network namespace")
        # Daemons look for an address that is not loopback's before they listen.
        self.inside("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        self.inside("ip", "address", "add", "192.0.2.1/24", "dev", "v0")
        for link in ("lo", "v0", "v1"):
            self.inside("ip", "link", "set", link, "up")
        self.start_munge()
        self.spawn(*self.prefix(), "slurmctld", "-D")
        for name in names:
            (self.folder / f"spool-{name}").mkdir()
            self.daemons[name] = self.spawn(*self.prefix(), "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                                            "slurmd", "-D", "-N", name)
        self.wait_until(lambda: self.idle() == len(names), "the nodes to be idle")

    def prefix(self):
        return ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")

    def spawn(self, *command):
        log = open(self.folder / "daemons.log", "ab")
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   cwd=self.folder)
        log.close()
        self.processes.append(process)
        return process

    def inside(self, *command):
        return subprocess.run([*self.prefix(), *command], env=self.environment, check=True, capture_output=True, text=True,
                              timeout=PATIENCE).stdout

    def has_network(self):
        return os.readlink(f"/proc/{self.holder.pid}/ns/net") != os.readlink("/proc/self/ns/net")

    def start_munge(self):
        folder = self.folder / "munge"
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
        (folder / "key").write_bytes(os.urandom(128))
        (folder / "key").chmod(0o400)
        for path in (folder, folder / "key"):
            shutil.chown(path, "munge", "munge")
        self.spawn("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "munged", "--foreground",
                   f"--key-file={folder / 'key'}", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}",
                   f"--log-file={folder / 'log'}", f"--seed-file={folder / 'seed'}")
        self.wait_until((folder / "socket").exists, "munged")

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                logs = "\n".join(f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in self.folder.glob("*.log"))
                raise AssertionError(f"waited in vain for {what}\n{logs}")
            time.sleep(0.1)

    def idle(self):
        found = subprocess.run([*self.prefix(), "sinfo", "--noheader", "--Node", "--format=%T"], env=self.environment,
                               capture_output=True, text=True, timeout=PATIENCE)
        return found.stdout.split().count("idle")

    def kill(self, name):
        """The node's daemon and, in its namespace, all that it runs."""
        self.daemons[name].kill()
        self.daemons[name].wait(PATIENCE)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM if process not in self.daemons.values() else signal.SIGKILL)
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
