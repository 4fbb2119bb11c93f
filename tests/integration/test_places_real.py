# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that are real: sshd behind a cable, containers on a tree that holds nothing but a shell and four tools, the network between
two places. What is not installed is skipped with its reason."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

from harness import PATIENCE, SANITIZER, Case, benchmark, descendants, end, main, wait_for
from network import SERVER, Hosts

# What a place needs.
PROGRAMS = ("sh", "mktemp", "head", "tar", "rm")


def need(*tools):
    for tool in tools:
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            raise unittest.SkipTest(f"skipped: {tool} is not installed")


@unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
class Real(Case):
    def setUp(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: containers and namespaces are made by root")
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.environment["TMPDIR"] = str(self.scratch)
        self.environment["VMSUITE_MODULE_PATH"] = f"{self.folder / 'plugins'}:{os.environ['VMSUITE_MODULE_PATH']}"

    def left(self):
        return [path.name for path in self.scratch.iterdir()]

    def tree(self):
        """A system of five programs and their libraries: no package, nothing of vmsuite."""
        tree = self.folder / "tree"
        for folder in ("usr/bin", "usr/lib", "usr/lib64", "etc", "proc", "sys", "dev", "run", "tmp", "var/tmp", "root"):
            (tree / folder).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (tree / name).symlink_to(f"usr/{name}")
        for name in PROGRAMS:
            path = shutil.which(name)
            shutil.copy(os.path.realpath(path), tree / "usr/bin" / name)
            for library in re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", path], capture_output=True, text=True,
                                                                   check=True).stdout):
                target = tree / library.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(os.path.realpath(library), target)
        (tree / "etc" / "os-release").write_text("ID=none\n")
        (tree / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        return tree

    def measured(self, *arguments, **options):
        self.configuration(benchmark("testgood"), benchmark("linpack", params={"seconds": "20ms"}))
        out, err = self.run_program("run", "here.json", *arguments, **options)
        found = {record["configuration"]: record for record in self.records()}
        self.assertEqual({record["status"] for record in found.values()}, {"ok"}, err)
        return found, out

    def inside(self, record):
        return record["environment"]["before"]["container"]


def beside(test):
    """A control group for a container, where one can be made here."""
    root = pathlib.Path("/sys/fs/cgroup")
    group = (root if (root / "cgroup.controllers").exists() else root / "cpu") / f"vmsuite-beside-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    test.addCleanup(lambda: wait_for(lambda: not (group / "cgroup.procs").read_text() and not group.rmdir(), "an empty group"))
    return group


class Nspawn(Real):
    def setUp(self):
        super().setUp()
        need("systemd-nspawn")
        self.box = self.tree()
        probe = subprocess.run(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--pipe", "-D", self.box,
                                "--", "sh", "-c", "exit 0"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                               check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest(f"skipped: systemd-nspawn runs nothing here: {probe.stderr.decode().strip()[-200:]}")

    def test_a_tree_without_any_package(self):
        tree = self.box
        before = sorted(tree.rglob("*"))
        found, out = self.measured("--on", "local", "--on", f"box=nspawn:{tree}", "--on", f"twin=nspawn:{tree}")
        self.assertEqual([self.inside(found[name]) for name in ("box", "twin")], ["systemd-nspawn"] * 2)
        self.assertIn("box", out)
        left = [path for path in sorted(tree.rglob("vmsuite*"))]
        self.assertEqual((left, self.left()), ([], []), before)

    def test_a_tree_that_another_container_has_entered(self):
        other = subprocess.Popen(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--pipe", "-D", self.box,
                                  "--", "sh", "-c", "echo in; read line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(end, other)
        self.assertEqual(other.stdout.readline(), b"in\n")
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--on", f"nspawn:{self.box}", "--on", f"nspawn:{self.box}", status=2)
        self.assertIn("is currently busy", err)
        other.communicate(timeout=PATIENCE)
        self.measured("--on", f"nspawn:{self.box}")

    def test_a_container_that_is_running(self):
        """Its namespaces are entered, and its control groups joined: a limit of its own holds."""
        group = beside(self)
        other = subprocess.Popen(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--pipe", "-D", self.box,
                                  "--", "sh", "-c", "echo in; read line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 preexec_fn=(lambda: (group / "cgroup.procs").write_text("0")) if group else None)
        self.addCleanup(end, other)
        self.assertEqual(other.stdout.readline(), b"in\n")
        inner = max(descendants(other.pid))
        self.assertNotEqual(os.readlink(f"/proc/{inner}/ns/pid"), os.readlink("/proc/self/ns/pid"))
        found, _ = self.measured("--on", f"box=nsenter:{inner}")
        self.assertEqual(self.inside(found["box"]), "systemd-nspawn")
        if group:
            own = set((group / "cgroup.procs").read_text().split())
            self.configuration(benchmark("testslow", params={"seconds": "60s"}), name="slow", suite={"trials": 1})
            run = self.start("run", "slow.json", "--on", f"box=nsenter:{inner}")
            self.addCleanup(end, run)
            wait_for(lambda: set((group / "cgroup.procs").read_text().split()) - own, "an agent in the container's group", run)
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=PATIENCE)
        other.communicate(timeout=PATIENCE)
        self.assertEqual((list(self.box.rglob("vmsuite*")), self.left()), ([], []))
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--on", f"nsenter:{inner}", status=2)
        self.assertIn("is not the number of a process that runs on this machine", err)

    def test_a_container_in_a_network_namespace(self):
        """Its network is that of the namespace: a cable to the other one, where the peer is."""
        need("ip")
        hosts = Hosts(self)
        client, server = hosts.client[-1], hosts.server[-1]
        self.configuration(benchmark("testecho"))
        self.run_program("run", "here.json", "--on", f"box=nspawn:{self.box},network={client}", "--peer", f"netns:{server}")
        record = self.record()
        self.assertEqual((self.inside(record), record["cases"][0]["status"], record["cases"][0]["path"]),
                         ("systemd-nspawn", "ok", "network"))
        _, err = self.run_program("run", "here.json", "--on", f"nspawn:{self.folder},network=../{client}", status=2)
        self.assertIn("the name of a namespace", err)

    def test_a_container_that_is_something_else_is_refused(self):
        self.configuration(benchmark("testgood"), expect={"container": "podman"})
        _, err = self.run_program("run", "here.json", "--on", f"nspawn:{self.box}", status=3)
        self.assertIn("systemd-nspawn", err)


class Podman(Real):
    def setUp(self):
        """An image with the tree in it."""
        super().setUp()
        need("podman", "runc")
        name = f"vmsuite-test-{os.getpid()}"
        tree = self.tree()
        self.environment["CONTAINERS_CONF"] = str(self.write("containers.conf", "\n".join(
            ['[containers]', 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]', '[engine]', 'runtime = "runc"',
             'cgroup_manager = "cgroupfs"', 'events_logger = "file"', ''])))
        tar = subprocess.run(["tar", "-C", tree, "-c", "."], capture_output=True, check=True).stdout
        done = subprocess.run(["podman", "import", "-", name], input=tar, capture_output=True, env=self.environment,
                              timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"skipped: podman imports no image here: {done.stderr.decode().strip()[-200:]}")
        self.addCleanup(subprocess.run, ["podman", "rmi", "-f", name], capture_output=True, env=self.environment, check=False)
        probe = subprocess.run(["podman", "run", "--rm", "--network", "host", name, "sh", "-c", "exit 0"], capture_output=True,
                               env=self.environment, timeout=PATIENCE, check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest(f"skipped: podman runs nothing here: {probe.stderr.decode().strip()[-200:]}")
        self.name = name

    def podman(self, *arguments):
        return subprocess.run(["podman", *arguments], capture_output=True, text=True, env=self.environment, timeout=PATIENCE,
                              check=True).stdout

    def test_an_image(self):
        found, _ = self.measured("--on", f"box=podman:{self.name}")
        self.assertEqual(self.inside(found["box"]), "podman")
        self.assertEqual(self.podman("ps", "-aq", "--filter", f"ancestor={self.name}"), "")

    def test_a_container_that_is_running(self):
        self.podman("run", "-d", "-i", "--rm", "--name", self.name, "--network", "none", self.name, "sh", "-c", "read line")
        self.addCleanup(subprocess.run, ["podman", "rm", "-f", self.name], capture_output=True, env=self.environment, check=False)
        found, _ = self.measured("--on", f"box=podman-exec:{self.name}")
        self.assertEqual(self.inside(found["box"]), "podman")
        self.assertEqual(self.podman("exec", self.name, "sh", "-c", "echo /var/tmp/*"), "/var/tmp/*\n")
        self.configuration(benchmark("testgood"), expect={"container": "lxc"})
        _, err = self.run_program("run", "here.json", "--on", f"podman-exec:{self.name}", "-o", "refused", status=3)
        self.assertIn("podman", err)
        _, err = self.run_program("run", "here.json", "--on", "podman-exec:no-such-box", "-o", "refused", status=2)
        self.assertIn("no-such-box", err)


class Lxc(Real):
    def test_a_container_that_is_made_for_its_tree(self):
        need("lxc-execute")
        name, folder = f"vmsuite-test-{os.getpid()}", pathlib.Path("/var/lib/lxc")
        tree = self.tree()
        (tree / "dev" / "shm").mkdir()
        if not folder.is_dir():
            raise unittest.SkipTest(f"skipped: lxc's containers are not in {folder} here")
        (folder / name).mkdir()
        self.addCleanup(shutil.rmtree, folder / name)
        (folder / name / "config").write_text(f"lxc.rootfs.path = dir:{tree}\nlxc.uts.name = {name}\nlxc.net.0.type = none\n"
                                              "lxc.apparmor.profile = unconfined\nlxc.mount.auto = proc:mixed sys:ro\n")
        probe = subprocess.run(["lxc-execute", "-n", name, "--", "sh", "-c", "exit 0"], stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=PATIENCE, check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest(f"skipped: lxc-execute runs nothing here: {probe.stderr.decode().strip()[-200:]}")
        found, _ = self.measured("--on", "local", "--on", f"box=lxc:{name}")
        self.assertEqual(self.inside(found["box"]), "lxc")
        self.assertEqual((list(tree.rglob("vmsuite*")), self.left()), ([], []))


class Ssh(Real):
    """The driver in one namespace, sshd in another, a cable between them."""

    def setUp(self):
        super().setUp()
        need("sshd", "ssh", "ssh-keygen", "ss")
        self.hosts = Hosts(self)
        self.server = self.start_server()

    def start_server(self):
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name], check=True)
        pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.write("sshd_config", f"""
Port 22
ListenAddress {SERVER}
HostKey {keys}/host
AuthorizedKeysFile {keys}/user.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
SetEnv TMPDIR={self.scratch}
""")
        self.write("ssh_config", f"""
Host *
  IdentityFile {keys}/user
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
""")
        # The user's configuration, which ssh reads from the user's real home.
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.folder}/ssh_config "$@"\n')
        (tools / "ssh").chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        server = subprocess.Popen([*self.hosts.server, shutil.which("sshd", path="/usr/sbin:/usr/bin"), "-D", "-e", "-f",
                                   self.folder / "sshd_config"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(end, server)
        wait_for(lambda: server.poll() is not None or b":22" in subprocess.run(
            [*self.hosts.server, "ss", "-ltn"], capture_output=True, check=False).stdout, "sshd")
        if server.poll() is not None:
            raise unittest.SkipTest(f"skipped: sshd does not start: {server.stderr.read().decode()[-200:]}")
        return server

    def at(self, **options):
        return {"prefix": self.hosts.client, **options}

    def test_another_machine_and_the_network_between(self):
        self.configuration(benchmark("testecho"), benchmark("testgood"))
        self.run_program("run", "here.json", "--on", f"db=ssh://root@{SERVER}", "--peer", "local", **self.at())
        cases = {case["module"]: case for case in self.record()["cases"]}
        self.assertEqual((cases["testecho"]["status"], cases["testecho"]["path"]), ("ok", "network"))
        self.assertEqual((self.left(), self.left_behind()), ([], []))

    def test_a_connection_that_is_cut_in_mid_run(self):
        self.configuration(benchmark("testslow", params={"seconds": "100ms"}), suite={"trials": 30})
        process = self.start("run", "here.json", "--on", f"db=ssh://root@{SERVER}", **self.at())
        self.addCleanup(end, process)
        output = self.folder / "vmsuite-results"
        wait_for(lambda: output.exists() and sum(len(path.read_text().splitlines()) for path in
                                                 output.glob("db-*.journal.jsonl")) > 4, "trials")
        for pid in descendants(self.server.pid):
            try:
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "sshd":
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("was lost in trial", err)
        self.assertEqual([trial["status"] for trial in self.record()["cases"][0]["trials"]], ["ok"] * 30)
        wait_for(lambda: not self.left(), "the end of what the cut agent left")

    def test_a_host_that_does_not_let_us_in(self):
        (self.folder / "keys" / "user.pub").unlink()
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--on", f"ssh://root@{SERVER}", status=2, **self.at())
        self.assertIn("Permission denied", err)


if __name__ == "__main__":
    main()
