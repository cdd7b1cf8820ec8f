#!/usr/bin/env python3
"""Starts, stops and disturbs real RocketMQ servers on this machine's loopback: a NameServer and its brokers.

`start` prints the addresses as lines NAME=value, and keeps them in <dir>/servers.env. Servers are named namesrv,
broker-a, broker-b and so on. Several clusters live beside each other, each in a folder of its own.
"""
import argparse
import os
import pathlib
import signal
import sys
import time

from servers import packages, process, remoting
from servers.cluster import RUN, Cluster
from servers.embedded import EmbeddedCluster
from servers.errors import ServerError

BROKERS_MAX = 26


def property_pair(text):
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"'{text}': expected name=value")
    return name, value


def broker_count(text):
    count = int(text)
    if not 1 <= count <= BROKERS_MAX:
        raise argparse.ArgumentTypeError(f"{count}: expected 1 to {BROKERS_MAX}")
    return count


def parse():
    parser = argparse.ArgumentParser(prog="./dev broker", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--version", choices=packages.VERSIONS, default=packages.VERSIONS[0])
    where = place.add_mutually_exclusive_group()
    where.add_argument("--name", help="name of the cluster, below build/servers/run (default: the version)")
    where.add_argument("--dir", type=pathlib.Path, help="folder of the cluster, elsewhere")
    commands = parser.add_subparsers(dest="command", required=True)

    fetch = commands.add_parser("fetch", help="get the packages and compile the Java peer, start nothing")
    fetch.add_argument("--version", choices=packages.VERSIONS, help="default: all")
    start = commands.add_parser("start", parents=[place],
                                help="start a NameServer and brokers; returns when all are ready")
    start.add_argument("--brokers", type=broker_count, default=1, metavar="N")
    start.add_argument("--property", type=property_pair, action="append", default=[], metavar="NAME=VALUE",
                       dest="properties", help="a property of every broker, may be repeated")
    start.add_argument("--tls", action="store_true",
                       help="also speak TLS, with certificates that the servers make themselves")
    start.add_argument("--embedded", type=pathlib.Path, metavar="PROGRAM",
                       help="start the embedded broker rmq-testbroker in place of real servers")
    start.add_argument("--replace", action="store_true", help="stop what runs in the folder first")
    stop = commands.add_parser("stop", parents=[place], help="stop everything, or the named servers")
    stop.add_argument("names", nargs="*", metavar="SERVER")
    for name, text in (("kill", "end at once, without a goodbye"),
                       ("pause", "freeze: connections stay, nothing answers"),
                       ("resume", "go on after a pause"),
                       ("restart", "stop if need be and start, with the same port and store")):
        command = commands.add_parser(name, parents=[place], help=text)
        command.add_argument("names", nargs="+", metavar="SERVER")
    commands.add_parser("status", parents=[place], help="show the servers, and which brokers the NameServer knows")
    commands.add_parser("peer", parents=[place], help="run the Java peer on standard input and output")
    return parser.parse_args()


def print_status(cluster):
    for server in cluster.servers:
        state = cluster.state(server)
        memory = f"{process.resident_mib(server.pid)} MiB" if state != "gone" else "-"
        print(f"{server.name:10} {server.address:16} {state:8} pid {server.pid:7} {memory}")
    try:
        known = remoting.registered_brokers(cluster.find("namesrv").port)
        print("routes:", " ".join(f"{name}={address}" for name, address in sorted(known.items())) or "none")
    except (OSError, ValueError) as error:
        print(f"routes: the NameServer does not answer ({error})")


def run(options):
    if options.command == "fetch":
        for version in [options.version] if options.version else packages.VERSIONS:
            packages.fetch(version)
        return
    cluster = Cluster(options.dir or RUN / (options.name or options.version))
    if options.command != "start" and not cluster.state_file.is_file():
        if options.command == "stop" and not options.names:
            return
        raise ServerError(f"no cluster in {cluster.folder}; ./dev broker start makes one")
    with packages.locked(cluster.folder / "lock"):
        if options.command == "start":
            began = time.monotonic()
            if options.embedded:
                cluster = EmbeddedCluster(cluster.folder)
                cluster.start_embedded(options.embedded, options.version, options.brokers, options.replace)
            else:
                cluster.start(options.version, options.brokers, dict(options.properties), options.tls, options.replace)
            print(f"started in {time.monotonic() - began:.1f} s", file=sys.stderr)
            sys.stdout.write(cluster.environment_file.read_text())
            return
        cluster.load()
        if options.command == "status":
            print_status(cluster)
        elif options.command != "peer":
            getattr(cluster, options.command)(options.names)
    if options.command == "peer":
        script = str(cluster.folder / "java-peer")
        os.execv(script, [script])


def main():
    # Ends a start that is told to stop with an exception, so that it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run(parse())
    except ServerError as error:
        print(f"broker: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
