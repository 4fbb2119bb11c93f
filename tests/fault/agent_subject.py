# SPDX-License-Identifier: GPL-3.0-or-later
"""`agent` under faults, its own and those of its cases: its driver gets the right answers, or a trial or a case that is
not ok and a reason, or an error as the last message. Never a cut frame, another figure or a wait without end."""
import json
import select
import struct
import subprocess
import time

from harness import PROGRAM, benchmark, descendants
from subjects import KINDS

NEVER = 1 << 62
PATIENCE = 90
HEADER = 5
OPENING = {"type": "open", "seed": "7", "expect": {}, "peer": None, "scratch": None, "retry_noisy": 0,
           "allow_mismatch": False,
           "suite": {"suite": "test", "trials": 2, "warmup": 0, "benchmarks": [
               benchmark("testgood"), benchmark("testslow", params={"seconds": "1ms"}), benchmark("testecho")]}}
TALK = [OPENING,
        *({"type": "take", "case": case, "trial": trial} for trial in (1, 2) for case in (1, 2, 3)),
        *({"type": "finish", "case": case} for case in (1, 2, 3)), {"type": "close"}]


class Broken(Exception):
    """What the agent did that no driver can take."""


class Agent:
    def __init__(self, campaign, fault):
        self.folder = campaign.folder / "tmp"
        campaign.clear_folders()
        self.process = subprocess.Popen([PROGRAM, "agent"], env=campaign.environment(fault), cwd=campaign.folder / "work",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.answers = []

    def read(self, size):
        """That many bytes, or as many as came before the end."""
        data, end = b"", time.monotonic() + PATIENCE
        while len(data) < size:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise Broken("a driver waits for an answer")
            part = self.process.stdout.read(size - len(data))
            if not part:
                break
            data += part
        return data

    def receive(self):
        header = self.read(HEADER)
        if not header:
            return None
        if len(header) < HEADER:
            raise Broken("a frame is cut")
        size = struct.unpack(">I", header[:4])[0] - 1
        payload = self.read(size)
        if len(payload) < size:
            raise Broken("a frame is cut")
        return json.loads(payload)

    def ask(self, message):
        """Sends a message and keeps its answers: a trouble comes before the answer proper. False: there is none."""
        if message:
            data = json.dumps(message).encode()
            try:
                self.process.stdin.write(struct.pack(">I", len(data) + 1) + b"J" + data)
            except BrokenPipeError:
                pass
        while answer := self.receive():
            self.answers.append(answer)
            if answer["type"] != "trouble":
                return answer["type"] != "error"
        return False

    def talk(self):
        for message in [None, *TALK]:
            if not self.ask(message):
                return

    def end(self):
        """Its exit status, or "hang", and what it said."""
        below = descendants(self.process.pid)
        self.process.stdin.close()
        self.process.stdin = None
        try:
            _, said = self.process.communicate(timeout=PATIENCE)
            return self.process.returncode, said.decode(errors="replace")
        except subprocess.TimeoutExpired:
            self.process.kill()
            for pid in below:
                subprocess.run(["kill", "-9", str(pid)], check=False, stderr=subprocess.DEVNULL)
            self.process.communicate()
            return "hang", ""

    def left(self):
        return [path.name for path in self.folder.iterdir()]


def plain(answer):
    """An answer without what differs from run to run."""
    if answer["type"] == "taken":
        trial = answer["trial"]
        return ("taken", answer["case"], answer["path"], trial["trial"], trial["status"],
                [metric["metric"] for metric in trial["metrics"]])
    if answer["type"] in ("opened", "closed"):
        machine = answer["environment"]
        return (answer["type"], machine["virtualization"], machine["container"],
                [(fact["fact"], fact["status"]) for fact in machine["facts"]], len(answer.get("modules", [])))
    return answer


def trouble_of(answers):
    """What the answers say went wrong, in words; the cases that it struck."""
    struck, words = set(), []
    for answer in answers:
        if answer["type"] == "trouble" or (answer["type"] == "taken" and answer["trial"]["status"] != "ok"):
            struck.add(answer["case"])
            words.append(answer["reason"] if answer["type"] == "trouble" else answer["trial"]["reason"])
        if answer["type"] == "error":
            words.append(answer["text"])
        if answer["type"] in ("opened", "closed"):
            words += [fact["reason"] for fact in answer["environment"]["facts"] if fact["status"] not in ("ok", "value")]
    return struck, [word for word in words if word]


def judge(agent, base, where):
    """Whether all was as without a fault, what was wrong, and what it said."""
    try:
        agent.talk()
        broken = None
    except (Broken, ValueError, KeyError) as error:
        broken = str(error)
    status, said = agent.end()
    struck, words = trouble_of(agent.answers)
    ended_well = status == 0 and len(agent.answers) >= len(TALK) + 1
    if broken and not (broken == "a frame is cut" and status == 1 and len(said.strip()) >= 12):
        return False, broken, said
    if status not in (0, 1):
        return False, f"ended with {status}", said
    if agent.left():
        return False, f"left behind: {agent.left()}", said
    if base is not None and ended_well and list(map(plain, agent.answers)) == base:
        return True, None, said
    if base is None:
        return ended_well and not struck, None, said
    if where and len(struck) > 1:
        return False, f"more than one case: {struck}", said
    if not words and len(said.strip()) < 12:
        return False, "an error without a sentence", said
    return False, None, said


def strike(campaign, wanted):
    for where in ("", ":below"):
        agent = Agent(campaign, f"malloc:{NEVER}{where}")
        right, wrong, said = judge(agent, None, where)
        if not right:
            raise AssertionError(f"agent does not work without a fault: {wrong}\n{said}\n{agent.answers}")
        base = list(map(plain, agent.answers))
        _, calls = campaign.ledger.read()
        for kind in KINDS:
            if not wanted.covers("agent", kind):
                continue
            for n in wanted.turns(calls[kind]):
                agent = Agent(campaign, f"{kind}:{n}{where}")
                right, wrong, said = judge(agent, base, where)
                campaign.count("agent", kind, where, wrong, right, n, said)
            campaign.tell("agent", kind + where, calls[kind])
