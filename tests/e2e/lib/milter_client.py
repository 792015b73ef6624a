"""The MTA's side of the milter protocol, without a mail server behind it: what it sends is up to the test.

    with MilterClient(t.socket) as m:        # a path, or a (host, port); negotiates everything
        m.steps, m.actions, m.macros         # what the milter chose; {stage: [names]}
        m.connect(); m.helo(); m.mail("<a@b.example>")
        m.rcpt("<c@d.example>", macros={"i": "4F00"})    # -> "continue", "accept" … or Reply
    session(t.socket, rcpts=[...])           # a whole one -> the answers in order

An answer is the name of the milter's action, a Reply (bytes, as it goes to the client), UNHEARD where the
milter negotiated not to be told, UNANSWERED where it does not answer. Modifications at the end of a message
are in m.changes, [(letter, data)].
"""

import socket
import struct

UNHEARD, UNANSWERED = "unheard", "unanswered"
ACTIONS = {b"c": "continue", b"a": "accept", b"d": "discard", b"r": "reject", b"t": "tempfail",
           b"s": "skip", b"p": "progress", b"f": "conn_fail", b"4": "shutdown"}
FINAL = b"cadrtsyf4"  # what ends the milter's turn
STAGES = ("connect", "helo", "mail", "rcpt", "data", "eom", "eoh")  # the numbers of macro lists

# stage: command, SMFIP_NO…, SMFIP_NR_…
COMMANDS = {
    "connect": (b"C", 1 << 0, 1 << 12), "helo": (b"H", 1 << 1, 1 << 13),
    "mail": (b"M", 1 << 2, 1 << 14), "rcpt": (b"R", 1 << 3, 1 << 15),
    "data": (b"T", 1 << 9, 1 << 16), "header": (b"L", 1 << 5, 1 << 7),
    "eoh": (b"N", 1 << 6, 1 << 18), "body": (b"B", 1 << 4, 1 << 19),
    "eom": (b"E", 0, 0), "unknown": (b"U", 1 << 8, 1 << 17),
}
SKIP, RCPT_REJ = 1 << 10, 1 << 11
QUARANTINE, SETSYMLIST = 1 << 5, 1 << 8
ALL_ACTIONS, ALL_STEPS = 0x1FF, 0x1FFFFF
BODY_CHUNK = 65535


class Reply(bytes):
    """A refusal in words: the octets that the client gets (with CRLF, percent signs undoubled)."""

    code = property(lambda self: int(self[:3]))
    lines = property(lambda self: self.decode("ascii", "backslashreplace").split("\r\n")[:-1])


class Closed(Exception):
    """The milter has closed the connection."""


def octets(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def strings(*texts):
    return b"".join(octets(t) + b"\0" for t in texts)


class MilterClient:
    def __init__(self, address, version=6, actions=ALL_ACTIONS, steps=ALL_STEPS, negotiate=True, timeout=20):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout)
        self.version = self.actions = self.steps = 0
        self.macros, self.changes, self._skipping = {}, [], False
        if negotiate:
            self.negotiate(version, actions, steps)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # --- packets

    def send(self, command, data=b""):
        self.socket.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def _octets(self, count):
        got = b""
        while len(got) < count:
            try:
                more = self.socket.recv(count - len(got))
            except (ConnectionResetError, BrokenPipeError):
                more = b""
            if not more:
                raise Closed("after %r" % got)
            got += more
        return got

    def read(self):
        """One packet: (letter, data)."""
        packet = self._octets(struct.unpack(">I", self._octets(4))[0])
        return packet[:1], packet[1:]

    def is_closed(self):
        """Waits until the milter closes the connection; False when it answers instead."""
        try:
            return not self.socket.recv(1)
        except (ConnectionResetError, BrokenPipeError):
            return True

    def negotiate(self, version=6, actions=ALL_ACTIONS, steps=ALL_STEPS):
        self.send(b"O", struct.pack(">III", version, actions, steps))
        letter, data = self.read()
        assert letter == b"O", (letter, data)
        self.version, self.actions, self.steps = struct.unpack(">III", data[:12])
        assert self.actions & ~actions == 0 and self.steps & ~steps == 0, "more than was offered"
        rest = data[12:]
        while rest:
            stage, (names, rest) = struct.unpack(">I", rest[:4])[0], rest[4:].split(b"\0", 1)
            self.macros[STAGES[stage]] = names.decode().replace(",", " ").split()

    # --- stages

    def heard(self, stage):
        return not self.steps & COMMANDS[stage][1]

    def answered(self, stage):
        return not self.steps & COMMANDS[stage][2]

    def tell_macros(self, stage, macros):
        names = [x for name, value in macros.items()
                 for x in (name if len(name) == 1 else "{%s}" % name, value)]
        self.send(b"D", COMMANDS[stage][0] + strings(*names))

    def answer(self):
        while True:
            letter, data = self.read()
            if letter in FINAL:
                break
            self.changes.append((letter, data))
        if letter == b"y":
            assert data.endswith(b"\0") and b"\0" not in data[:-1], data
            assert b"%" not in data.replace(b"%%", b""), data
            return Reply(data[:-1].replace(b"%%", b"%") + b"\r\n")
        return ACTIONS[letter]

    def tell(self, stage, data=b"", macros=None):
        """As an MTA would: macros first, nothing that was not asked for, and the answer if there is one."""
        if macros is not None:
            self.tell_macros(stage, macros)
        if not self.heard(stage):
            return UNHEARD
        self.send(COMMANDS[stage][0], data)
        return self.answer() if self.answered(stage) else UNANSWERED

    def connect(self, name="client.example", ip="192.0.2.1", port=25000, family=b"4", macros=None):
        """ip None: a family without an address (U)."""
        where = b"U" if ip is None else family + struct.pack(">H", port) + strings(ip)
        return self.tell("connect", strings(name) + where, macros)

    def helo(self, name="client.example", macros=None):
        return self.tell("helo", strings(name), macros)

    def mail(self, path="<sender@client.example>", *parameters, macros=None):
        self.changes, self._skipping = [], False
        return self.tell("mail", strings(path, *parameters), macros)

    def rcpt(self, path="<recipient@server.example>", *parameters, macros=None):
        return self.tell("rcpt", strings(path, *parameters), macros)

    def data(self, macros=None):
        return self.tell("data", b"", macros)

    def header(self, name, value):
        return self.tell("header", strings(name, value))

    def eoh(self, macros=None):
        return self.tell("eoh", b"", macros)

    def body(self, text):
        """In chunks; the milter may have enough before the end."""
        text, answer = octets(text), UNHEARD
        for at in range(0, len(text), BODY_CHUNK):
            if self._skipping:
                break
            answer = self.tell("body", text[at:at + BODY_CHUNK])
            self._skipping = answer == "skip"
            if answer not in ("continue", "skip", UNHEARD, UNANSWERED):
                break
        return answer

    def eom(self, macros=None):
        return self.tell("eom", b"", macros)

    def unknown(self, line):
        return self.tell("unknown", strings(line))

    def abort(self):
        self.send(b"A")

    def quit(self):
        self.send(b"Q")


GOES_ON = ("continue", "skip", UNHEARD, UNANSWERED)


def message(m, sender="<sender@client.example>", rcpts=("<recipient@server.example>",),
            headers=(("Subject", "hello"),), body="hello\r\n"):
    """A message on an open connection: the answers until one ends it; the last is the outcome."""
    answers = [m.mail(sender)]
    taken = 0
    if answers[-1] not in GOES_ON:
        return answers
    for rcpt in rcpts:
        answers.append(m.rcpt(rcpt))
        taken += answers[-1] in GOES_ON
        if answers[-1] in ("accept", "discard"):
            return answers
    if not taken:
        return answers
    later = [m.data] + [lambda h=h: m.header(*h) for h in headers] + [m.eoh, lambda: m.body(body), m.eom]
    for tell in later:
        answers.append(tell())
        if answers[-1] not in GOES_ON:
            break
    return answers


def session(address, helo="client.example", connect=None, **parts):
    """One connection with one message; all answers, the last is the outcome."""
    with MilterClient(address) as m:
        answers = [m.connect(**(connect or {}))]
        if helo is not None and answers[-1] in GOES_ON:
            answers.append(m.helo(helo))
        if answers[-1] in GOES_ON:
            answers += message(m, **parts)
        m.quit()
        return answers
