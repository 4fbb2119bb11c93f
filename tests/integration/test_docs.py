# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command and document that README.md and docs/ show is tried, in a namespace that has the pages' address. What is
too long for a test gets arguments that shorten it; what another test runs, or none can, is named with where or why."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import unittest

from harness import BUILD, PATIENCE, PROGRAM, SOURCE, Case, end, main, wait_for
from network import ip

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_boots  # noqa: E402

ADDRESS, PORT = "192.0.2.1", 7411
PAGES = [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(\./quickstart|vmsuite|meson|ninja|systemctl|cc|cd|ip netns add|\(umask|[A-Z_]+=\S+|--on"
                     r"|apt-get \w|dpkg-buildpackage|podman (build|run) -|rpmbuild) ?")

# What only lists the hypervisors that can be used here; tried once.
LISTED = re.compile("vmsuite (guest list|list places)( |$)")

# Words that stand for something, and what stands there in the test.
STANDS_FOR = {"COMMAND": "run", "PLACE": "local", "N": "2", "DIR": "captured", "FILE...": "native.json my-guest.json", "FILE": "native.json",
              "RECORD...": "native-1.json my-guest-1.json", "box=nsenter:4711": "box=nsenter:1"}
# Added, so that it ends soon or wherever the test runs.
SHORTENED = {
    "vmsuite run": " --only linpack --trials 2",
    "vmsuite run --only linpack --store history.db --label commit=1f3a": " --trials 1",
    "vmsuite run --only linpack --quiet --store history.db --label commit=1f3a": " --trials 1",
    "vmsuite run my-guest.json": " --allow-mismatch --only 'linpack*' --trials 1",
    "vmsuite run --config old-kernel.json --runs 3": " --allow-mismatch --trials 1 --only linpack",
    "vmsuite run --config new-kernel.json --runs 3": " --allow-mismatch --trials 1 --only linpack",
    "vmsuite run --store kernels.db": " --only linpack --trials 1",
    "vmsuite run emulated-xen-pv": " --dry-run",
    "vmsuite run native.json my-guest.json --suite why": " --allow-mismatch --dry-run",
    "vmsuite run --config native.json --dry-run": " --allow-mismatch",
    "vmsuite run --config native.json --runs 3": " --allow-mismatch --trials 1 --only linpack",
    "vmsuite run --config my-guest.json --runs 3": " --allow-mismatch --trials 1 --only linpack",
    "vmsuite run --runs 3 --output records": " --only linpack --trials 1",
    "vmsuite run --suite quick --on local --on cgroup:cpu=50% --runs 4": " --dry-run",
    "vmsuite run --suite neighbours --on victim=cgroup:weight=100 --on cgroup:weight=100 --on cgroup:weight=100":
        " --dry-run",
    "vmsuite run --on PLACE": " --only linpack --trials 1",
    "vmsuite module new": " --help",
    "vmsuite module check": " --help",
    "vmsuite run --runs": " 2 --only linpack --trials 1",
    "vmsuite run --label rack=7": " --only linpack --trials 1",
    "vmsuite run --runs N": " --only linpack --trials 1",
    "vmsuite export --format google-benchmark": " native-1.json",
    # Such places are reached and measured by test_places.py, test_places_real.py and test_guest_places.py, such guests booted
    # by test_study.py and test_guest_places.py.
    "vmsuite run --suite quick --on local --on nspawn:/srv/bookworm --on ssh://root@db1 --runs 4": " --dry-run",
    "vmsuite run --suite quick --only 'tcp*' --on ssh://db1 --peer ssh://client1": " --dry-run",
    "vmsuite run --suite quick --on local --on netns:lab --on nspawn:/srv/bookworm --runs 4": " --dry-run",
    "vmsuite run --suite quick --only 'tcp*' --on local --on podman:debian:12 --peer ssh://client1": " --dry-run",
    "vmsuite run --suite quick --on ssh://root@host --on ssh://root@guest --peer ssh://client --runs 4": " --dry-run",
    "vmsuite run --suite quick --on local --on box=nsenter:4711": " --dry-run",
    "vmsuite run --suite quick --on local --on qemu-tcg:disk=1GiB --on kvm:disk=1GiB": " --dry-run",
    "vmsuite run --suite quick-small --on local --on emulated-xen-pv --runs 4": " --dry-run",
    "vmsuite run --suite iperf-2010 --on local --peer kvm:network=bridge,bridge=br0,address=10.9.0.2/24": " --dry-run",
    "vmsuite run --suite quick --on kvm:vcpus=1,2,4,memory=512MiB,2GiB": " --dry-run",
    "vmsuite run --suite quick --on d=kvm:disk=1GiB,queues=1,4,cache=none,writeback,format=raw,qcow2": " --dry-run",
    "vmsuite run --suite quick --on kvm:vcpus=2,pin=0,,1,0,,8": " --dry-run",
    "vmsuite run --suite quick --on local --on quota=cgroup:cpu=25%,50%": " --dry-run",
    "vmsuite study --kinds native,kvm,xen-pv,xen-pvh,xen-hvm,qemu-tcg": " --dry-run",
    "vmsuite study --kinds native,kvm,xen-pv,xen-hvm": " --dry-run",
    "vmsuite run --suite iperf-2010 --on env1=ssh://db1 --on env2=ssh://db2 --peer "
    "kvm:network=bridge,bridge=br0,address=10.9.0.2/24": " --dry-run",
    "vmsuite run --suite santos-2008 --only 'tcp*' --only 'udp*' --on env1=netns:a --on env2=netns:b --peer local": " --dry-run",
    # That there is such a benchmark; it takes an hour.
    "meson test --benchmark verdicts": f" --list --no-rebuild -C {BUILD}",
}
# What is there before, in file systems that nobody else sees and that go with the command.
TREE = "mount -t tmpfs none /srv && mkdir /srv/bookworm && "
PREPARED = {
    "vmsuite run --suite quick --on local --on nspawn:/srv/bookworm --on ssh://root@db1 --runs 4": TREE,
    "vmsuite run --suite quick --on local --on netns:lab --on nspawn:/srv/bookworm --runs 4": TREE,
    "ip netns add lab": "mount -t tmpfs none /run/netns && ",
}
WRITTEN = {"vmsuite run --output - | jq '.cases[].summary[0]'":
           "vmsuite run --only linpack --trials 1 --output - | jq '.cases[].summary[0]'"}
# Exit statuses that are answers. The gate of the example fails, or cannot tell: both are what the page says of it.
STATUSES = {"vmsuite trend --store history.db --label commit --fail-on-change": (0, 1, 4),
            "vmsuite trend --store history.db --by label --label commit --fail-on-change": (0, 1, 4),
            "vmsuite compare base-*.json guest-*.json --fail-above 5%": (0, 1, 4),
            "vmsuite compare base-*.json guest-*.json --fail-above 5% | grep Gate": (0, 1, 4),
            "vmsuite compare base-*.json guest-*.json --fail-above 5% --format junit > junit.xml": (0, 1, 4),
            "vmsuite compare base-*.json guest-*.json --fail-above 5% --format markdown > summary.md": (0, 1, 4)}
NOT_RUN = {
    "./quickstart": ".ci/run begins with it",
    "./quickstart test": ".ci/run goes on with it",
    "meson setup build && ninja -C build": "this test runs in what it makes",
    "meson install -C build": "test_module_outside.sh and test_systemd.py do",
    # These take a tree of their own, the network and minutes.
    "apt-get build-dep .": "Containerfile does what it does",
    "dpkg-buildpackage -us -uc -b": "tests/elsewhere/packages.sh",
    "apt-get install ../vmsuite_*.deb": "tests/elsewhere/packages.sh",
    "podman build -t vmsuite .": "tests/elsewhere/container.sh",
    "podman run --rm vmsuite run": "tests/elsewhere/container.sh",
    "podman run --rm --network host -v /srv/records:/srv/records -w /srv/records vmsuite run": "tests/elsewhere/container.sh",
    "rpmbuild -ba vmsuite.spec": "tests/elsewhere/rpm.sh",
    "systemctl enable --now vmsuite-serve.socket": "test_systemd.py starts the installed units",
    "VMSUITE_SAMPLES=samples.jsonl jupyter nbconvert --to html --execute compare.ipynb": "notebook.py executes it",
    "vmsuite fleet submit --nodes n[1-40] --suite quick /shared/fleet": "test_fleet.py starts a cluster",
    "vmsuite fleet submit --pairs --nodes n[1-40] --suite net.json /shared/net": "test_fleet.py starts a cluster",
    "vmsuite fleet submit /shared/fleet": "test_fleet.py starts a cluster",
    "vmsuite fleet status /shared/fleet": "test_fleet.py starts a cluster",
    "vmsuite fleet collect /shared/fleet": "test_fleet.py starts a cluster",
    "vmsuite compare --by node": "test_compare_by.py makes records of hosts",
    "vmsuite compare --by node /shared/fleet/records/*/*.json": "test_compare_by.py makes records of hosts",
    "vmsuite report --by node /shared/fleet/records/*/*.json -o fleet.html": "test_compare_by.py makes records of hosts",
    "vmsuite compare --by node bare/records/*/*.json guest/records/*/*.json": "test_compare_by.py makes records of hosts",
    "vmsuite guest build": "the tests of guests build it",
    "vmsuite guest build --iso guest.iso": "test_guest_image.py builds one and boots it",
    "systemctl edit vmsuite-serve.socket": "opens an editor",
    "vmsuite peer token 1": "what a key is derived with, and no command",
}


def commands(text):
    """The commands of a page in their order: lines of blocks, and code within sentences."""
    found = []
    for match in re.finditer(r"^(?: {4,}|\t)(.*)$|`([^`]+)`", text, re.MULTILINE):
        code = re.sub(r"\s+# .*$", "", match[1] or match[2].replace("\n", " ")).strip().removeprefix("$ ")
        if COMMAND.match(code) and (" " in code or code.startswith("./")) and not code.startswith("--on PLACE"):
            found.append(code)
    return found


def held(text):
    """(command, its output) for each command that a block shows behind "$ ", with what it prints."""
    for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.MULTILINE):
        lines = [line.removeprefix("    ") for line in block.rstrip("\n").split("\n")]
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)]):
            yield lines[start].removeprefix("$ "), lines[start + 1:end]


def masked(lines):
    """What must be the same: the figures differ from machine to machine, and with them the columns."""
    words = [" ".join(re.sub(r"\d+(\.\d+)?", "0", line).split()) for line in lines]
    return [re.sub(r"\b0 runs?\b", "0 runs", line) for line in words if line]


def documents(text):
    """The JSON documents of a page: blocks that begin with a brace of their own, whatever their indent."""
    for block in re.findall(r"(?:^ {4,}.*\n)+", text, re.MULTILINE):
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(block)


class Docs(Case):
    def setUp(self):
        super().setUp()
        self.program = self.folder / "program"
        self.program.mkdir()
        (self.program / "vmsuite").symlink_to(PROGRAM)
        self.environment |= {"PATH": f"{self.program}:{os.environ['PATH']}", "VMSUITE_MODULE_PATH": str(BUILD / "modules"),
                             # Of what is not installed the second lacks the folder that the first would name.
                             "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled"),
                             "C_INCLUDE_PATH": str(SOURCE / "core" / "include")}
        self.host, self.peer, self.listed = self.make_host(), None, set()
        self.records()
        template = (SOURCE / "modules" / "template" / "template.c").read_text(encoding="utf-8")
        self.write("mine.c", template.replace("template", "mine"))
        self.token = self.write("peer.token", "correct horse battery staple\n")
        self.token.chmod(0o600)

    def make_host(self):
        """A namespace that has the address which the pages give a peer: one of those that are for documents."""
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: network namespaces need root")
        name = f"vmsuite-{os.getpid()}-docs"
        result = ip("netns", "add", name)
        if result.returncode != 0:
            raise unittest.SkipTest(f"skipped: no network namespace can be made: {result.stderr.strip()}")
        self.addCleanup(ip, "netns", "delete", name)
        ip("-n", name, "address", "add", f"{ADDRESS}/24", "dev", "lo")
        ip("-n", name, "link", "set", "lo", "up")
        return ["ip", "netns", "exec", name]

    def records(self):
        """Records and configurations of the names that the pages use."""
        make_boots.main(self.folder)
        for path in list(self.folder.glob("*-[123].json")):
            kind, boot = path.stem.rsplit("-", 1)
            names = {"native": ("native", "base"), "xen-hvm": ("my-guest", "guest")}.get(kind, ())
            record = json.loads(path.read_text())
            path.unlink()
            for name in names:
                self.write(f"{name}-{boot}.json", dict(record, configuration=name))
        benchmarks = [{"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}},
                      {"group": "network", "module": "tcp", "params": {"seconds": "100ms"}}]
        for name in ("native", "my-guest", "old-kernel", "new-kernel"):
            self.configuration(*benchmarks, name=name, suite={"trials": 1},
                               peer={"address": ADDRESS, "port": PORT, "token_file": "peer.token"})

    def shell(self, command):
        return subprocess.run([*self.host, "bash", "-o", "pipefail", "-c", command], cwd=self.folder, text=True,
                              env=self.environment, capture_output=True, timeout=PATIENCE)

    def serve(self, command):
        """A peer goes on until the next is started, or the test ends."""
        if self.peer:
            end(self.peer, signal.SIGTERM)
        peer = self.peer = subprocess.Popen([*self.host, *command.split()], cwd=self.folder, env=self.environment,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(end, peer)

        def listens():
            table = self.shell("cat /proc/net/tcp").stdout
            return peer.poll() is not None or f":{PORT:04X} " in table

        wait_for(listens, "the peer")
        self.assertIsNone(peer.poll(), command)

    def try_command(self, code, shown=None):
        """`shown`: what the page says that it prints."""
        if code in NOT_RUN:
            return
        if re.fullmatch(r"vmsuite [a-z]+", code) and code not in SHORTENED:
            code += " --help"  # named in a sentence
        if code.startswith("--on "):
            code = f"vmsuite run {code} --dry-run"
        command = PREPARED.get(code, "") + WRITTEN.get(code, code) + SHORTENED.get(code, "")
        for word, meaning in STANDS_FOR.items():
            command = re.sub(rf"(?<=\s){re.escape(word)}(?=\s|$)", meaning, command)
        if command.startswith("vmsuite serve --bind"):
            self.serve(command)
            return
        if LISTED.match(command):
            # A KVM that does not work is waited for, ten seconds each time.
            if command in self.listed and shown is None:
                return
            self.listed.add(command)
        done = self.shell(command)
        self.assertIn(done.returncode, STATUSES.get(code, (0,)), f"{command}\n{done.stdout}\n{done.stderr}")
        if shown is not None:
            self.assertEqual(command, code, "what is shown is what the command prints as it stands")
            self.assertEqual(masked(done.stdout.splitlines()), masked(shown), done.stderr)

    def test_commands(self):
        tried = compared = 0
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            shown = dict(held(text))
            self.assertEqual(set(shown) - set(commands(text)), set(), page.name)
            for code in commands(text):
                with self.subTest(page=page.name, command=code):
                    self.try_command(code, shown.get(code))
                    tried += code not in NOT_RUN
            compared += len(shown)
        print(f"{tried} commands tried, the output of {compared} compared", file=sys.stderr)
        self.assertGreater(tried, 20)
        self.assertGreater(compared, 2)

    def test_documents(self):
        checked = 0
        for page in PAGES:
            for document in documents(page.read_text(encoding="utf-8")):
                with self.subTest(page=page.name, document=document):
                    name = self.write("document.json", document)
                    done = self.shell(f"{TREE}vmsuite check {name}")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    checked += 1
        self.assertGreater(checked, 1)

    def test_no_row_is_left_over(self):
        shown = {code for page in PAGES for code in commands(page.read_text(encoding="utf-8"))}
        for rows in (SHORTENED, WRITTEN, PREPARED, STATUSES, NOT_RUN):
            self.assertEqual(set(rows) - shown, set())

    def test_the_first_screen_is_what_compare_prints(self):
        folder = self.folder / "boots"
        make_boots.main(folder)
        records = [path for name in ("native", "xen-pv", "xen-hvm") for path in sorted(folder.glob(f"{name}-*.json"))]
        printed = self.run_program("compare", *records)[0].splitlines()
        page = (SOURCE / "README.md").read_text(encoding="utf-8").splitlines()
        first = page.index("    " + printed[0])
        last = next(i for i in range(first, len(page)) if page[i].endswith("answers are sure."))
        shown = [line.removeprefix("    ") for line in page[first:last + 1]]
        self.assertGreater(len(shown), 4)
        self.assertEqual(shown, printed[:len(shown)])

    def test_the_picture_is_of_the_report(self):
        """Its words are the page's title: where that has changed, make_picture.sh makes the picture anew."""
        folder = self.folder / "boots"
        make_boots.main(folder)
        self.run_program("report", *sorted(folder.glob("*.json")), "-o", folder / "page.html")
        title = re.search(r"<title>(.*)</title>", (folder / "page.html").read_text(encoding="utf-8"))[1]
        page = (SOURCE / "README.md").read_text(encoding="utf-8")
        self.assertIn(f"![{title}](docs/report.png)", page)
        self.assertTrue((SOURCE / "docs" / "report.png").is_file())

    def test_the_sample_is_what_reports_are(self):
        """Where reports have changed, make_sample.sh makes docs/sample anew. Scripts are Vega's, of which there are versions."""
        made, kept = self.folder / "sample", SOURCE / "docs" / "sample"
        done = subprocess.run(["sh", SOURCE / "tests" / "fixtures" / "make_sample.sh", PROGRAM, made], capture_output=True,
                              text=True, env=self.environment, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = sorted(path.relative_to(made) for path in made.rglob("*.html"))
        self.assertEqual(names, sorted(path.relative_to(kept) for path in kept.rglob("*.html")))
        for name in names:
            pages = [re.sub(r"<script.*?</script>|content=\"default-src[^>]*", "", (folder / name).read_text(encoding="utf-8"), flags=re.DOTALL)
                     for folder in (made, kept)]
            self.assertTrue(pages[0] == pages[1], name)


if __name__ == "__main__":
    main()
