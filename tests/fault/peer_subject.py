# SPDX-License-Identifier: GPL-3.0-or-later
"""`serve` under faults, its own and those of its sessions: a client may lose its session, the peer goes on or says
why it ends."""
import signal
import subprocess

from harness import PROGRAM
from peer_protocol import TOKEN, Client, re
from subjects import KINDS

NEVER = 1 << 62
PATIENCE = 90


def converse(port):
    """A session from log-in to the end of a trial. False where it was cut off."""
    try:
        with Client(port, timeout=PATIENCE) as client:
            client.log_in()
            client.open()
            client.begin()
            client.echo()
    except TimeoutError:
        raise
    except (OSError, EOFError, AssertionError, KeyError):
        return False
    return True


class Peer:
    """A `serve` under a fault, and the clients that it meets."""

    def __init__(self, campaign, fault):
        token = campaign.folder / "token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        (campaign.folder / "tmp").mkdir(exist_ok=True)
        self.process = subprocess.Popen([PROGRAM, "serve", "--port", "0", "--token-file", token],
                                        env=campaign.environment(fault), stderr=subprocess.PIPE, text=True)
        self.said = ""
        self.port = self.find_port()

    def find_port(self):
        for line in self.process.stderr:
            self.said += line
            if found := re.match(r"listening on .* port (\d+)$", line):
                return int(found.group(1))
        return None

    def is_alive(self):
        return self.process.poll() is None

    def end(self):
        """Its exit status, or "hang"."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.said += self.process.communicate(timeout=PATIENCE)[1]
            return self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return "hang"


def judge(peer):
    """Whether all was as without a fault, and what was wrong."""
    try:
        answers = [converse(peer.port) for _ in range(3)] if peer.port else []
    except TimeoutError:
        peer.end()
        return False, "a client waits for an answer"
    ended = not peer.is_alive()
    if not peer.port or ended:
        status = peer.end()
        sentence = len(peer.said.strip()) >= 12
        return False, None if status in (1, 2) and sentence else f"ended with {status}"
    status = peer.end()
    if status != 0:
        return False, f"ended with {status} when it was asked to end"
    # A module that could not be tried is left out, with a sentence.
    if "testecho.so is left out" in peer.said:
        return False, None if not any(answers) else "a session of a module that is left out"
    # One session may be struck; those that follow are not.
    return all(answers), None if answers.count(False) <= 1 else f"sessions: {answers}"


def strike(campaign, wanted):
    for where in ("", ":below"):
        base = Peer(campaign, f"malloc:{NEVER}{where}")
        right, wrong = judge(base)
        if not right:
            raise AssertionError(f"serve does not work without a fault: {wrong}\n{base.said}")
        _, calls = campaign.ledger.read()
        for kind in KINDS:
            if not wanted.covers("serve", kind):
                continue
            for n in wanted.turns(calls[kind]):
                peer = Peer(campaign, f"{kind}:{n}{where}")
                right, wrong = judge(peer)
                campaign.count("serve", kind, where, wrong, right, n, peer.said)
            campaign.tell("serve", kind + where, calls[kind])
