"""A scripted milter: answers each stage with given packets, legal or not, and notes what it was asked.

    m = RawMilter("/tmp/x/milter.sock", {"rcpt": reply("550-5.7.1 one", "550 5.7.1 two")})
    ... m.script = {...}        # takes effect at the next callback
    m.events                    # [(connection, stage, data bytes), ...]; macros and negotiation too
    m.stop()

The script maps a stage, or "stage:substring of the data", to one packet or a list of them. A packet is
bytes: the command octet and its data; b"" sends nothing; None closes the connection. Default: continue.
Keys "steps", "actions", "version" are what it negotiates.
"""

import os
import socket
import struct
import threading
import time

STAGES = {
    b"C": "connect", b"H": "helo", b"M": "mail", b"R": "rcpt", b"T": "data", b"L": "header",
    b"N": "eoh", b"B": "body", b"E": "eom", b"U": "unknown",
    b"A": "abort", b"Q": "quit", b"K": "quit_nc", b"D": "macro", b"O": "negotiate",
}
NO_REPLY = {
    "header": 1 << 7, "connect": 1 << 12, "helo": 1 << 13, "mail": 1 << 14, "rcpt": 1 << 15,
    "data": 1 << 16, "unknown": 1 << 17, "eoh": 1 << 18, "body": 1 << 19,
}
CONTINUE, ACCEPT, DISCARD, REJECT, TEMPFAIL = b"c", b"a", b"d", b"r", b"t"


def reply(*lines):
    """SMFIR_REPLYCODE with these lines."""
    return b"y" + "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\0"


def quarantine(why):
    return b"q" + why.encode() + b"\0"


class RawMilter:
    def __init__(self, path, script=None):
        self.path, self.script, self.events = path, dict(script or {}), []
        self._connections = 0
        if os.path.exists(path):
            os.unlink(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        os.chmod(path, 0o666)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def stages(self):
        """The names of what was asked, without macros and negotiation."""
        return [e[1] for e in self.events if e[1] not in ("macro", "negotiate")]

    def wait(self, stage, seconds=3):
        """Wait until this stage was seen (what comes after the SMTP reply is asynchronous)."""
        end = time.time() + seconds
        while stage not in self.stages() and time.time() < end:
            time.sleep(0.01)
        return stage in self.stages()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            threading.Thread(target=self._serve, args=(peer, self._connections), daemon=True).start()

    def _serve(self, peer, number):
        with peer, peer.makefile("rb") as stream:
            try:
                while self._answer(peer, stream, number):
                    pass
            except OSError:
                pass

    def _answer(self, peer, stream, number):
        head = stream.read(4)
        if len(head) < 4:
            return False
        packet = stream.read(struct.unpack(">I", head)[0])
        stage, data = STAGES.get(packet[:1], repr(packet[:1])), packet[1:]
        self.events.append((number, stage, data))
        if stage == "negotiate":
            version, actions, steps = struct.unpack(">III", data[:12])
            self._steps = steps & self.script.get("steps", 0)
            return self._send(peer, [b"O" + struct.pack(
                ">III", self.script.get("version", min(version, 6)),
                actions & self.script.get("actions", 0x1FF), self._steps)])
        if stage in ("macro", "abort", "quit_nc"):
            return True
        if stage == "quit":
            return False
        if self._steps & NO_REPLY.get(stage, 0):
            return True
        return self._send(peer, self._choose(stage, data))

    def _choose(self, stage, data):
        answer = self.script.get(stage, CONTINUE)
        for key, value in self.script.items():
            name, colon, part = key.partition(":")
            if colon and name == stage and part.encode() in data:
                answer = value
        return answer if isinstance(answer, list) else [answer]

    @staticmethod
    def _send(peer, packets):
        for packet in packets:
            if packet is None:
                return False
            if packet:
                peer.sendall(struct.pack(">I", len(packet)) + packet)
        return True
