"""A plain SMTP client that keeps every octet of the dialogue.

    with Client(port) as c:            # the greeting is in c.greeting
        c.cmd("EHLO client.example")   # -> the whole reply, bytes, CRLFs included
        c.cmd("MAIL FROM:<a@b.example>")
        c.message("Subject: x\\r\\n\\r\\nbody\\r\\n")   # DATA, text, dot -> (354 reply, last reply)

Nothing is interpreted or repaired: a reply is what came, up to and including the first line whose
fourth octet is not '-'.
"""

import socket


class Timeout(Exception):
    """Nothing more came within the time; .partial has what did."""

    def __init__(self, partial):
        super().__init__("timeout after %r" % partial)
        self.partial = partial


def octets(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def code(reply):
    """The basic code of a reply as a number; 0 for an empty one."""
    return int(reply[:3]) if reply[:3].isdigit() else 0


def lines(reply):
    """The lines of a reply without their CRLF."""
    return reply.split(b"\r\n")[:-1] if reply.endswith(b"\r\n") else reply.split(b"\r\n")


class Client:
    def __init__(self, port, host="127.0.0.1", timeout=15, greeting=True, source="127.0.0.1"):
        self.timeout = timeout
        self.transcript = []  # ("C" or "S", bytes) in order
        self.closed = False  # the server has closed the connection
        self._buffer = b""
        self._socket = socket.create_connection((host, port), timeout, (source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.greeting = self.reply() if greeting else b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def wrap(self, context):
        """Speak TLS from now on."""
        self._socket = context.wrap_socket(self._socket)

    def send(self, data):
        """Send exactly these octets and wait for nothing."""
        data = octets(data)
        self.transcript.append(("C", data))
        self._socket.sendall(data)

    def _line(self):
        while b"\n" not in self._buffer:
            try:
                more = self._socket.recv(65536)
            except socket.timeout:
                raise Timeout(self._buffer) from None
            except ConnectionResetError:
                more = b""
            if not more:
                self.closed = True
                rest, self._buffer = self._buffer, b""
                return rest
            self._buffer += more
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line + b"\n"

    def reply(self, timeout=None):
        """One reply, octet for octet; b"" when the server has closed the connection."""
        self._socket.settimeout(timeout or self.timeout)
        got = b""
        try:
            while True:
                line = self._line()
                got += line
                if line[3:4] != b"-":
                    break
        except Timeout as e:
            raise Timeout(got + e.partial) from None
        self.transcript.append(("S", got))
        return got

    def silence(self, seconds=0.3):
        """What else the server sends, unasked, within this time (expected: b"")."""
        self._socket.settimeout(seconds)
        got, self._buffer = self._buffer, b""
        try:
            while True:
                more = self._socket.recv(65536)
                if not more:
                    self.closed = True
                    return got
                got += more
        except socket.timeout:
            return got
        except ConnectionResetError:
            self.closed = True
            return got

    def cmd(self, command):
        """One command (CRLF is added), and its reply."""
        try:
            self.send(octets(command) + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.closed = True
            return b""
        return self.reply()

    def pipeline(self, *commands):
        """All commands in one write; a list of their replies."""
        self.send(b"".join(octets(c) + b"\r\n" for c in commands))
        return [self.reply() for _ in commands]

    def text(self, message):
        """Message octets with dots stuffed, and the final dot; the reply to it."""
        message = octets(message)
        if not message.endswith(b"\r\n"):
            message += b"\r\n"
        if message.startswith(b"."):
            message = b"." + message
        self.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()

    def message(self, message="Subject: test\r\n\r\ntest\r\n"):
        """DATA, and if that is granted the message: (reply to DATA, reply to the dot or None)."""
        go = self.cmd("DATA")
        return go, self.text(message) if code(go) == 354 else None

    def session(self, sender="sender@client.example", recipients=("user@pf.test",),
                helo="client.example", message="Subject: test\r\n\r\ntest\r\n"):
        """A whole session; the reply that ended it (the first refusal, or the one to the dot)."""
        answer = self.cmd("EHLO " + helo)
        for command in ["MAIL FROM:<%s>" % sender] + ["RCPT TO:<%s>" % r for r in recipients]:
            if code(answer) >= 400 or not answer:
                return answer
            answer = self.cmd(command)
        if code(answer) >= 400 or not answer:
            return answer
        go, end = self.message(message)
        return end if end is not None else go
