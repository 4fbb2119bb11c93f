# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite agent`: what it answers, what it refuses, and that it leaves nothing."""
import contextlib
import os
import pathlib
import signal
import time

from agent_channel import Agent, frame, opening
from harness import Case, benchmark, descendants, is_alive, main, wait_for


def parent_of(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def kill(pid):
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


class TestAgent(Case):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.environment["TMPDIR"] = str(self.scratch)

    def agent(self):
        agent = Agent(self)
        hello = agent.receive()
        self.assertEqual((hello["type"], hello["protocol"]), ("hello", 2))
        return agent

    def opened(self, *benchmarks, **keys):
        agent = self.agent()
        answer = agent.ask(opening(*benchmarks, **keys))
        self.assertEqual(answer["type"], "opened", answer)
        return agent, answer

    def left(self):
        return [path.name for path in self.scratch.iterdir()]

    def test_a_whole_run(self):
        agent, opened = self.opened(benchmark("testgood", params={"value": [10, 20]}))
        self.assertIsNone(opened["mismatch"])
        self.assertIn("virtualization", opened["environment"])
        self.assertEqual([module["module"] for module in opened["modules"]], ["testgood"])
        for number in (1, 2):
            for trial in (1, 2, 3):
                taken = agent.ask({"type": "take", "case": number, "trial": trial})
                self.assertEqual((taken["type"], taken["case"], taken["trial"]["trial"]), ("taken", number, trial))
                self.assertEqual(taken["trial"]["metrics"][0]["value"], 10 * number)
            self.assertEqual(agent.ask({"type": "finish", "case": number}), {"type": "finished", "case": number})
        closed = agent.ask({"type": "close"})
        self.assertEqual((closed["type"], closed["changes"]), ("closed", []))
        self.assertEqual(agent.close(), (0, b""))
        self.assertEqual(self.left(), [])

    def test_bad_modules_cost_a_trial(self):
        agent, _ = self.opened(benchmark("testcrash"), benchmark("testunsupported"))
        self.assertEqual(agent.ask({"type": "take", "case": 1, "trial": 1})["trial"]["status"], "crashed")
        self.assertEqual(agent.ask({"type": "take", "case": 2, "trial": 1})["trial"]["status"], "unsupported")
        self.assertEqual(agent.close()[0], 0)

    def test_a_failed_clean_up_is_reported(self):
        agent, _ = self.opened(benchmark("testrogue", params={"deed": "crashes_in_cleanup"}))
        self.assertEqual(agent.ask({"type": "take", "case": 1, "trial": 1})["trial"]["status"], "ok")
        trouble = agent.ask({"type": "finish", "case": 1})
        self.assertEqual((trouble["type"], trouble["status"]), ("trouble", "crashed"))
        self.assertEqual(agent.receive()["type"], "finished")

    def test_what_a_module_leaves_ends_with_the_agent(self):
        """Even where the process between them is killed, which would have ended it."""
        agent, _ = self.opened(benchmark("testrogue", params={"deed": "leaves_daemon"}))
        self.assertEqual(agent.ask({"type": "take", "case": 1, "trial": 1})["trial"]["status"], "ok")
        wait_for(lambda: len(descendants(agent.process.pid)) > 2, "keeper, worker and what that has left")
        left = descendants(agent.process.pid)
        for keeper in [pid for pid in left if parent_of(pid) == agent.process.pid]:
            os.kill(keeper, signal.SIGKILL)
        for pid in left:
            self.addCleanup(kill, pid)
        agent.close()
        wait_for(lambda: not any(map(is_alive, left)), "the end of what a module left")

    def refused(self, agent, message, *words):
        agent.write(message if isinstance(message, bytes) else frame(message))
        answer = agent.receive()
        self.assertIsNotNone(answer, "no answer")
        self.assertEqual(answer["type"], "error", answer)
        for word in words:
            self.assertIn(word, answer["text"])
        # It was the last: the agent ends.
        self.assertIsNone(agent.receive())
        self.assertEqual(agent.process.wait(60), 1)
        self.assertEqual(self.left(), [])

    def test_what_is_no_message_is_refused(self):
        for message, word in (({"type": "shell", "command": "true"}, "shell"), ({}, "type"),
                              ({"type": "take", "case": 1, "trial": 1}, "case 1"),
                              ({"type": "close"}, "nothing to close"),
                              ({"type": "take", "case": -1, "trial": 1}, "case"),
                              ({"type": "take", "case": 1}, "trial"),
                              ({"type": "hello", "version": "1", "protocol": 1}, "hello"),
                              ({"type": "serve", "token": "00"}, "token"),
                              (dict(opening(benchmark("testgood")), command="true"), "unknown members"),
                              (opening(benchmark("nosuch")), "nosuch"),
                              (opening(benchmark("testgood", params={"value": "$(id)"})), "value"),
                              (opening(benchmark("testgood"), seed="1x"), "seed"),
                              (opening(benchmark("testgood"), expect={"nosuch": "1"}), "nosuch"),
                              (opening(benchmark("testgood"), scratch="/nosuch"), "/nosuch"),
                              (opening(benchmark("tcp"), peer={"hosts": ["; id"], "port": 1, "token": "00" * 32}),
                               "address")):
            with self.subTest(message=str(message)[:60]):
                self.refused(self.agent(), message, word)

    def test_a_trial_that_there_is_not_is_refused(self):
        for case, trial in ((2, 1), (0, 1), (1, 0), (1, 10001)):
            agent, _ = self.opened(benchmark("testgood"))
            self.refused(agent, {"type": "take", "case": case, "trial": trial})

    def test_frames_that_are_none_end_it(self):
        for data in (frame(b"", length=0), frame(b"x", length=1 << 31), frame(b"{}", kind=b"X"), frame(b"[1]"),
                     frame(b'{"type": 1, "type": 2}'), frame(b"\xff\xfe"), b"ls -l\n" * 100):
            agent = self.agent()
            agent.write(data)
            self.assertIsNone(agent.receive())
            self.assertEqual(agent.process.wait(60), 1)
            self.assertEqual(self.left(), [])

    def test_it_opens_once(self):
        agent, _ = self.opened(benchmark("testgood"))
        self.refused(agent, opening(benchmark("testgood")), "already")

    def test_a_machine_that_is_something_else_is_reported(self):
        agent = self.agent()
        answer = agent.ask(opening(benchmark("testgood"), expect={"kernel": "nosuch"}))
        self.assertIn("nosuch", answer["mismatch"])
        self.refused(agent, {"type": "take", "case": 1, "trial": 1})
        agent, answer = self.opened(benchmark("testgood"), expect={"kernel": "nosuch"}, allow_mismatch=True)
        taken = agent.ask({"type": "take", "case": 1, "trial": 1})
        self.assertIn("mismatch", taken["trial"]["flags"])

    def test_the_end_of_its_input_ends_a_trial(self):
        agent, _ = self.opened(benchmark("testslow", params={"seconds": "900s"}, deadline=1000))
        agent.send({"type": "take", "case": 1, "trial": 1})
        wait_for(lambda: len(descendants(agent.process.pid)) > 1, "the case's process")
        below = descendants(agent.process.pid)
        begun = time.monotonic()
        self.assertEqual(agent.close()[0], 0)
        self.assertLess(time.monotonic() - begun, 600)  # long before the trial's own end
        wait_for(lambda: not any(map(is_alive, below)), "the end of the case's processes")
        self.assertEqual(self.left(), [])

    def test_loopback_and_a_peer_elsewhere(self):
        server = self.agent()
        serving = server.ask({"type": "serve", "token": "5a" * 32})
        self.assertEqual(serving["type"], "serving")
        self.assertEqual(serving["hosts"][-1], "127.0.0.1")
        peer = {"hosts": ["127.0.0.1"], "port": serving["port"], "token": "5a" * 32}
        for given in (None, peer):
            agent, _ = self.opened(benchmark("testecho"), peer=given)
            taken = agent.ask({"type": "take", "case": 1, "trial": 1})
            self.assertEqual((taken["trial"]["status"], taken["path"]), ("ok", "loopback"), taken)
            self.assertEqual(agent.close()[0], 0)
        self.refused(self.agent(), opening(benchmark("testecho"), peer=dict(peer, token="00" * 32)), "token")
        self.assertEqual(server.close()[0], 0)


if __name__ == "__main__":
    main()
