"""Both ends of the protocols in which Postfix asks: maps (socketmap_table(5)) and policy services.

    with MapClient(listen.address) as c:
        c.ask("footer", "550 5.1.1 no")        # -> the value, or None for "not found"
    with PolicyClient(listen.address) as c:
        c.ask(protocol_state="RCPT", ...)      # -> the action, "DUNNO"
    service = PolicyPeer(script)               # a policy service; script(attributes) -> octets to send,
                                               # None to say nothing, CLOSE to hang up
    counters(daemon)["queries"]
"""

import re
import signal
import socket
import threading

from harness import eventually

CLOSE = object()


def octets(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def connect(address, seconds=10):
    """A path, or (host, port)."""
    if isinstance(address, str):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(seconds)
        s.connect(address)
        return s
    return socket.create_connection(address, seconds)


class Query:
    """A connection on which one answer follows one request."""

    def __init__(self, address, seconds=10):
        self.socket = connect(address, seconds)
        self._got = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(octets(data))

    def _need(self, whole):
        """Reads until whole(octets) gives a length, and returns so many."""
        while not whole(self._got):
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed after %r" % self._got)
            self._got += more
        length = whole(self._got)
        answer, self._got = self._got[:length], self._got[length:]
        return answer

    def is_closed(self, seconds=15):
        """Does the other side close the connection within this time, without another octet?"""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except socket.timeout:
            return False
        except ConnectionError:
            return True


def netstring(text):
    text = octets(text)
    return b"%d:%s," % (len(text), text)


class MapClient(Query):
    @staticmethod
    def request(name, key):
        return netstring(octets(name) + b" " + octets(key))

    def answer(self):
        def whole(got):
            head = re.match(rb"(\d+):", got)
            length = head and head.end() + int(head.group(1)) + 1
            return length if length and len(got) >= length else 0
        got = self._need(whole)
        assert got.endswith(b","), got
        verb, _, value = got.split(b":", 1)[1][:-1].partition(b" ")
        assert verb in (b"OK", b"NOTFOUND") and (verb == b"OK" or not value), got
        return value if verb == b"OK" else None

    def ask(self, name, key):
        self.send(self.request(name, key))
        return self.answer()


RCPT = {
    "request": "smtpd_access_policy", "protocol_state": "RCPT", "protocol_name": "ESMTP",
    "client_address": "192.0.2.7", "client_name": "unknown", "client_port": "4711",
    "reverse_client_name": "unknown", "helo_name": "client.example", "sender": "a@client.example",
    "recipient": "user@pf.test", "recipient_count": "0", "queue_id": "", "instance": "1.2.3.0", "size": "0",
    "etrn_domain": "", "stress": "", "sasl_method": "", "sasl_username": "", "sasl_sender": "",
    "ccert_subject": "", "ccert_issuer": "", "ccert_fingerprint": "", "ccert_pubkey_fingerprint": "",
    "encryption_protocol": "", "encryption_cipher": "", "encryption_keysize": "0", "policy_context": "",
    "server_address": "127.0.0.1", "server_port": "25",
}


class PolicyClient(Query):
    @staticmethod
    def request(**attributes):
        return "".join("%s=%s\n" % pair for pair in {**RCPT, **attributes}.items()) + "\n"

    def answer(self):
        got = self._need(lambda got: got.find(b"\n\n") + 2 if b"\n\n" in got else 0)
        assert got.startswith(b"action=") and got.count(b"\n") == 2, got
        return got[len("action="):-2].decode()

    def ask(self, **attributes):
        self.send(self.request(**attributes))
        return self.answer()


class PolicyPeer:
    """A policy service; .requests are all that it was asked, .connections counts."""

    def __init__(self, script, port=0):
        self.script, self.requests, self.connections = script, [], 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.ask = 'ask = "inet:%d@127.0.0.1"' % self.port
        self._peers = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        attributes = {}
        with peer, peer.makefile("rb") as lines:
            try:
                for line in lines:
                    if line != b"\n":
                        name, _, value = line.decode("latin-1").rstrip("\n").partition("=")
                        attributes[name] = value
                        continue
                    self.requests.append(attributes)
                    answer, attributes = self.script(attributes), {}
                    if answer is CLOSE:
                        return
                    if isinstance(answer, tuple):  # say this, and hang up
                        peer.sendall(octets(answer[0]))
                        return
                    if answer is not None:
                        peer.sendall(octets(answer))
            except OSError:
                pass

    def hang_up(self):
        """Closes all connections, and takes new ones."""
        for peer in self._peers:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._peers.clear()

    def stop(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.hang_up()


def counters(daemon):
    """What SIGUSR1 writes to the log."""
    before = daemon.log().count("counters:")
    daemon.signal(signal.SIGUSR1)
    assert eventually(lambda: daemon.log().count("counters:") > before), daemon.log()
    line = [line for line in daemon.log().splitlines() if "counters:" in line][-1]
    return {name: int(number) for name, number in re.findall(r"([a-z-]+)=(\d+)", line)}


def counts(daemon, **expected):
    """Waits until the counters have these values; "_" stands for "-"."""
    def as_expected():
        now = counters(daemon)
        return all(now[name.replace("_", "-")] == value for name, value in expected.items())
    assert eventually(as_expected, every=0.1), (expected, counters(daemon))
