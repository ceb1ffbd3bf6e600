"""Runs one real Apache Kafka broker as a child process, without Docker.

Needs Python 3.11, Java 17 or newer and, the first time, Maven; nothing installed
by pip. Once the broker answers, one line of JSON is on stdout:

    {"bootstrap": "127.0.0.1:NNNN", "pid": 123, "log": "/.../broker.log"}

The broker lives until SIGTERM or SIGINT, or until stdin ends if stdin is a pipe or
a socket. A parent that dies, however it dies, therefore never leaves one behind.

Exit codes: 0 stopped as asked, 1 the broker failed, 2 wrong usage, 69 Java, Maven
or Kafka's own files can't be had.
"""

import argparse
import ctypes
import fcntl
import hashlib
import json
import os
import re
import secrets
import select
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import IO, Final

EX_FAILED: Final = 1
EX_UNAVAILABLE: Final = 69  # sysexits.h

HERE: Final = Path(__file__).resolve().parent
MIN_JAVA: Final = 17
START_TIMEOUT_S: Final = 120.0  # measured: 1.5 s alone on two cores, more when shared
STOP_TIMEOUT_S: Final = 20.0  # measured: 0.3 s
PORT_ATTEMPTS: Final = 3
STARTED: Final = "Kafka Server started"
PORT_TAKEN: Final = "Address already in use"
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class UnavailableError(Exception):
    """Java, Maven or Kafka's files can't be had. Install what the text names."""


class BrokerError(Exception):
    """The broker did not start or died. The text ends with its last log lines."""


class ParentGoneError(Exception):
    """The parent closed stdin. Stop the broker and leave."""


@dataclass(frozen=True, slots=True)
class Release:
    """A Kafka line: the profile in pom.xml that fetches it, and how it is told to log."""

    profile: str
    log_option: str


RELEASES: Final = {
    "4.1": Release("kafka-4.1", f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"),
    "3.9": Release(
        "kafka-3.9", f"-Dlog4j.configuration={(HERE / 'log4j.properties').as_uri()}"
    ),
}


# --- Java, Maven and the files of Kafka ---------------------------------------


def find_java() -> str:
    """A `java` of at least version 17: from JAVA_HOME if that is set, else from PATH.

    Raises:
        UnavailableError: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if java is None:
        where = f"{home}/bin (JAVA_HOME)" if home else "PATH"
        raise UnavailableError(
            f"no java in {where}: install Java {MIN_JAVA} or newer "
            "(Debian: apt-get install openjdk-17-jre-headless)"
        )
    told = subprocess.run(
        [java, "-version"], check=False, capture_output=True, text=True
    )
    # "17.0.15", "21" and, before Java 9, "1.8.0_412".
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if found is None or int(found[1]) < MIN_JAVA:
        is_now = f"version {found[1]}" if found else "of unknown version"
        raise UnavailableError(
            f"{java} is {is_now}, Kafka wants Java {MIN_JAVA} or newer: "
            "install one and point JAVA_HOME at it"
        )
    return java


def fetch(version: str, libs_root: Path = HERE / "libs") -> Path:
    """The folder with all jars of that Kafka line is complete when this returns.

    It is named after the checksum of pom.xml and comes into being by one rename, so
    a half-filled one is never seen. Of several processes one downloads; the others
    wait for it.

    Raises:
        UnavailableError: Maven is missing, or could not get the files.
        ParentGoneError: the parent went away during the download.
    """
    checksum = hashlib.sha256((HERE / "pom.xml").read_bytes()).hexdigest()
    ready = libs_root / f"{version}-{checksum[:12]}"
    if ready.is_dir():
        return ready
    libs_root.mkdir(parents=True, exist_ok=True)
    with (libs_root / ".lock").open("w") as lock:
        _lock(lock)
        if not ready.is_dir():
            part = libs_root / ".part"
            shutil.rmtree(part, ignore_errors=True)  # of one who was killed
            _download(RELEASES[version], part)
            part.rename(ready)
    return ready


def _lock(file: IO[str]) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _pause(0.2)
        else:
            return


def _download(release: Release, into: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError(
            "no mvn in PATH: install Maven to fetch Kafka (Debian: apt-get install maven)"
        )
    # Maven reads MAVEN_ARGS by itself only since 3.9; passing it on serves all.
    own_args = shlex.split(os.environ.get("MAVEN_ARGS", ""))
    command = [maven, "-q", "-B", *own_args, "-f", str(HERE / "pom.xml")]
    command += [f"-P{release.profile}", "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    environment = {k: v for k, v in os.environ.items() if k != "MAVEN_ARGS"}
    print("fetching Apache Kafka with Maven, once", file=sys.stderr, flush=True)
    with tempfile.TemporaryFile("w+") as said:
        child = _spawn(command, output=said.fileno(), env=environment)
        try:
            while child.poll() is None:
                _pause(0.1)
        finally:
            _end(child)
        said.seek(0)
        if child.returncode != 0:
            raise UnavailableError(
                "Maven could not get Kafka's files. If this machine reaches them only "
                "through a mirror, name it in ~/.m2/settings.xml.\n"
                + _tail(said.read())
            )


# --- the broker ---------------------------------------------------------------


class Broker:
    """One broker and controller in one Java process, with its files in `home`.

    Starting again on the same `home` finds all topics, records and offsets again.
    """

    def __init__(self, java: str, jars: Path, release: Release, home: Path) -> None:
        self.home = home
        self.log = home / "broker.log"
        self.bootstrap = ""
        self._java = [java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        # The two flags above start twice as fast and cost peak throughput only.
        self._java += ["-Djava.awt.headless=true", f"-Dkafka.log.file={self.log}"]
        self._java += [release.log_option, "-cp", f"{jars}/*"]
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        if self._child is None:
            raise BrokerError("the broker is not running: call start() first")
        return self._child.pid

    def start(self, port: int | None = None, heap: str = "512m") -> None:
        """The broker answers on `bootstrap`; `port` None means any free port.

        Raises:
            BrokerError: it does not come up, or `port` is taken.
            ParentGoneError: the parent went away meanwhile.
        """
        if port is not None and not _is_free(port):
            raise BrokerError(f"port {port} is taken: choose another, or none")
        for attempt in range(1, PORT_ATTEMPTS + 1):
            try:
                self._start_once(port or _free_port(), heap)
            except BrokerError as failed:
                # Somebody took a port between our look and Kafka's bind.
                if PORT_TAKEN not in str(failed) or attempt == PORT_ATTEMPTS:
                    raise
            else:
                return

    def stop(self) -> None:
        """No process is left; committed data is on disk."""
        if self._child is not None:
            _end(self._child)
            self._child = None

    def check(self) -> None:
        """Raise `BrokerError` if the running broker has died."""
        if self._child is not None and self._child.poll() is not None:
            raise BrokerError(self._obituary(0))

    def _start_once(self, port: int, heap: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        properties = self.home / "server.properties"
        template = Template((HERE / "server.properties.in").read_text())
        properties.write_text(
            template.substitute(
                home=self.home, port=port, controller_port=_free_port(port)
            )
        )
        self._format(properties)
        log_begin = self.log.stat().st_size if self.log.exists() else 0
        command = [*self._java, f"-Xms{heap}", f"-Xmx{heap}", "kafka.Kafka"]
        with (self.home / "java.out").open("w") as out:
            self._child = _spawn([*command, str(properties)], output=out.fileno())
        try:
            self._wait_until_ready(port, log_begin)
        except BaseException:
            self.stop()
            raise
        self.bootstrap = f"127.0.0.1:{port}"

    def _format(self, properties: Path) -> None:
        if (self.home / "data" / "meta.properties").exists():
            return
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*self._java, "kafka.tools.StorageTool", "format"]
        told = subprocess.run(
            # "=": an id that begins with "-" is not to be read as an option.
            [*command, f"--cluster-id={cluster_id}", f"--config={properties}"],
            check=False,
            capture_output=True,
            text=True,
        )
        if told.returncode != 0:
            raise BrokerError("can't format storage:\n" + _tail(told.stderr))

    def _wait_until_ready(self, port: int, log_begin: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        # Our own log says so only after our own process has bound its ports, so
        # somebody else's listener is never taken for ours.
        while STARTED not in self._logged(log_begin) or not _accepts(port):
            if self._child is None or self._child.poll() is not None:
                raise BrokerError(self._obituary(log_begin))
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"the broker is not up after {START_TIMEOUT_S:.0f} s:\n"
                    + _tail(self._logged(log_begin))
                )
            _pause(0.05)

    def _logged(self, begin: int) -> str:
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[begin:].decode(errors="replace")

    def _obituary(self, log_begin: int) -> str:
        said = (self.home / "java.out").read_text(errors="replace")
        return "the broker has ended:\n" + _tail(said + self._logged(log_begin))


# --- processes, ports, stdin --------------------------------------------------


def _spawn(
    command: list[str], output: int, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a child that the kernel kills should this process die first.

    A session of its own keeps Ctrl-C away from it: we end it, in our order.
    """
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def leash() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=env,
        start_new_session=True,
        preexec_fn=leash,  # noqa: PLW1509 - safe: this program has one thread
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """The child has ended: asked to first, killed after a while."""
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _free_port(but: int | None = None) -> int:
    """A loopback port that nobody has now, other than `but`.

    Below the range from which the kernel serves outgoing connections: a client that
    retries a port of that range while the broker is down may connect to itself, and
    then the broker can't have its port back.
    """
    kernel = Path("/proc/sys/net/ipv4/ip_local_port_range")
    outgoing = int(kernel.read_text().split()[0]) if kernel.exists() else 32_768
    ports = range(20_000, max(outgoing, 20_000)) or range(20_000, 65_536)
    for _ in range(1000):
        port = secrets.choice(ports)
        if port != but and _is_free(port):
            return port
    raise BrokerError("no free port on 127.0.0.1: end some of the servers there")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Kafka binds with it too: remains of closed connections do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def _pause(seconds: float) -> None:
    """Sleep, but raise `ParentGoneError` when stdin, if a pipe or a socket, has ended.

    Of other kinds, /dev/null and files always stand at their end, and a terminal has
    Ctrl-C; those are not watched.
    """
    try:
        mode = os.fstat(0).st_mode
    except OSError:  # closed before we began
        mode = 0
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        time.sleep(seconds)
        return
    readable, _, _ = select.select([0], [], [], seconds)
    if readable and not os.read(0, 4096):
        raise ParentGoneError


# --- command ------------------------------------------------------------------


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Run one Apache Kafka broker on loopback until told to stop.",
        epilog="Exit codes: 0 stopped as asked, 1 the broker failed, 2 usage, "
        "69 Java, Maven or Kafka's files can't be had.",
    )
    parser.add_argument("--version", choices=sorted(RELEASES), default="4.1")
    parser.add_argument(
        "--data-dir", type=Path, help="keep everything here (default: throw it away)"
    )
    parser.add_argument("--port", type=int, help="loopback port (default: a free one)")
    parser.add_argument("--heap", default="512m", help="Java heap (default: 512m)")
    parser.add_argument(
        "--fetch-only", action="store_true", help="get Kafka's files, start nothing"
    )
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace, home: Path) -> None:
    java = find_java()
    jars = fetch(options.version)
    if options.fetch_only:
        return
    broker = Broker(java, jars, RELEASES[options.version], home)
    try:
        broker.start(options.port, options.heap)
        facts = {"bootstrap": broker.bootstrap, "pid": broker.pid}
        print(json.dumps({**facts, "log": str(broker.log)}), flush=True)
        while True:
            broker.check()
            _pause(0.2)
    finally:
        # A second Ctrl-C would leave files behind; the end is bounded anyway.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        broker.stop()


def main(arguments: list[str]) -> int:
    """Run until told to stop; the exit code."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = options.data_dir or Path(tempfile.mkdtemp(prefix="idweave-kafka-"))
    try:
        _serve(options, home.resolve())
    except (ParentGoneError, KeyboardInterrupt):
        return 0
    except UnavailableError as missing:
        print(missing, file=sys.stderr)
        return EX_UNAVAILABLE
    except (BrokerError, OSError) as failed:
        print(failed, file=sys.stderr)
        return EX_FAILED
    finally:
        if options.data_dir is None:
            shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
