#!/usr/bin/env python3
"""Drives rmq-testbroker through its control socket and a scenario file: `executable_test.py <rmq-testbroker>`."""
import contextlib
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
WAIT_S = 20


class Control:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(str(path))
        self.input = self.socket.makefile("r", encoding="utf-8")

    def ask(self, line):
        """The answer's lines, the last one being OK or ERROR with a sentence."""
        self.socket.sendall(line.encode() + b"\n")
        return self.read()

    def read(self):
        lines = []
        for line in self.input:
            lines.append(line.rstrip("\n"))
            if line == "OK\n" or line.startswith("ERROR "):
                return lines
        return lines + ["(closed)"]

    def close(self):
        self.input.close()
        self.socket.close()


def cpu_ticks(pid):
    """Hundredths of a second."""
    return sum(int(word) for word in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])


class Executable(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "control"

    def start(self, *options):
        process = subprocess.Popen([PROGRAM, "--until-stdin-closes", *map(str, options)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertTrue(process.stdout.readline().startswith("LISTENING 127.0.0.1:"))
        return process

    def control(self):
        control = Control(self.path)
        self.addCleanup(control.close)
        return control

    def refused(self, *options):
        result = subprocess.run([PROGRAM, *map(str, options)], capture_output=True, text=True, timeout=WAIT_S)
        self.assertEqual(result.returncode, 1)
        return result.stderr

    def test_commands_are_answered_line_by_line(self):
        process = self.start("--brokers", 2, "--slaves", 1, "--control", self.path)
        control = self.control()
        servers = control.ask("servers")
        self.assertEqual([line.split()[0] for line in servers],
                         ["broker-a", "broker-b", "broker-a-s1", "broker-b-s1", "OK"])
        self.assertEqual(control.ask("promote broker-b"), ["OK"])
        self.assertIn("broker-b-s1 ", control.ask("servers")[3])
        self.assertIn(" master ", control.ask("servers")[3])
        self.assertEqual(control.ask("fly"), ['ERROR no command "fly"; "help" lists them'])
        self.assertEqual(control.ask("")[0][:16], "ERROR no command")
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(WAIT_S), 0)
        self.assertFalse(self.path.exists())

    def test_several_commands_may_be_sent_at_once_and_several_may_be_connected(self):
        self.start("--control", self.path)
        one, two = self.control(), self.control()
        one.socket.sendall(b"topic put a 4\nhelp\nfly\nmess")
        self.assertEqual(one.read(), ["OK"])
        self.assertEqual(one.read()[-1], "OK")
        self.assertTrue(one.read()[0].startswith("ERROR "))
        self.assertEqual(two.ask("messages a"), ["OK"])
        one.socket.sendall(b"ages a\n")
        self.assertEqual(one.read(), ["OK"])

    def test_a_line_without_end_ends_the_connection_only(self):
        self.start("--control", self.path)
        control = self.control()
        control.socket.sendall(b"x" * 16385)
        self.assertEqual(control.read(), ["ERROR a command is at most 16384 bytes long"])
        self.assertEqual(control.read(), ["(closed)"])
        self.assertEqual(self.control().ask("faults clear"), ["OK"])

    def test_control_connections_have_a_bound(self):
        self.start("--control", self.path)
        for _ in range(16):
            self.assertEqual(self.control().ask("faults clear"), ["OK"])
        self.assertEqual(self.control().read(), ["ERROR too many control connections"])

    def test_a_socket_file_of_a_killed_process_is_no_obstacle_and_a_living_one_is(self):
        first = self.start("--control", self.path)
        self.assertIn("Address already in use", self.refused("--control", self.path))
        first.kill()
        first.wait(WAIT_S)
        self.assertTrue(self.path.exists())
        self.start("--control", self.path)
        self.assertEqual(self.control().ask("faults clear"), ["OK"])

    def test_a_socket_of_somebody_who_is_busy_is_left_alone(self):
        with socket.socket(socket.AF_UNIX) as busy, contextlib.ExitStack() as clients:
            busy.bind(str(self.path))
            busy.listen(0)
            with self.assertRaises(BlockingIOError):
                for _ in range(100):
                    client = clients.enter_context(socket.socket(socket.AF_UNIX))
                    client.setblocking(False)
                    client.connect(str(self.path))
            self.assertIn("Address already in use", self.refused("--control", self.path))
            self.assertTrue(self.path.is_socket())

    def test_the_last_line_needs_no_end(self):
        self.start("--control", self.path)
        control = self.control()
        control.socket.sendall(b"topic put fresh 8\ntopic queues fresh 4")
        control.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(control.read(), ["OK"])
        self.assertEqual(control.read(), ["OK"])
        self.assertEqual(control.read(), ["(closed)"])

    def test_newcomers_wait_while_there_is_no_descriptor(self):
        process = self.start("--control", self.path)
        self.assertEqual(self.control().ask("faults clear"), ["OK"])
        used = max(int(path.name) for path in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()) + 1
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (used, hard))
        fillers = [self.control() for _ in range(used)]
        fillers[-1].socket.sendall(b"faults clear\n")
        fillers[-1].socket.settimeout(0.5)
        before = cpu_ticks(process.pid)
        with self.assertRaises(TimeoutError):
            fillers[-1].socket.recv(1)
        self.assertLess(cpu_ticks(process.pid) - before, 10)
        for filler in fillers[:-1]:
            filler.socket.shutdown(socket.SHUT_RDWR)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (hard, hard))
        fillers[-1].socket.settimeout(WAIT_S)
        self.assertEqual(fillers[-1].socket.recv(3), b"OK\n")

    def test_a_file_that_is_no_socket_is_left_alone(self):
        self.path.write_text("mine")
        self.assertIn("Address already in use", self.refused("--control", self.path))
        self.assertEqual(self.path.read_text(), "mine")
        self.assertIn("must have 1 to 107 bytes", self.refused("--control", self.folder / ("x" * 200)))

    def test_any_option_may_be_set_by_its_name(self):
        self.start("--set", "separate_namesrv=true", "--set", "brokers=2", "--control", self.path)
        self.assertEqual(self.control().ask("servers")[0].split()[0], "namesrv")
        self.assertIn('"fly=1": no such option', self.refused("--set", "fly=1"))
        self.assertIn('"brokers=": expected 1 to 200', self.refused("--set", "brokers"))

    def test_a_scenario_is_run(self):
        scenario = self.folder / "scenario"
        scenario.write_text("# soon\ntopic put fresh 8\nat 50ms topic remove fresh\nat 100ms topic queues fresh 3\n")
        self.start("--scenario", scenario, "--control", self.path)
        control = self.control()
        for _ in range(10000):
            if any(line.startswith("failures=1") for line in control.ask("stats")):
                break
        self.assertIn(f'{scenario}:4: topic: "fresh" where a topic', control.ask("stats")[-2])

    def test_a_bad_line_of_a_scenario_is_named(self):
        scenario = self.folder / "scenario"
        scenario.write_text("\ncrash broker-z 1s\n")
        self.assertIn(f"{scenario}:2: crash: \"broker-z\"", self.refused("--scenario", scenario))


if __name__ == "__main__":
    unittest.main()
