"""Servers, each answering what the test tells it to: Peer is what they have in common.

    p = Policy("DUNNO");  p.answer = "REJECT no"     # a policy service at p.port
    a = Auth();           a.answer = "FAIL reason"   # dovecot's log-in service at a.port

An answer of None closes the connection.
"""

import socket
import threading


class Peer:
    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._guard, args=(peer,), daemon=True).start()

    def _guard(self, peer):
        with peer, peer.makefile("rb") as lines:
            try:
                self.serve(peer, lines)
            except OSError:
                pass

    def serve(self, peer, lines):
        raise NotImplementedError


class Policy(Peer):
    """Postfix's policy delegation: attributes up to an empty line, then one action."""

    def __init__(self, answer="DUNNO"):
        self.requests = []
        self.answer = answer
        super().__init__()

    def serve(self, peer, lines):
        request = {}
        for line in lines:
            if line != b"\n":
                name, _, value = line.decode("utf-8", "replace").rstrip("\n").partition("=")
                request[name] = value
                continue
            self.requests.append(request)
            request = {}
            if self.answer is None:
                return
            peer.sendall(b"action=%s\n\n" % self.answer.encode())


class Auth(Peer):
    """Dovecot's protocol for log-ins: OK, FAIL or CONT, and further fields."""

    HELLO = ("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n"
             "SPID\t1\nCUID\t1\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n")

    def __init__(self, answer="OK user=ayse@pf.test"):
        self.answer = answer
        super().__init__()

    def serve(self, peer, lines):
        peer.sendall(self.HELLO.encode())
        for line in lines:
            words = line.decode("utf-8", "replace").rstrip("\n").split("\t")
            if words[0] not in ("AUTH", "CONT"):
                continue
            if self.answer is None:
                return
            verdict, _, rest = self.answer.partition(" ")
            peer.sendall(("\t".join([verdict, words[1]] + ([rest] if rest else [])) + "\n").encode())
