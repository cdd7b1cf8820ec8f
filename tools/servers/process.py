"""Server processes by the ids that were written down. An id is trusted only while its process carries our mark."""
import os
import pathlib
import signal
import subprocess
import time

from .errors import ServerError


def state_of(pid, mark):
    """Returns "running", "paused" or "gone"; gone too when the process of that id has no argument `mark`."""
    try:
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone"
    if mark.encode() not in command:
        return "gone"
    letter = status[status.rindex(")") + 2]
    return {"T": "paused", "Z": "gone", "X": "gone"}.get(letter, "running")


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def start(command, log):
    """Starts a process that outlives this one. Returns its id."""
    with open(log, "ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True, close_fds=True)
    # Its command line, by which it is known from now on, shows a moment after the exec has succeeded.
    while process.poll() is None and not pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes():
        time.sleep(0.001)
    return process.pid


def send_signal(pid, mark, number):
    """Signals a process of ours. Returns whether there was one."""
    if state_of(pid, mark) == "gone":
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(marks, seconds):
    """Returns the ids of those that are still there after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        reap()
        left = [pid for pid, mark in marks.items() if state_of(pid, mark) != "gone"]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def reap():
    """Takes the exit status of ended children, which would stay as zombies."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end(marks, grace_seconds):
    """Ends processes (id -> mark): asks, and kills those that are there after the grace period. 0: kills at once."""
    left = list(marks)
    if grace_seconds > 0:
        for pid, mark in marks.items():
            send_signal(pid, mark, signal.SIGTERM)
            send_signal(pid, mark, signal.SIGCONT)
        left = wait_until_gone(marks, grace_seconds)
    for pid in left:
        send_signal(pid, marks[pid], signal.SIGKILL)
    left = wait_until_gone(marks, 10)
    if left:
        raise ServerError(f"processes {left} do not end, not even when killed")
