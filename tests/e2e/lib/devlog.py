#!/usr/bin/env python3
"""Reads a log socket, as a syslog daemon would, into a file: devlog.py SOCKET FILE."""

import os
import re
import socket
import sys

path, out = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.chmod(path, 0o666)
with open(out, "ab", buffering=0) as log:
    while True:
        log.write(re.sub(rb"^<\d+>", b"", listener.recv(65536)).rstrip(b"\0\n") + b"\n")
