"""Gets the official servers and client from Maven and compiles the Java peer: build/servers/<version>/{lib,peer}."""
import contextlib
import fcntl
import hashlib
import pathlib
import shutil
import subprocess

from .errors import ServerError

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "servers"
POM = ROOT / "tests" / "support" / "servers" / "pom.xml"
PEER_SOURCES = ROOT / "tests" / "support" / "java_peer"
VERSIONS = ("5.4.0", "5.5.0", "4.9.7")  # the first one is started by default


def need_programs(*names):
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise ServerError(
            f"not found: {', '.join(missing)}. The real RocketMQ servers need a JDK from 17 on, and Maven once "
            "(apt install openjdk-17-jdk-headless maven, or ./dev broker fetch, which does that)")


@contextlib.contextmanager
def locked(path):
    """Lets one process at a time in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(paths):
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def make_once(folder, stamp, fill):
    """Has fill(new folder) make `folder`, unless one with the same stamp is there; never leaves half of one."""
    stamp_file = folder / ".stamp"
    if stamp_file.is_file() and stamp_file.read_text() == stamp:
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    fill(partial)
    (partial / ".stamp").write_text(stamp)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def run_quietly(what, command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True)
    if result.returncode != 0:
        raise ServerError(f"{what} failed (status {result.returncode}):\n{result.stdout[-4000:]}")


def copy_libraries(version, target):
    need_programs("mvn")
    run_quietly(f"getting RocketMQ {version} from Maven", [
        "mvn", "-q", "-B", "-f", str(POM), f"-Drocketmq.version={version}", "dependency:copy-dependencies",
        f"-DoutputDirectory={target}", "-DincludeScope=runtime"])
    if not (target / f"rocketmq-broker-{version}.jar").is_file():
        raise ServerError(f"Maven copied no rocketmq-broker-{version}.jar to {target}")


def compile_peer(libraries, target):
    sources = sorted(str(path) for path in PEER_SOURCES.glob("*.java"))
    run_quietly("compiling the Java peer", [
        "javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "--release", "17", "-cp", f"{libraries}/*",
        "-d", str(target), *sources])


def fetch(version):
    """Returns (folder of libraries, folder of the peer's classes), made when they are not there yet."""
    if version not in VERSIONS:
        raise ServerError(f"version {version} is not known here; expected one of {', '.join(VERSIONS)}")
    need_programs("java", "javac")
    home = BUILD / version
    libraries, peer = home / "lib", home / "peer"
    with locked(home / "lock"):
        make_once(libraries, digest([POM]), lambda target: copy_libraries(version, target))
        make_once(peer, digest(PEER_SOURCES.glob("*.java")), lambda target: compile_peer(libraries, target))
    return libraries, peer
