"""The cases of refusals.cases: reads them, starts a Postfix that can refuse all of them, provokes one.

    cases = read_cases(path)                 # [Case, ...]
    with Lab(test, "3.11", cases) as lab:    # one Postfix, one port for each set of options
        shown = lab.provoke(case)            # -> Shown: the refusal, and whether client and server agree
"""

import codecs
import collections
import re
import socket
import ssl
import subprocess

from harness import eventually
from nameserver import NameServer
from peers import Auth, Policy
from raw_milter import RawMilter, reply
from smtp_client import Client, code

FIELDS = ("service", "with", "on", "client", "helo", "from", "to", "message", "say", "policy", "auth",
          "milter", "sink", "first", "tries", "left", "closes", "gets", "gets-3.7", "gets-3.11", "is", "restated", "keeps", "note")
FIRST_PORT = 10001
Shown = collections.namedtuple("Shown", "reply in_step")


class Case:
    """One section: what each field says, in the order of its lines."""

    def __init__(self, name, section, line):
        self.name, self.section, self.line = name, section, line
        self.fields = collections.defaultdict(list)

    def one(self, field, default=""):
        return self.fields[field][0] if self.fields[field] else default

    def runs_on(self, release):
        return self.one("on", release) == release

    def expected(self, release):
        return self.fields["gets-" + release] or self.fields["gets"]

    reason = property(lambda self: self.one("is").partition(" ")[0])
    pair = property(lambda self: self.one("is").partition(" ")[2])
    restated = property(lambda self: self.one("restated", self.pair))
    keeps = property(lambda self: [word for word in self.one("keeps").split(" | ") if word])
    options = property(lambda self: (self.one("service", "smtpd"),) + tuple(self.fields["with"]))


def read_cases(path):
    """The cases, the lines for the name server, and those for main.cf."""
    cases, settings, section = [], collections.defaultdict(list), ""
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("## "):
                section = line[3:]
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("["):
                cases.append(Case(line.strip("[]"), section, number))
                continue
            field, _, value = line.partition(" ")
            if field in ("dns", "main"):
                settings[field].append(value.strip())
                continue
            if field not in FIELDS:
                raise ValueError("%s:%d: %s is no field" % (path, number, field))
            cases[-1].fields[field].append(value.strip())
    return cases, settings


def pattern(expected):
    """A line of `gets` as a regular expression: {*} stands for anything."""
    return re.compile("^%s$" % re.escape(expected).replace(re.escape("{*}"), ".*"))


def unescaped(text):
    """Octets of a text in which \\r, \\n and the like are written out."""
    return codecs.escape_decode(text.encode("utf-8"))[0]


def listening(address):
    """The ports of an address of loopback at which somebody listens."""
    local = "%08X" % int.from_bytes(socket.inet_aton(address), "little")
    with open("/proc/net/tcp", encoding="ascii") as f:
        rows = [line.split() for line in f]
    return {int(row[1][9:], 16) for row in rows if row[1].startswith(local) and row[3] == "0A"}


class Nobody:
    """A port that refuses every connection: it is taken, and nobody listens."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def stop(self):
        self._socket.close()


MAIN = """
disable_dns_lookups = no
smtp_host_lookup = dns
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_authorized_xforward_hosts = 127.0.0.1
smtpd_relay_restrictions = check_client_access static:OK, reject_unauth_destination
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
smtp_tls_security_level = none
message_size_limit = 20000
mailbox_size_limit = 0
default_process_limit = 500
max_idle = 20s
postscreen_cache_map =
postscreen_greet_wait = 1s
address_verify_map =
address_verify_poll_delay = 1s
"""

MASTER = """
smtpd-pass pass - - n - - smtpd
dnsblog    unix - - n - 0 dnsblog
tlsproxy   unix - - n - 0 tlsproxy
"""


class Lab:
    """A Postfix with a port for each set of options, and all it asks."""

    def __init__(self, test, release, cases, settings, more=""):
        self.test, self.release = test, release
        self._peers = []
        self.dir = test.folder("lab")
        self.cases = [c for c in cases if c.runs_on(release)]
        self._dns = self._keep(NameServer(settings["dns"]))
        self.policy, self.auth = self._keep(Policy()), self._keep(Auth())
        self.sink = self._keep(test.new_sink())
        self._milter_path = self.dir + "/milter"
        self.milter = self._keep(RawMilter(self._milter_path))
        self._certificate()
        self.names = dict(dir=self.dir, policy=self.policy.port, auth=self.auth.port,
                          sink=self.sink.port, milter="unix:" + self._milter_path,
                          nothing=self._keep(Nobody()).port, line="a" * 13000,
                          big=(r"x" * 70 + r"\r\n") * 500, chunk="x" * 30000)
        services = sorted({c.options for c in self.cases})
        # an address that nobody else has, so that every port of it is free
        self.address = self._dns.address
        self.ports = {options: FIRST_PORT + i for i, options in enumerate(services)}
        extra = MAIN + "\n".join(settings["main"]) + "\n" + more
        extra = self.filled(extra) + "".join(
            "master: %s\n" % line for line in MASTER.split("\n") if line) + "".join(
            self._service(options) for options in services)
        self.server = test.start_postfix(extra, release=release, resolver=self.address)
        ports = set(self.ports.values())
        if not eventually(lambda: ports <= listening(self.address)):
            raise AssertionError("nobody listens at %s, ports %s"
                                 % (self.address, sorted(ports - listening(self.address))))

    def _keep(self, peer):
        self.test.cleanup(peer.stop)
        return peer

    def filled(self, text):
        """{policy} and the like replaced."""
        return re.sub(r"\{(%s)\}" % "|".join(self.names), lambda m: str(self.names[m[1]]), text)

    def _certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=pf.test", "-keyout", self.dir + "/key.pem",
                        "-out", self.dir + "/cert.pem"], check=True, capture_output=True)

    def _service(self, options):
        kind, *settings = options
        line = "%s:%d inet n - n - %s %s" % (
            self.address, self.ports[options], "1" if kind == "postscreen" else "-", kind)
        if kind == "postscreen":
            line += " -o smtpd_service_name=smtpd-pass"
        for setting in settings:
            line += " -o { %s }" % self.filled(setting)
        return "master: %s\n" % line

    # --- one case -----------------------------------------------------------------------------------

    def prepare(self, case):
        """The peers answer as this case wants it."""
        self.policy.answer = case.one("policy", "DUNNO")
        self.auth.answer = case.one("auth", "OK user=ayse@pf.test")
        for peer in (self.policy, self.auth):
            if peer.answer == "nothing":
                peer.answer = None
        self.milter.script = {}
        for line in case.fields["milter"]:
            stage, _, answer = line.partition(" ")
            self.milter.script[stage] = (None if answer == "close" else
                                         unescaped(answer[1:]) if answer.startswith("=") else
                                         reply(*unescaped(answer).decode().split("\r\n")))
        self.sink.replies = {}
        for line in case.fields["sink"]:
            verb, _, answer = line.partition(" ")
            self.sink.replies[verb] = answer.encode() + b"\r\n"

    def session(self, case, client):
        """Says what the case says; the reply that refuses."""
        if case.one("client"):
            client.cmd("XCLIENT " + case.one("client"))
        if case.fields["say"]:
            answer = client.greeting
            for step in case.fields["say"]:
                answer = self.step(client, step, answer)
            return answer
        return client.session(
            sender=case.one("from", "sender@client.example"), helo=case.one("helo", "client.example"),
            recipients=case.fields["to"] or ["user@pf.test"],
            message=unescaped(self.filled(case.one("message", r"Subject: test\r\n\r\ntest\r\n"))))

    def step(self, client, step, answer):
        """One line of `say`: a command, or a word in parentheses and what it needs."""
        word, _, rest = step.partition(" ")
        octets = unescaped(self.filled(rest))
        if word == "(greeting)":
            return client.greeting
        if word == "(raw)":  # these octets, and one reply
            client.send(octets)
            return client.reply()
        if word == "(send)":  # these octets, and no reply is read
            client.send(octets)
            return answer
        if word == "(reply)":
            return client.reply()
        if word == "(text)":  # a message, after DATA
            return client.text(octets)
        if word == "(starttls)":
            client.cmd("STARTTLS")
            context = ssl._create_unverified_context()
            if rest == "certificate":
                context.load_cert_chain(self.dir + "/cert.pem", self.dir + "/key.pem")
            client.wrap(context)
            return answer
        if word == "(times)":  # the same command so many times
            count, _, command = rest.partition(" ")
            for _ in range(int(count)):
                answer = client.cmd(unescaped(command))
            return answer
        if word == "(open)":  # the usual beginning of a session
            for command in ("EHLO client.example", "MAIL FROM:<sender@client.example>",
                            "RCPT TO:<user@pf.test>")[:int(rest or 3)]:
                answer = client.cmd(command)
            return answer
        return client.cmd(unescaped(step))

    def connect(self, case, greeting=True):
        return Client(self.ports[case.options], host=self.address, greeting=greeting, timeout=20)

    def other(self, case, kind):
        """A connection before the one that is looked at, and open as long."""
        client = self.connect(case)
        if kind == "tls":
            client.cmd("EHLO client.example")
            self.step(client, "(starttls)", b"")
            client.cmd("NOOP")
        return client

    def provoke(self, case):
        for _ in range(int(case.one("tries", "1"))):
            shown = self.provoke_once(case)
            if shown.reply.split("\r\n")[-2:][0][:1] in ("4", "5"):
                break
        return shown

    def provoke_once(self, case):
        self.prepare(case)
        others = [self.other(case, kind) for kind in case.one("first").split()]
        with self.connect(case, greeting=not case.one("say").startswith("(send)")) as client:
            answer = self.session(case, client)
            for _ in range(int(case.one("left", "0"))):
                client.reply()
            in_step = self.agrees(client, code(answer) in (221, 421, 521) or bool(case.one("closes")))
        for other in others:
            other.close()
        return Shown(answer.decode("utf-8", "replace"), in_step)

    @staticmethod
    def agrees(client, closes):
        """Whether what follows the refusal is what is asked next: nothing more, nothing less."""
        if closes:
            return client.closed or (not client.silence(3) and client.closed)
        if client.closed or client.silence(0.02) or client.closed:
            return False
        client.cmd("NOOP")
        last = client.cmd("QUIT")
        return not client.closed and code(last) == 221 and not client.silence(0.02)


def well_formed(text):
    """RFC 5321 4.2.1, RFC 2034 4: the same pair in front of each line, a hyphen on all but the last."""
    lines = text.split("\r\n")
    if lines.pop() != "" or not lines:
        return False
    heads = [re.match(r"([45]\d\d)([ -])(?:([45]\.\d{1,3}\.\d{1,3}) )?", line) for line in lines]
    if not all(heads) or len({(h[1], h[3]) for h in heads}) != 1:
        return False
    return all(h[2] == "-" for h in heads[:-1]) and heads[-1][2] == " "


def flat(text):
    """All lines as one, without their codes."""
    return " ".join(re.sub(r"(?m)^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?", "", text).split()) + " "


def pair_of(text):
    """The basic code, and the enhanced one where it has one."""
    found = re.match(r"(\d{3})[ -](?:(\d\.\d{1,3}\.\d{1,3}) )?", text)
    return " ".join(part for part in found.groups() if part)
