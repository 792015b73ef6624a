"""What an enriched bounce must be, told without any code of dragoman's: from the octets.

    split(message)                      -> Split(header, boundary, preamble, parts, epilogue), all bytes
    check(before, after, languages)     raises AssertionError unless `after` is `before`, enriched
    text_of(part)                       the text of a part, decoded by Python's email library
"""

import collections
import email
import email.policy
import re

Split = collections.namedtuple("Split", "header boundary preamble parts epilogue")

MARK = b"X-Dragoman-Enriched"
FAILED = {"en": "Your message was not delivered.", "tr": "İletiniz teslim edilemedi."}
DELAYED = {"en": "Your message is delayed. You do not need to send it again.",
           "tr": "İletinizin teslimi gecikiyor. Yeniden göndermeniz gerekmez."}
ADDED = {"en": "This explanation was added automatically by ", "tr": "Bu açıklama "}
RULE = "-" * 60


def header_of(octets):
    end = re.search(rb"\r?\n\r?\n", octets)
    return octets[:end.start()] if end else octets


def split(octets):
    header = header_of(octets)
    found = re.search(rb'boundary="?([^"\r\n;]+)"?', re.sub(rb"\r?\n[ \t]+", b" ", header), re.I)
    boundary = found.group(1).rstrip()
    body = octets[len(header):]
    delimiter = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(delimiter.finditer(body))
    assert marks and marks[-1].group(1) and not any(m.group(1) for m in marks[:-1]), "no good multipart"
    parts = [body[a.end():b.start()] for a, b in zip(marks, marks[1:])]
    return Split(header, boundary, body[:marks[0].start()], parts, body[marks[-1].end():])


def text_of(part):
    """`part` begins with the line end behind its delimiter."""
    message = email.message_from_bytes(re.sub(rb"\A\r?\n", b"", part, count=1), policy=email.policy.default)
    if message.get_content_maintype() == "multipart":
        message = next(message.iter_parts())
    return message.get_content().replace("\r\n", "\n")


def unmarked(header):
    fields = re.split(rb"\r?\n(?![ \t])", header)
    marks = [f for f in fields if f.startswith(MARK + b":")]
    return [f for f in fields if not f.startswith(MARK + b":")], marks


def check(before, after, languages=("en", "tr"), host=None):
    a, b = split(before), split(after)
    fields, marks = unmarked(b.header)
    assert fields == unmarked(a.header)[0], "other header fields are as they were, in their order"
    assert len(marks) == 1 and re.fullmatch(MARK + rb": 1; host=[A-Za-z0-9.:_-]+", marks[0]), marks
    assert (a.boundary, a.preamble, a.epilogue) == (b.boundary, b.preamble, b.epilogue)
    assert a.parts[1:] == b.parts[1:], "all parts but the first are octet for octet as they were"
    assert len(after) - len(before) <= 16 * 1024
    letter = text_of(b.parts[0]).split(RULE)[0]
    places = [max(letter.find(FAILED[tag]), letter.find(DELAYED[tag])) for tag in languages]
    assert -1 not in places and places == sorted(places), (languages, letter)
    for tag in languages:
        assert ADDED[tag] in letter
    assert host is None or host in letter
    kept(a.parts[0], b.parts[0])
    return letter


def kept(first, now):
    """The text that was there is there, behind the rule; a part of another type is there as it was."""
    kind = email.message_from_bytes(re.sub(rb"\A\r?\n", b"", now, count=1)).get_content_type()
    if kind == "multipart/mixed":
        assert re.sub(rb"\A\r?\n", b"", first, count=1) in now
        return
    assert kind == "text/plain", kind
    behind = text_of(now).split(RULE + "\n\n", 1)[1]
    try:
        original = text_of(first)
    except LookupError:  # Python does not know the character set
        return
    assert behind == original, (original, behind)
