# SPDX-License-Identifier: GPL-3.0-or-later
"""A store's file from a stranger: it holds rows, or is refused; nothing that it says is done."""
import os
import pathlib
import re
import socket
import sqlite3
import stat
import struct
import subprocess
import unittest

from harness import PATIENCE, PROGRAM, controls, end, main
from test_store import StoreCase

SUPER_JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
NOBODY = 65534


class Attack(StoreCase):
    def setUp(self):
        super().setUp()
        self.paths = self.make(3)
        self.keep(*self.paths[:2])

    def tamper(self, *statements):
        with sqlite3.connect(self.store) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                connection.execute(statement)

    def refused(self, sentence, commands=("query", "export", "import")):
        for command in commands:
            records = self.paths[2:] if command == "import" else []
            _, err = self.run_program("store", command, "--store", self.store, *records, status=2)
            self.assertIn(sentence, err)
            self.assertNotIn("Sanitizer", err)

    def test_no_database(self):
        for content in (b"no database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096, os.urandom(8192)):
            self.store.write_bytes(content)
            self.refused("store")
            self.assertEqual(self.store.read_bytes(), content)

    def test_another_programs_database(self):
        self.store.unlink()
        self.sql("CREATE TABLE mine (x)")
        before = self.store.read_bytes()
        self.refused("not a store of vmsuite")
        self.assertEqual(self.store.read_bytes(), before)

    def test_another_version(self):
        self.tamper("PRAGMA user_version = 99")
        self.refused("has version 99")

    def test_tables_that_are_others(self):
        whole = self.store.read_bytes()
        for statements in (
                ["ALTER TABLE samples RENAME TO hidden", "CREATE VIEW samples AS SELECT * FROM hidden"],
                ["DROP TABLE labels", "CREATE TABLE labels (run, name, value DEFAULT (randomblob(1e9)))"],
                ["ALTER TABLE runs ADD COLUMN extra GENERATED ALWAYS AS (length(kernel))"],
                ["UPDATE sqlite_master SET sql = replace(sql, 'kernel TEXT', 'kernel BLOB') WHERE name = 'runs'"]):
            self.store.write_bytes(whole)
            self.tamper(*statements)
            self.refused("tables are not those of a store")

    def test_triggers_and_views_do_nothing(self):
        self.tamper("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM samples; END",
                    "CREATE VIEW v AS SELECT load_extension('x')")
        self.keep(self.paths[2])
        self.assertEqual(self.sql("SELECT COUNT(*) FROM samples"), [(3 * 2 * 3,)])

    def test_values_of_other_types(self):
        self.tamper("UPDATE figures SET log = x'00ff', mean = 'many', trials = -1, sd = 1e999",
                    "UPDATE runs SET configuration = 7, started_at = x'1b5b324a', environment = 99",
                    "UPDATE samples SET value = 'x' WHERE trial = 1")
        for command, arguments in (("query", []), ("query", ["--case", "*"]), ("export", [])):
            out, err = self.run_program("store", command, "--store", self.store, *arguments)
            self.assertNotIn("\x1b", out if command == "query" else err)

    def test_nothing_moves_a_terminals_cursor(self):
        """Whatever the texts of a store are, and in every format."""
        self.tamper(*(f"UPDATE {table} SET {column} = {column} || char(27) || ']0;title' || char(7) || char(155)"
                      for table, column in (("runs", "configuration"), ("runs", "kernel"), ("runs", "machine"),
                                            ("works", "label"), ("works", "module"), ("series", "unit"))))
        for command in (["store", "query"], ["store", "query", "--format", "csv"], ["store", "query", "--format", "jsonl"],
                        ["store", "export"], ["store", "export", "--format", "jsonl"], ["trend", "--details"],
                        ["trend", "--json"]):
            text = self.shown_on_terminal(*command, "--store", self.store)
            self.assertIn("title", text)
            self.assertEqual(controls(text), [], command)

    def test_cells_that_a_spreadsheet_would_run(self):
        self.tamper("UPDATE works SET label = '=' || label", "UPDATE runs SET configuration = '@' || configuration")
        for command in (["export"], ["query", "--format", "csv"], ["query", "--format", "csv", "--case", "*"]):
            plain, _ = self.run_program("store", *command, "--store", self.store)
            safe, _ = self.run_program("store", *command, "--spreadsheet", "--store", self.store)
            self.assertRegex(plain, "(?m)(^|,)\"?[=@]")
            self.assertNotRegex(safe, "(?m)(^|,)\"?[=@]")
            self.assertEqual(re.sub("(?m)((?:^|,)\"?)'(?=[=@])", r"\1", safe), plain)
        _, err = self.run_program("store", "query", "--spreadsheet", "--store", self.store, status=2)
        self.assertIn("--spreadsheet is for --format csv", err)

    def test_cut_and_damaged(self):
        whole = self.store.read_bytes()
        for size in range(512, len(whole), len(whole) // 7):
            self.store.write_bytes(whole[:size])
            process = subprocess.run([PROGRAM, "store", "query", "--store", self.store], capture_output=True)
            self.assertIn(process.returncode, (0, 1, 2), process.stderr)
        for at in range(100, len(whole), len(whole) // 40):
            self.store.write_bytes(whole[:at] + bytes(64) + whole[at + 64:])
            process = subprocess.run([PROGRAM, "store", "query", "--store", self.store, "--case", "*"], capture_output=True)
            self.assertIn(process.returncode, (0, 1, 2), process.stderr)

    def test_a_journal_that_names_a_file_to_remove(self):
        victim = self.folder / "victim"
        victim.write_text("precious")
        name = str(victim).encode()
        journal = self.store.with_name(self.store.name + "-journal")
        head = bytes.fromhex("d9d505f920a163d7") + struct.pack(">IIIII", 0, 1, 1, 512, 4096)
        tail = struct.pack(">I", 2) + name + struct.pack(">II", len(name), sum(name)) + SUPER_JOURNAL_END
        journal.write_bytes(head.ljust(512, b"\0") + tail)
        self.refused("names further files")
        self.assertEqual(victim.read_text(), "precious")

    def test_shared_memory_that_is_another_file(self):
        """SQLite cuts and writes the file STORE-shm while it reads a store of the mode WAL."""
        victim = self.folder / "victim"
        victim.write_text("precious")
        connection = sqlite3.connect(self.store)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        memory = self.store.with_name(self.store.name + "-shm")
        os.link(victim, memory)
        self.refused("mode WAL")
        self.assertEqual(victim.read_text(), "precious")
        self.assertFalse(self.store.with_name(self.store.name + "-wal").exists())

    def test_a_journal_that_is_no_file(self):
        journal = self.store.with_name(self.store.name + "-journal")
        journal.symlink_to("/etc/passwd")
        self.refused("-journal")
        journal.unlink()
        os.mkfifo(journal)
        self.refused("-journal")

    @unittest.skipUnless(os.geteuid() == 0, "skipped: only root can make another user's files")
    def test_a_journal_of_another_user(self):
        journal = self.store.with_name(self.store.name + "-journal")
        journal.write_bytes(b"")
        os.chown(journal, NOBODY, NOBODY)
        self.refused("belongs to another user than the store")

    def test_what_is_no_file(self):
        self.store.unlink()
        os.mkfifo(self.store)
        self.refused("a store is a file")
        self.store.unlink()
        self.store.mkdir()
        self.run_program("store", "import", "--store", self.store, self.paths[0], status=2)
        self.run_program("store", "query", "--store", self.store, status=2)

    @unittest.skipUnless(os.geteuid() == 0, "skipped: only root can make another user's files")
    def test_links_and_files_of_others_in_a_shared_folder(self):
        shared = self.folder / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        victim = self.folder / "victim.db"
        for planted in (shared / "link.db", shared / "file.db"):
            if planted.stem == "link":
                planted.symlink_to(victim)
            else:
                planted.write_bytes(b"")
            os.chown(planted, NOBODY, NOBODY, follow_symlinks=False)
            _, err = self.run_program("store", "import", "--store", planted, self.paths[0], status=2)
            self.assertIn("a file of yours", err)
        self.assertFalse(victim.exists())

    def test_mode_and_place(self):
        made = self.folder / "made.db"
        self.keep(self.paths[0], store=made)
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(made.stat().st_mode), 0o666 & ~mask)
        made.chmod(0o640)
        link = self.folder / "link.db"
        link.symlink_to(made)
        self.keep(self.paths[1], store=link)
        self.assertEqual(stat.S_IMODE(made.stat().st_mode), 0o640)
        self.assertTrue(link.is_symlink())
        self.assertEqual(sorted(path.name for path in self.folder.glob("*.db*")),
                         ["history.db", "link.db", "made.db"])

    def test_a_failed_beginning_leaves_no_file(self):
        made = self.folder / "made.db"
        limit = ["/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh"]
        process = self.start("store", "import", "--store", made, self.paths[0], prefix=limit)
        _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 1, err)
        self.assertFalse(made.exists() and made.stat().st_size > 0, err)


class Addresses(StoreCase):
    """The password in a server's address is for the server alone."""
    BAD = ("postgresql://u:geheim@[::1/db", "postgresql://u:geheim", "postgresql://u:ge%zzheim@h/db",
           "postgresql://u:geheim%00@h/x", "postgresql://u:geheim/a@127.0.0.1:1/x", "postgresql://u:a@geheim@h/x",
           "postgres://127.0.0.1:1/db?password=geheim&sslpassword=geheim",
           "postgres://127.0.0.1:1/db?password=&sslpassword=geheim%",
           "postgresql://u:geheim@127.0.0.1:1/db?x=1", "Postgresql://u:geheim@h/x")

    def test_no_message_shows_it(self):
        for address in self.BAD:
            for command in (["store", "query"], ["trend"]):
                process = self.start(*command, "--store", address)
                out, err = process.communicate(timeout=300)
                self.assertNotEqual(process.returncode, 0)
                self.assertNotRegex(out + err, "heim")
        # What is none stays to be read.
        process = self.start("store", "query", "--store", "postgresql://127.0.0.1:1/db")
        self.assertNotIn("*", process.communicate(timeout=300)[1])

    def test_no_list_of_processes_shows_it(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"postgresql://u:geheim@127.0.0.1:{silent.getsockname()[1]}/db?connect_timeout=60"
            for words in (["--store", address], [f"--store={address}"]):
                process = self.start("store", "query", *words)
                self.addCleanup(end, process)
                try:
                    connection = self.accept(silent, process)
                    line = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
                    self.assertIn(b"postgresql://u:******@127.0.0.1", line)
                    # It still knows it: the first message to a server names the user, and is not cut.
                    self.assertIn(b"user\0u\0", connection.recv(1024) if self.refuse_tls(connection) else b"")
                    connection.close()
                finally:
                    process.kill()
                    process.communicate()

    def accept(self, silent, process):
        """The program's connection; skips where it has no library for servers."""
        silent.settimeout(1)
        while process.poll() is None:
            try:
                return silent.accept()[0]
            except TimeoutError:
                continue
        self.skipTest("skipped: this vmsuite reaches no server: " + process.stderr.read())

    @staticmethod
    def refuse_tls(connection):
        """A client asks for TLS first, and goes on without where there is none."""
        connection.settimeout(PATIENCE)
        asked = connection.recv(8)
        connection.sendall(b"N")
        return len(asked) == 8


if __name__ == "__main__":
    main()
