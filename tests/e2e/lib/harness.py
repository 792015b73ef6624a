#!/usr/bin/env python3
"""Runs the end-to-end tests: real Postfix, real Sendmail, the real dragomand.

    tests/e2e/lib/harness.py [-v] [WORD ...]      # all tests, or those whose name contains a WORD

A test is a function test_*(t) in tests/e2e/test_*.py. All it needs it takes from t, and what it took
is gone when it ends:

    t.daemon(policy, listen="unix"|"inet"|None, also=[Listen("socketmap"), ...])
                                            a running dragomand with this policy -> Daemon; `also` are
                                            its sockets for maps and the policy service
    t.milter(script)                        a scripted milter in its place -> raw_milter.RawMilter
    t.postfix, t.sendmail                   servers shared by all tests -> Server; both ask the milter
                                            at t.socket, which is where the two above listen
    t.start_postfix(extra, milter)          servers of its own, with more configuration;
                                            release="3.11" is that of Debian's next release,
                                            resolver=ADDRESS the only name server that it asks
    t.start_sendmail(extra, milter)
    server.client()                         -> smtp_client.Client;  server.log() -> new log text
    t.bounce_for(server, recipient)         the bounce that a real Postfix makes of the refusal, bytes
    t.dragoman(*arguments)                  the command line tool -> subprocess.CompletedProcess
    t.sink(replies)                         a receiving server -> sink.Sink
    t.dir, t.port(), t.cleanup(function)    a fresh folder, a free port, and what to do at the end

    t.program                               the dragomand that t.daemon() runs
    raise Skip("why")                       when it cannot run here

Environment: BUILDDIR (default: the top of the source tree), DRAGOMAND, DRAGOMAN, DRAGOMAN_TEST_CACHE.
Exit status: 0 all passed, 1 some failed, 77 it cannot run here (not root).
"""

import ctypes
import glob
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

LIB = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(LIB)
TOP = os.path.dirname(os.path.dirname(TESTS))
sys.path[:0] = [LIB, TESTS]
sys.dont_write_bytecode = True

from raw_milter import RawMilter  # noqa: E402
from sink import Sink  # noqa: E402
from smtp_client import Client  # noqa: E402

BUILDDIR = os.path.abspath(os.environ.get("BUILDDIR", TOP))
DRAGOMAND = os.environ.get("DRAGOMAND", os.path.join(BUILDDIR, "src", "dragomand"))
DRAGOMAN = os.environ.get("DRAGOMAN", os.path.join(BUILDDIR, "src", "dragoman"))
TEST_SECONDS = 90
ROOT_SECONDS = 600


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def eventually(what, seconds=10, every=0.02):
    """Call until it gives something true, and return that; the last answer when time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(every)


def listens(address):
    """Is this path or port open for connections? Told by the kernel: a test connection would be seen."""
    if isinstance(address, str):
        with open("/proc/net/unix", encoding="utf-8") as f:
            there = any(line.split()[3] == "00010000" and line.rstrip("\n").endswith(" " + address) for line in f)
        try:
            return there and os.stat(address).st_mode & 0o777 == 0o666
        except FileNotFoundError:  # one that is about to go, before its successor comes
            return False
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(" 0100007F:%04X 00000000:0000 0A " % address in line for line in f)


def tail(path, size=4000):
    try:
        with open(path, "rb") as f:
            f.seek(max(0, os.path.getsize(path) - size))
            return f.read().decode("utf-8", "replace")
    except OSError:
        return ""


class Server:
    """A private Postfix or Sendmail, run by the script of that name in this folder."""

    def __init__(self, kind, directory, milter=None, extra="", environment=None):
        self.kind, self.dir = kind, directory
        environment = dict(os.environ, **environment or {})
        self.host = {"postfix": "pf.test", "sendmail": "sm.test"}[kind]
        self._seen = 0
        for last in (False, False, True):  # another program may take the free port first
            self.port = free_port()
            done = subprocess.run(
                [os.path.join(LIB, kind), "start", directory, str(self.port), milter or ""],
                input=extra, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                env=environment)
            if done.returncode == 0:
                return
            self.stop()
            if last:
                raise AssertionError("%s does not start:\n%s" % (kind, done.stdout))

    def client(self, **options):
        return Client(self.port, **options)

    def address(self, local="user"):
        return "%s@%s" % (local, self.host)

    def log(self, until=None, seconds=5):
        """What was logged since the start of the test (or since forget()); waits until it contains a text."""
        def new():
            with open(os.path.join(self.dir, "log"), "rb") as f:
                f.seek(self._seen)
                return f.read().decode("utf-8", "replace")
        if until is not None:
            eventually(lambda: until in new(), seconds)
        return new()

    def forget(self):
        path = os.path.join(self.dir, "log")
        self._seen = os.path.getsize(path) if os.path.exists(path) else 0

    def stop(self):
        subprocess.run([os.path.join(LIB, self.kind), "stop", self.dir], check=False)


class Listen:
    """A `listen` of a Daemon: protocol, "inet" or a path, more lines of its section. Once it is served:
    .postfix is the address as Postfix writes it, .address the path or (host, port)."""

    def __init__(self, protocol, where="inet", options=""):
        self.protocol, self._options = protocol, options
        if where == "inet":
            port = free_port()
            self.postfix, self.address = "inet:127.0.0.1:%d" % port, ("127.0.0.1", port)
            self._socket = "inet:%d@127.0.0.1" % port
        else:
            self.postfix, self.address = "unix:" + where, where
            self._socket, self._options = "unix:" + where, options + '\n    mode = "0666"'

    def section(self):
        return 'listen "%s" {\n    socket = "%s"\n    %s\n}\n' % (self.protocol, self._socket, self._options)

    def is_open(self):
        return listens(self.address if isinstance(self.address, str) else self.address[1])


class Daemon:
    """A dragomand with a configuration of its own."""

    def __init__(self, directory, policy, socket_path, listen="unix", arguments=(), program=DRAGOMAND, also=()):
        self.dir, self.process, self._command = directory, None, [program, *arguments]
        self.config = os.path.join(directory, "dragoman.conf")
        self.logfile = os.path.join(directory, "dragomand.log")
        self.listens = list(also)
        if listen is not None:
            first = Listen("milter", socket_path if listen == "unix" else listen)
            self.listens.insert(0, first)
            self.milter = first.postfix
            self._address = first.address if listen == "unix" else first.address[1]
        self.configure(policy)

    def start(self, wait=True):
        """Run it (again); wait=False: do not wait until it listens."""
        with open(self.logfile, "ab") as log:
            self.process = subprocess.Popen(
                self._command + ["-c", self.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        if wait:
            self.wait()
        return self

    def configure(self, policy):
        """Write the configuration anew (it is read at start and at reload)."""
        with open(self.config + ".new", "w", encoding="utf-8") as f:  # nobody reads half of it
            f.write('log {\n    target = stderr\n}\n'
                    + "".join(listen.section() for listen in self.listens) + policy)
        os.replace(self.config + ".new", self.config)

    def wait(self, seconds=10):
        """Until its sockets are open to all."""
        def is_open():
            return all(listen.is_open() for listen in self.listens)
        eventually(lambda: is_open() or self.process.poll() is not None, seconds)
        if self.process.poll() is not None or not is_open():
            raise AssertionError("dragomand does not listen (exit status %s):\n%s"
                                 % (self.process.poll(), tail(self.logfile)))

    def log(self, until=None, seconds=5):
        """All it logged; waits until that contains a text."""
        def read():
            with open(self.logfile, "rb") as f:
                return f.read().decode("utf-8", "replace")
        if until is not None:
            eventually(lambda: until in read(), seconds)
        return read()

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, policy=None, until=None, seconds=5):
        """A new policy, SIGHUP; waits until this text is logged once more than before."""
        before = self.log().count(until) if until else 0
        if policy is not None:
            self.configure(policy)
        self.signal(signal.SIGHUP)
        if until and not eventually(lambda: self.log().count(until) > before, seconds):
            raise AssertionError("reload: %r was not logged:\n%s" % (until, tail(self.logfile)))

    def stop(self, seconds=10):
        """SIGTERM, and the exit status; None when it had to be killed."""
        status = None
        if self.process is None:
            return status
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # its session: nobody else is in it
        except ProcessLookupError:
            pass
        self.process.wait()
        return status


class World:
    """What all tests share."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="dragoman-e2e-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        # anyone may make a socket there: dragomand may not be root by then
        os.mkdir(os.path.join(self.dir, "run"))
        os.chmod(os.path.join(self.dir, "run"), 0o1777)
        self.socket = os.path.join(self.dir, "run", "milter.sock")
        self.shared, self.origins, self._root = {}, {}, None

    def server(self, kind):
        if kind not in self.shared:
            self.shared[kind] = Server(kind, os.path.join(self.dir, kind), "unix:" + self.socket)
        return self.shared[kind]

    def postfix_root(self):
        """The folder with Postfix 3.11, which takes its time when it is made."""
        if self._root is None:
            left = signal.alarm(ROOT_SECONDS)
            done = subprocess.run([os.path.join(LIB, "postfix-root")], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            signal.alarm(max(left, 1))
            if done.returncode != 0:
                raise AssertionError(done.stderr)
            self._root = done.stdout.strip()
        return self._root

    def origin(self, server):
        """A sending Postfix whose mail all goes to that server, except to its own senders."""
        if server.port not in self.origins:
            box = Sink()
            self.origins[server.port] = (box, Server(
                "postfix", os.path.join(self.dir, "origin-%d" % server.port), None,
                "myhostname = origin.test\nmyorigin = origin.test\nmydestination =\n"
                "relayhost = [127.0.0.1]:%d\n"
                "transport_maps = inline:{ { origin.test = smtp:[127.0.0.1]:%d } }\n"
                % (server.port, box.port)))
        return self.origins[server.port]

    def close(self):
        for box, server in self.origins.values():
            server.stop()
            box.stop()
        for server in self.shared.values():
            server.stop()
        end_children()
        shutil.rmtree(self.dir, ignore_errors=True)
        if self._root:  # where the folder was mounted
            shutil.rmtree(self._root + self.dir, ignore_errors=True)


class Test:
    """What one test has; see the head of this file."""

    def __init__(self, world):
        self._world, self._cleanups = world, []
        self._dir, self._daemons, self._servers = None, [], []
        self.program = DRAGOMAND
        for server in world.shared.values():
            server.forget()

    socket = property(lambda self: self._world.socket)
    postfix = property(lambda self: self._shared("postfix"))
    sendmail = property(lambda self: self._shared("sendmail"))

    @property
    def dir(self):
        if self._dir is None:
            self._dir = tempfile.mkdtemp(prefix="test-", dir=self._world.dir)
            os.chmod(self._dir, 0o755)
        return self._dir

    @staticmethod
    def port():
        return free_port()

    def cleanup(self, function):
        self._cleanups.append(function)

    def _keep(self, thing):
        self.cleanup(thing.stop)
        return thing

    def _shared(self, kind):
        server = self._world.server(kind)
        if server not in self._servers:
            self._servers.append(server)
        return server

    def folder(self, name):
        folder = tempfile.mkdtemp(prefix=name + "-", dir=self.dir)
        os.chmod(folder, 0o755)
        return folder

    def daemon(self, policy, listen="unix", wait=True, arguments=(), also=()):
        daemon = Daemon(self.folder("dragoman"), policy, self.socket, listen, arguments, self.program, also)
        self._daemons.append(daemon)
        return self._keep(daemon).start(wait)

    def milter(self, script=None):
        return self._keep(RawMilter(self.socket, script))

    @staticmethod
    def new_sink():
        """A sink that its user stops."""
        return Sink()

    def sink(self, replies=None, **options):
        return self._keep(Sink(replies, **options))

    def start_postfix(self, extra="", milter=None, release="3.7", resolver=None):
        """Release 3.7 is the one that is installed, 3.11 one in a folder of its own."""
        environment = {"POSTFIX_RESOLVER": resolver or ""}
        if release != "3.7":
            environment["POSTFIX_ROOT"] = self._world.postfix_root()
        return self._start("postfix", extra, milter, environment)

    def start_sendmail(self, extra="", milter=None):
        return self._start("sendmail", extra, milter)

    def _start(self, kind, extra, milter, environment=None):
        server = Server(kind, os.path.join(self.folder(kind), kind), milter, extra, environment)
        self._servers.append(server)
        return self._keep(server)

    def dragoman(self, *arguments, **options):
        """Run the tool; bytes in, bytes out (input=..., env=..., cwd=... as for subprocess.run)."""
        options.setdefault("timeout", 30)
        return subprocess.run([DRAGOMAN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, **options)

    def bounce_for(self, server, recipient, sender="sender@origin.test",
                   message=b"Subject: hello\n\nhello\n", seconds=30):
        """Mail for the recipient is given to a real Postfix that delivers to `server`; its bounce."""
        box, origin = self._world.origin(server)
        subprocess.run(["/usr/sbin/sendmail", "-C", os.path.join(origin.dir, "etc"),
                        "-f", sender, "-oi", "--", recipient], input=message, check=True)
        try:
            return box.wait(seconds).data
        except AssertionError as e:
            raise AssertionError("%s\n%s" % (e, tail(os.path.join(origin.dir, "log")))) from None

    def logs(self):
        """What explains a failure."""
        for daemon in self._daemons:
            yield "dragomand", tail(daemon.logfile)
        for server in self._servers:
            if os.path.isdir(server.dir):
                yield server.kind, server.log()[-4000:]

    def close(self):
        while self._cleanups:
            try:
                self._cleanups.pop()()
            except Exception:  # the next one must have its turn
                traceback.print_exc()
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        if self._dir:
            shutil.rmtree(self._dir, ignore_errors=True)


class TooLong(Exception):
    pass


class Skip(Exception):
    """The test cannot run here; says why."""


def adopt_orphans():
    """Daemons whose starter has ended become our children, and so none can be forgotten."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def children(pid=None):
    pid = pid or os.getpid()
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(pid) for pid in f.read().split()]


def end_children():
    """After everything was stopped in its own way, only ended or stuck processes are left."""
    for attempt in range(100):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if attempt >= 20 and attempt % 10 == 0:
            for pid in children():
                print("harness: ending process %d, which was left over" % pid, file=sys.stderr)
                os.kill(pid, signal.SIGTERM if attempt < 40 else signal.SIGKILL)
        time.sleep(0.05)


def find_tests(words):
    for path in sorted(glob.glob(os.path.join(TESTS, "test_*.py"))):
        module = os.path.basename(path)[:-3]
        spec = importlib.util.spec_from_file_location(module, path)
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        for name, function in list(vars(loaded).items()):
            full = "%s.%s" % (module, name)
            if name.startswith("test_") and callable(function):
                if not words or any(word in full for word in words):
                    yield full, function


def run(world, name, function, verbose):
    started = time.monotonic()
    test = Test(world)
    signal.alarm(TEST_SECONDS)
    failure = skipped = None
    try:
        function(test)
    except Skip as why:
        skipped = str(why)
    except Exception:
        failure = traceback.format_exc()
    finally:
        signal.alarm(0)
        details = list(test.logs()) if failure else []
        test.close()
    seconds = " (%.2f s)" % (time.monotonic() - started) if verbose else ""
    word = "FAILED " if failure else "skipped " if skipped else "ok "
    print(word + name + seconds + (": " + skipped if skipped else ""))
    for title, text in [("", failure or "")] + details:
        if text.strip():
            print("".join("    %s| %s\n" % (title, line) for line in text.splitlines()), end="")
    sys.stdout.flush()
    return "failed" if failure else "skipped" if skipped else "passed"


def main(arguments):
    verbose = "-v" in arguments
    words = [a for a in arguments if a != "-v"]
    if os.geteuid() != 0:
        print("harness: the mail servers need root")
        return 77

    def too_long(*_):
        raise TooLong("more than %d s" % TEST_SECONDS)

    def end(number, _):
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, signal.SIG_IGN)
        sys.exit(128 + number)

    os.umask(0o022)
    adopt_orphans()
    signal.signal(signal.SIGALRM, too_long)
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, end)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    world = World()
    try:
        for name, function in find_tests(words):
            counts[run(world, name, function, verbose)] += 1
    finally:
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, signal.SIG_IGN)
        world.close()
    print("%(passed)d passed, %(failed)d failed" % counts)
    return 1 if counts["failed"] or not (counts["passed"] or counts["skipped"]) else 0


if __name__ == "__main__":
    import harness  # the one that the tests import: its exceptions are theirs

    sys.exit(harness.main(sys.argv[1:]))
