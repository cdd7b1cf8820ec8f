"""One cluster in one folder: a NameServer and its brokers, remembered in cluster.json from one command to the next."""
import dataclasses
import json
import os
import pathlib
import shlex
import shutil
import signal
import time

from . import packages, ports, process, remoting, settings
from .errors import ServerError

RUN = packages.BUILD / "run"
READY_SECONDS = 200  # only against hanging: two brokers take 10 s, and over a minute on a machine with twenty compilers
GRACE_SECONDS = 30
# A broker also listens on the port less 2 (VIP) and plus 1 (for its slaves).
PORT_OFFSETS = {"namesrv": (0,), "broker": (-2, 0, 1)}


@dataclasses.dataclass
class Server:
    name: str  # "namesrv", "broker-a", ...
    kind: str
    port: int
    pid: int = 0

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


class Cluster:
    """The files and processes of one folder. Whoever holds one also holds the folder's lock (see packages.locked)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.version = ""
        self.properties = {}
        self.tls = False
        self.program = ""  # rmq-testbroker, when that stands for all servers
        self.servers = []

    # ---- what is remembered

    @property
    def state_file(self):
        return self.folder / "cluster.json"

    @property
    def environment_file(self):
        return self.folder / "servers.env"

    def load(self):
        """Reads what an earlier command wrote. Returns whether there was any."""
        if not self.state_file.is_file():
            return False
        try:
            state = json.loads(self.state_file.read_text())
            self.version, self.properties, self.tls = state["version"], state["properties"], state["tls"]
            self.program = state.get("program", "")
            self.servers = [Server(**server) for server in state["servers"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ServerError(f"{self.state_file} cannot be read ({error!r}); "
                              "end its servers and remove the folder") from error
        return True

    def save(self):
        state = {"version": self.version, "properties": self.properties, "tls": self.tls, "program": self.program,
                 "servers": [vars(s) for s in self.servers]}
        write_whole(self.state_file, json.dumps(state, indent=2) + "\n")
        write_whole(self.environment_file, "".join(f"{line}\n" for line in self.environment()))

    def environment(self):
        """What tests need to know, as lines NAME=value."""
        lines = []
        for server in self.servers:
            name = "RMQ_" + server.name.upper().replace("-", "_")
            suffix = "_ADDR" if server.kind == "namesrv" else ""
            lines += [f"{name}{suffix}={server.address}", f"{name}_PID={server.pid}"]
        return [*lines, f"RMQ_BROKERS={' '.join(s.name for s in self.servers if s.kind == 'broker')}",
                f"RMQ_SERVERS_DIR={self.folder}", f"RMQ_VERSION={self.version}",
                f"RMQ_JAVA_PEER={self.folder / 'java-peer'}"]

    # ---- processes

    def home(self, server):
        return self.folder / server.name

    def mark(self, server):
        return self.program or f"-Duser.home={self.home(server)}"

    def state(self, server):
        return process.state_of(server.pid, self.mark(server)) if server.pid else "gone"

    def find(self, name):
        for server in self.servers:
            if server.name == name:
                return server
        raise ServerError(f"no server '{name}' in {self.folder}; there are {', '.join(s.name for s in self.servers)}")

    def launch(self, server, libraries):
        home = self.home(server)
        settings.prepare_home(home)
        if server.kind == "namesrv":
            properties = settings.namesrv_properties(home, server.port)
        else:
            namesrv = self.find("namesrv").port
            properties = settings.broker_properties(server.name, home, server.port, namesrv, self.properties)
        file = home / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
        command = settings.java_command(server.kind, home, libraries, tls=self.tls)
        server.pid = process.start([*command, settings.MAIN_CLASSES[server.kind], "-c", str(file)], home / "output.log")
        self.save()

    def launch_all(self, servers, libraries):
        """Starts servers and waits for them; the NameServer first, as a broker that finds none tries again after 10 s."""
        others = [s for s in self.servers if s not in servers and self.state(s) == "running"]
        for kind in ("namesrv", "broker"):
            launched = [s for s in servers if s.kind == kind]
            for server in launched:
                self.launch(server, libraries)
            if kind == "namesrv":
                self.wait_until(launched, not_listening)
        self.wait_until([*others, *servers], self.not_ready)

    def end(self, servers, grace_seconds=GRACE_SECONDS):
        process.end({s.pid: self.mark(s) for s in servers if self.state(s) != "gone"}, grace_seconds)

    def signal(self, server, number):
        if not process.send_signal(server.pid, self.mark(server), number):
            raise ServerError(f"{server.name} is not running")

    # ---- readiness

    def wait_until(self, servers, missing):
        """Returns when missing(servers) gives none of them any more; fails when one ends, or the time is up."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            process.reap()
            ended = [s for s in servers if self.state(s) == "gone"]
            if ended:
                raise ServerError("\n".join(f"{s.name} ended while it started; {self.log_tail(s)}" for s in ended))
            left = missing(servers)
            if not left:
                return
            if time.monotonic() > deadline:
                raise ServerError("\n".join(
                    f"{s.name} is not ready after {READY_SECONDS} s; {self.log_tail(s)}" for s in left))
            time.sleep(0.1)

    def not_ready(self, servers):
        """Those that take no connection, or whose route the NameServer (if it is one of them) does not have."""
        waiting = not_listening(servers)
        namesrv = next((s for s in servers if s.kind == "namesrv"), None)
        if waiting or namesrv is None:
            return waiting
        try:
            registered = remoting.registered_brokers(namesrv.port)
        except (OSError, ValueError, KeyError, AttributeError):
            return [namesrv]
        waiting = [s for s in servers if s.kind == "broker" and registered.get(s.name) != s.address]
        for broker in waiting:
            self.press(broker)
        return waiting

    def press(self, broker):
        """Has a broker register before its time: the first try of a 5.x broker often comes before its connection."""
        try:
            remoting.register_now(broker.port, self.properties.get("brokerPermission", "6"))
        except (OSError, ValueError, KeyError):
            pass  # not that far; asked again soon

    def log_tail(self, server, lines=30):
        """The end of what a server wrote, without the stack traces that would fill it."""
        log = self.home(server) / "output.log"
        text = log.read_text(errors="replace").splitlines() if log.is_file() else []
        text = [line for line in text if not line.startswith("\tat ")]
        return f"the end of {log}:\n" + "\n".join(text[-lines:]) if text else f"it wrote nothing to {log}"

    # ---- commands

    def start(self, version, broker_count, properties, tls, replace):
        program = self.program
        if self.load():
            running = [s for s in self.servers if self.state(s) != "gone"]
            if running and not replace:
                raise ServerError(f"servers already run in {self.folder} ({', '.join(s.name for s in running)}): "
                                  "stop them first, or start with --replace")
            self.end(running, 0)
        elif self.folder.is_dir() and any(path.name != "lock" for path in self.folder.iterdir()):
            raise ServerError(f"{self.folder} is not empty and holds no cluster; choose another --dir")
        libraries, peer = packages.fetch(version)
        for path in self.folder.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.version, self.properties, self.tls, self.program = version, properties, tls, program
        self.take_ports(broker_count)
        self.write_peer(libraries, peer)
        try:
            self.launch_all(self.servers, libraries)
        except BaseException:
            self.end(self.servers, 0)
            raise

    def take_ports(self, broker_count):
        kinds = [("namesrv", "namesrv"), *((f"broker-{chr(ord('a') + i)}", "broker") for i in range(broker_count))]
        with packages.locked(packages.BUILD / "ports.lock"):
            taken = set()
            for file in RUN.glob("*/cluster.json"):
                for server in json.loads(file.read_text())["servers"]:
                    taken |= {server["port"] + offset for offset in PORT_OFFSETS[server["kind"]]}
            self.servers = [Server(name, kind, ports.pick(PORT_OFFSETS[kind], taken)) for name, kind in kinds]
            self.save()

    def write_peer(self, libraries, peer):
        home = self.folder / "peer"
        settings.prepare_home(home, home / "peer.log")
        command = settings.java_command("peer", home, libraries, [peer])
        script = self.folder / "java-peer"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@" Peer {self.find("namesrv").address}\n')
        script.chmod(0o755)

    def stop(self, names):
        """Lets the named servers go down in their own way, which takes seconds. All together are just killed."""
        chosen = [self.find(name) for name in names]
        self.end([s for s in chosen if s.kind == "broker"])
        self.end([s for s in chosen if s.kind == "namesrv"])
        if not names:
            self.end(self.servers, 0)

    def kill(self, names):
        for server in map(self.find, names):
            self.signal(server, signal.SIGKILL)
            self.end([server], 0)  # waits until it is gone

    def pause(self, names):
        for server in map(self.find, names):
            self.signal(server, signal.SIGSTOP)

    def resume(self, names):
        for server in map(self.find, names):
            self.signal(server, signal.SIGCONT)

    def restart(self, names):
        libraries, _ = packages.fetch(self.version)
        chosen = [self.find(name) for name in names]
        self.stop(names)
        self.launch_all(chosen, libraries)


def not_listening(servers):
    return [s for s in servers if not remoting.is_listening(s.port)]


def write_whole(path, text):
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    os.replace(partial, path)
