"""A scripted socketmap server, which may also misbehave.

    server = RawSocketmap(lambda name, key: "NOTFOUND ")   # -> str or bytes: sent as a netstring;
                                                           # Raw(bytes): as they are; HANG; CLOSE
    server.address                # "inet:PORT@127.0.0.1"
    server.keys                   # what was asked: "name key" (sorted out of all connections)
    server.stop()
"""

import socket
import threading

HANG, CLOSE = object(), object()


class Raw(bytes):
    """Sent without a netstring around it."""


class RawSocketmap:
    def __init__(self, answer):
        self.answer, self.keys, self._connections = answer, [], []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.address = "inet:%d@127.0.0.1" % self.port
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    @staticmethod
    def _read(stream):
        length = b""
        while not length.endswith(b":"):
            octet = stream.read(1)
            if not octet:
                return None
            length += octet
        return stream.read(int(length[:-1]) + 1)[:-1].decode("utf-8", "surrogateescape")

    def _talk(self, connection):
        stream = connection.makefile("rb")
        try:
            while (question := self._read(stream)) is not None:
                self.keys.append(question)
                answer = self.answer(*question.split(" ", 1))
                if answer is HANG:
                    continue
                if answer is CLOSE:
                    break
                octets = answer if isinstance(answer, bytes) else answer.encode()
                connection.sendall(octets if isinstance(answer, Raw) else b"%d:%s," % (len(octets), octets))
        except (OSError, ValueError):
            pass
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def stop(self):
        for one in [self._socket] + self._connections:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
