"""A cluster that is one process of rmq-testbroker, with the files and commands of one of real servers."""
import time

from . import packages, process, settings
from .cluster import READY_SECONDS, Cluster
from .errors import ServerError


class EmbeddedCluster(Cluster):
    """Only starting differs: all servers have one process, which takes free ports itself."""

    def start_embedded(self, program, version, broker_count, replace):
        self.program = str(program.resolve())
        self.start(version, broker_count, {}, False, replace)

    def launch_all(self, servers, libraries):
        brokers = [s for s in self.servers if s.kind == "broker"]
        output = self.folder / "output.log"
        pid = process.start([self.program, "--version", self.version, "--brokers", str(len(brokers)),
                             "--separate-namesrv", "--set", "recall=true"], output)
        for server in self.servers:
            server.pid = pid
        self.save()
        deadline = time.monotonic() + READY_SECONDS
        lines = []
        while len(lines) < len(self.servers):
            if self.state(self.servers[0]) == "gone" or time.monotonic() > deadline:
                raise ServerError(f"{self.program} did not start: {output.read_text()}")
            time.sleep(0.01)
            lines = output.read_text().splitlines()
        for server, line in zip(self.servers, lines):
            server.port = int(line.rsplit(":", 1)[1])
        self.save()
        _, peer = packages.fetch(self.version)
        self.write_peer(libraries, peer)  # again, as now the port of the NameServer is known
