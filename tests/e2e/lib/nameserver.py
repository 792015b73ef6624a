"""A name server for tests: it knows what it is told, and nothing else.

    n = NameServer(["mail.example A 192.0.2.7", "example MX 10 mail.example", "dead FAIL"])
    n.address                    # of loopback, port 53
    n.stop()

A line is a name, a type (A, NS, MX, TXT, PTR, CNAME) and its data; FAIL instead of a type answers
every question for that name with SERVFAIL, and DROP with nothing. A name that is not told does not
exist.
"""

import random
import socket
import struct
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16}
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3


def wire_name(name):
    labels = [part for part in name.strip(".").split(".") if part]
    return b"".join(bytes([len(part)]) + part.encode() for part in labels) + b"\0"


def wire_data(kind, data):
    if kind == "A":
        return socket.inet_aton(data)
    if kind == "MX":
        preference, host = data.split()
        return struct.pack(">H", int(preference)) + wire_name(host)
    if kind == "TXT":
        return bytes([len(data.encode())]) + data.encode()
    return wire_name(data)


def question(packet):
    """The name and the type that are asked for, and where the question ends."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(labels).lower(), struct.unpack(">H", packet[at + 1:at + 3])[0], at + 5


class NameServer:
    def __init__(self, lines):
        self._records = {}
        for line in lines:
            name, kind, *data = line.split(None, 2)
            self._records.setdefault(name.lower(), []).append((kind, data[0] if data else ""))
        self.asked = []
        self._socket, self.address = self._bind()
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def _bind():
        """Some address of loopback where nobody listens."""
        for _ in range(50):
            address = "127.%d.%d.%d" % tuple(random.randint(2, 250) for _ in range(3))
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                s.bind((address, 53))
                return s, address
            except OSError:
                s.close()
        raise AssertionError("no address of loopback has a free port 53")

    def stop(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                packet, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            answer = self._answer(packet)
            if answer:
                self._socket.sendto(answer, peer)

    def _answer(self, packet):
        name, kind, end = question(packet)
        self.asked.append((name, kind))
        known = self._records.get(name)
        if known and known[0][0] == "DROP":
            return None
        code = NO_SUCH_NAME if not known else SERVER_FAILURE if known[0][0] == "FAIL" else NO_ERROR
        records = [(TYPES[k], wire_data(k, d)) for k, d in known or []
                   if code == NO_ERROR and TYPES[k] == kind]
        head = packet[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(records), 0, 0)
        return head + packet[12:end] + b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", k, 1, 60, len(data)) + data for k, data in records)
