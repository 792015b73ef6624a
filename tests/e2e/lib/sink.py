"""A mail server that takes everything: it keeps each message, and refuses what it is told to refuse.

    s = Sink({"RCPT": b"550-5.1.1 a\\r\\n550 5.1.1 b\\r\\n"})
    message = s.wait()      # .sender .recipients .data (bytes, CRLF, dots unstuffed)
"""

import collections
import queue

from peers import Peer

Message = collections.namedtuple("Message", "sender recipients data")


class Sink(Peer):
    def __init__(self, replies=None, capabilities=("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN")):
        self.replies = dict(replies or {})  # verb, or "." for the end of data -> reply bytes
        self.messages = queue.Queue()
        self._ehlo = ["sink.test"] + list(capabilities)
        super().__init__()

    def wait(self, seconds=20):
        """The next message."""
        try:
            return self.messages.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError("no message came within %d s" % seconds) from None

    def serve(self, peer, lines):
        sender, recipients = None, []
        peer.sendall(b"220 sink.test ESMTP\r\n")
        for line in lines:
            verb = line.split(None, 1)[0].upper().decode("latin-1") if line.strip() else ""
            answer = self.replies.get(verb, b"250 2.0.0 Ok\r\n")
            if verb == "EHLO":
                answer = "".join(
                    "250%s%s\r\n" % ("-" if i + 1 < len(self._ehlo) else " ", word)
                    for i, word in enumerate(self._ehlo)).encode()
            elif verb == "MAIL":
                sender, recipients = line.strip(), []
            elif verb == "RCPT" and answer.startswith(b"2"):
                recipients.append(line.strip())
            elif verb == "DATA" and verb not in self.replies:
                peer.sendall(b"354 Go ahead\r\n")
                data = self._data(lines)
                answer = self.replies.get(".", b"250 2.0.0 Ok\r\n")
                if answer.startswith(b"2"):
                    self.messages.put(Message(sender, recipients, data))
            peer.sendall(b"221 2.0.0 Bye\r\n" if verb == "QUIT" else answer)
            if verb == "QUIT":
                return

    @staticmethod
    def _data(lines):
        data = b""
        for line in lines:
            if line == b".\r\n":
                break
            data += line[1:] if line.startswith(b".") else line
        return data
