#!/usr/bin/env python3
"""Runs examples/c/driven against a TLS server that is killed and started again in the middle.

driven_test.py <rmq-testbroker> <driven>

Asserts what the example promises: by host name, over TLS, with compressed bodies, through a restart of the peer; one entry in
/proc/<pid>/task at every look; SIGPIPE at its default disposition never ends it; a certificate for another name is refused.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

BROKER, DRIVEN = sys.argv[1:3]
COUNT = 20000
GUARD_S = 90


def make_certificate(folder, name, host):
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                    "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return key, cert


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_broker(port, key, cert, *options):
    broker = subprocess.Popen([BROKER, "--port", str(port), "--topic", "driven:1", "--tls-cert", cert, "--tls-key", key,
                               "--until-stdin-closes", "--host", "127.0.0.1", *options],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = broker.stdout.readline()
    assert line.startswith("LISTENING"), line
    return broker


def command(control, line):
    """What the broker answers to a line on its control socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(control))
        connection.sendall(line.encode() + b"\n")
        answer = ""
        while not answer.endswith("OK\n"):
            part = connection.recv(4096).decode()
            assert part and "ERROR" not in part, answer + part
            answer += part
    return answer


def start_broker_that_falls_silent(port, key, cert, control):
    """After a tenth of all sends it answers no more, so that sends are on their way when it is killed."""
    broker = start_broker(port, key, cert, "--control", control)
    command(control, f"fault all SEND_MESSAGE_V2 from={COUNT // 10} hold")
    return broker


def is_silent(control):
    return " held_answers=0 " not in command(control, "stats")


def threads_of(process):
    try:
        return len(os.listdir(f"/proc/{process.pid}/task"))
    except FileNotFoundError:
        return 0


def run_through_a_restart(folder, port, key, cert):
    options = folder / "options.properties"
    options.write_text(f"tls_enable = true\ntls_ca_file = {cert}\nreconnect_backoff_max = 200\nconnect_timeout = 2000\n")
    control = folder / "control"
    broker = start_broker_that_falls_silent(port, key, cert, control)
    # Popen would set SIGPIPE back itself, but says nothing about the default of the parent: ask for it by name.
    driven = subprocess.Popen([DRIVEN, f"localhost:{port}", "driven", str(COUNT), options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
    looks, threads_max, restarts = 0, 0, 0
    deadline = time.monotonic() + GUARD_S
    while driven.poll() is None:
        assert time.monotonic() < deadline, "the example hangs"
        threads_max = max(threads_max, threads_of(driven))
        looks += 1
        if looks % 100 == 0 and restarts < 3 and is_silent(control):
            broker.kill()
            broker.wait()
            restarts += 1
            broker = (start_broker_that_falls_silent(port, key, cert, control) if restarts < 3 else
                      start_broker(port, key, cert))
    out, err = driven.communicate()
    broker.kill()
    broker.wait()
    print(out.strip(), "|", err.strip()[:300], f"| {looks} looks at its threads, at most {threads_max}, {restarts} restarts")
    assert driven.returncode == 0, (driven.returncode, err)
    assert f"stored {COUNT}," in out and "library threads 0" in out, out
    assert threads_max == 1, threads_max
    assert restarts == 3, f"{restarts} restarts; raise COUNT"
    assert "sent again 0," not in out, "no send met a restart"


def refuse_another_name(folder, port):
    key, cert = make_certificate(folder, "other", "other.example")
    options = folder / "other.properties"
    options.write_text(f"tls_enable = true\ntls_ca_file = {cert}\n")
    broker = start_broker(port, key, cert)
    driven = subprocess.Popen([DRIVEN, f"localhost:{port}", "driven", "10", options], stderr=subprocess.PIPE, text=True)
    line = driven.stderr.readline()
    driven.kill()
    driven.wait()
    broker.kill()
    broker.wait()
    print(line.strip())
    assert line.startswith("first failure:") and "localhost" in line, line


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key, cert = make_certificate(folder, "good", "localhost")
        run_through_a_restart(folder, free_port(), key, cert)
        refuse_another_name(folder, free_port())


main()
