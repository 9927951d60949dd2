#!/usr/bin/env python3
"""Checks an export of a handoff queue without handoff.

Needs Python 3.11 or newer, nothing beyond its standard library, and OpenSSH's ssh-keygen.
Written from docs/records.md and docs/audit.md; shares nothing with the program that made the export.

    python3 verify.py [--reviewers FILE] [--checkpoint FILE]... [--pins FILE] [BUNDLE]

BUNDLE is the folder or the tar; without it, the folder this file lies in. Exit: 0 holds, 1 tampered, 3 consistent but
the reviewers came from the bundle, 4 your reviewers but a cut or left-out events are not excluded, 2 cannot be checked.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

MOST = (1 << 53) - 1
LONGEST = 65535
SLACK = timedelta(seconds=5)
FIXED = {"bundle.json", "events.jsonl", "tree.jsonl", "VERIFY.md", "verify.py"}
HASHED = {"blobs", "cards", "reviewers", "policies"}
LIST, NOTE = "SHA256SUMS", "SHA256SUMS.note"

# Which event may follow which (the states of the manual): from, word, to.
STEPS = {
    ("allowed", "approved"): "approved",
    ("denied", "rejected"): "rejected",
    ("pending", "decision"): "pending",
    ("pending", "approved"): "approved",
    ("pending", "rejected"): "rejected",
    ("pending", "expired"): "expired",
    ("pending", "cancelled"): "cancelled",
    ("approved", "decision"): "approved",
    ("approved", "claimed"): "claimed",
    ("approved", "expired"): "expired",
    ("approved", "cancelled"): "cancelled",
    ("claimed", "finished"): "finished",
    ("claimed", "not_started"): "not started",
    ("claimed", "unknown"): "unknown",
    ("unknown", "finished"): "finished",
    ("unknown", "reconciled"): "reconciled",
}
OVER = {"finished", "not started", "reconciled", "rejected", "expired", "cancelled"}


class Wrong(Exception):
    """Something is not what it has to be."""


def require(holds, why):
    if not holds:
        raise Wrong(why)


# ---- records -------------------------------------------------------------------------------------------------


def no_twins(pairs):
    value = dict(pairs)
    require(len(value) == len(pairs), "a key twice")
    return value


def refused(text):
    raise Wrong(f"{text} is no number of a record")


def profile(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            require(re.fullmatch(r"[a-z][a-z0-9_]*", key), f"a key {key!r}")
            profile(inner)
    elif isinstance(value, list):
        for inner in value:
            profile(inner)
    elif isinstance(value, bool) or isinstance(value, str):
        pass
    elif isinstance(value, int):
        require(0 <= value <= MOST, f"a number {value}")
    else:
        raise Wrong(f"a value {value!r}")


def record(data, kind=None):
    """Canonical bytes of a record, read."""
    require(len(data) <= LONGEST, "longer than a record")
    try:
        value = json.loads(data.decode(), object_pairs_hook=no_twins, parse_float=refused, parse_constant=refused)
        profile(value)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Wrong(f"no record: {error}") from None
    require(again == data, "not in canonical form")
    require(isinstance(value, dict), "no record")
    if kind:
        require(value.get("type") == kind, f"of type {value.get('type')!r}, not {kind}")
    return value


def fields(value, needed, maybe=""):
    needed, maybe = set(needed.split()), set(maybe.split())
    there = set(value)
    require(needed <= there, f"without {', '.join(sorted(needed - there))}")
    require(there <= needed | maybe, f"with {', '.join(sorted(there - needed - maybe))}")


def time_of(text):
    require(isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text), f"a time {text!r}")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Wrong(f"a time {text!r}") from None


def digest_of(text):
    require(isinstance(text, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", text), f"a digest {text!r}")
    return text[7:]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def plain_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("damaged base64") from None
    require(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


# ---- ed25519, as strict as RFC 8032 allows: canonical numbers, no key of small order ----------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover(y, sign):
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decompress(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = (recover(4 * pow(5, P - 2, P) % P, 0), 4 * pow(5, P - 2, P) % P, 1, 0)
BASE = (BASE[0], BASE[1], 1, BASE[0] * BASE[1] % P)
NOTHING = (0, 1, 1, 0)


def ed25519(key, message, signature):
    """Whether the key signed the message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or same(times(8, a), NOTHING) or same(times(8, r), NOTHING):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return same(times(s, BASE), add(r, times(h, a)))


# ---- signed notes of the log's key -----------------------------------------------------------------------------


def log_key(text):
    """The name, the key's id and the key in NAME+ID+KEY."""
    require(isinstance(text, str) and text.count("+") >= 2, "no log key")
    name, number, key = text.split("+", 2)
    key = plain_base64(key)
    require(len(key) == 33 and key[0] == 1, "no ed25519 log key")
    wanted = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    require(number == wanted.hex(), "a log key whose id does not fit")
    return name, wanted, key[1:]


def note(data, key):
    """The text of a note, once the log's key is found to have signed it."""
    require(len(data) <= 16384, "too long")
    try:
        text, blank, signatures = data.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Wrong("not UTF-8") from None
    require(blank and signatures.endswith("\n"), "no note")
    text += "\n"
    name, number, public = key
    own = []
    lines = signatures[:-1].split("\n")
    require(1 <= len(lines) <= 16, "1 to 16 signatures")
    for line in lines:
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        require(match, "a line that is no signature")
        blob = plain_base64(match[2])
        if match[1] == name and blob[:4] == number:
            own.append(blob[4:])
    require(len(own) == 1, "not signed by this log's key")
    require(ed25519(public, text.encode(), own[0]), "its signature is wrong")
    return text


def checkpoint(data, key):
    """Size and root of a signed head."""
    lines = note(data, key).split("\n")
    require(len(lines) == 4 and lines[0] == key[0] and lines[3] == "", "not a head of this log")
    require(re.fullmatch("0|[1-9][0-9]*", lines[1]), "no size")
    root = plain_base64(lines[2])
    require(len(root) == 32, "no root")
    return int(lines[1]), root.hex()


# ---- SSHSIG ----------------------------------------------------------------------------------------------------


def take(data, count):
    require(len(data) >= count, "a signature that is cut short")
    return data[:count], data[count:]


def string(data):
    length, data = take(data, 4)
    return take(data, int.from_bytes(length, "big"))


def put(data):
    return len(data).to_bytes(4, "big") + data


def signature_key(armor, namespace, message):
    """The public key (as in a .pub file) that signed; stricter than the stock tool."""
    head, foot = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
    require(armor.startswith(head) and armor.endswith(foot), "not the armor of ssh-keygen")
    body = armor[len(head) : -len(foot)]
    data = plain_base64(body.replace("\n", ""))
    text = base64.b64encode(data).decode()
    require(body == "\n".join(text[at : at + 70] for at in range(0, len(text), 70)), "not in 70 columns")
    magic, rest = take(data, 10)
    require(magic == b"SSHSIG\x00\x00\x00\x01", "not SSHSIG of version 1")
    public, rest = string(rest)
    space, rest = string(rest)
    reserved, rest = string(rest)
    algorithm, rest = string(rest)
    inner, rest = string(rest)
    require(rest == b"" and reserved == b"" and algorithm == b"sha512", "reserved fields, or another hash")
    require(space.decode(errors="replace") == namespace, f"for {space!r}, not {namespace}")
    signed = b"SSHSIG" + put(space) + put(b"") + put(b"sha512") + put(hashlib.sha512(message).digest())
    kind, rest = string(public)
    point, rest = string(rest)
    also, inner = string(inner)
    raw, inner = string(inner)
    require(kind == also, "of another kind than its key")
    if kind == b"sk-ssh-ed25519@openssh.com":
        application, rest = string(rest)
        flags, inner = take(inner, 5)
        require(application == b"ssh:" or application.startswith(b"ssh:"), "of a hardware key for something else")
        require(flags[0] & 1, "of a hardware key that was not touched")
        signed = hashlib.sha256(application).digest() + flags + hashlib.sha256(signed).digest()
    else:
        require(kind == b"ssh-ed25519", f"of kind {kind!r}")
    require(rest == b"" and inner == b"", "bytes after its end")
    require(ed25519(point, signed, raw), "it does not fit the statement")
    return f"{kind.decode()} {base64.b64encode(public).decode()}"


def second(text):
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z", text)
    require(match, f"a validity {text!r}")
    return datetime(*[int(part or 0) for part in match.groups()], tzinfo=timezone.utc)


def reviewers(data):
    """An allowed_signers file: from each key to who has it, for what, from when, until when."""
    keys = {}
    for line in data.decode().split("\n"):
        if not line.strip(" ") or line.startswith("#"):
            continue
        who, options, kind, key = line.split(" ")[:4]
        after = before = None
        spaces = []
        for name, value in re.findall(r'([a-z-]+)="([^"]*)"', options):
            if name == "namespaces":
                spaces = value.split(",")
            elif name == "valid-after":
                after = second(value)
            elif name == "valid-before":
                before = second(value)
            else:
                raise Wrong(f"an option {name}")
        require(f"{kind} {key}" not in keys, "a key twice")
        require(spaces, f"no namespaces for {who}")
        keys[f"{kind} {key}"] = (who, spaces, after, before)
    return keys


# ---- the tree --------------------------------------------------------------------------------------------------


class Tree:
    """The right edge of an RFC 6962 tree: complete subtrees, from the left."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def add(self, level, node):
        require(self.size % (1 << level) == 0, "a subtree that does not begin here")
        self.size += 1 << level
        index = (self.size >> level) - 1
        while index & 1:
            require(self.peaks, "a subtree that does not begin here")
            node = hashlib.sha256(b"\x01" + self.peaks.pop() + node).digest()
            index >>= 1
        self.peaks.append(node)

    def root(self):
        if not self.peaks:
            return sha256(b"")
        node = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node.hex()


# ---- the bundle's files ----------------------------------------------------------------------------------------


class Folder:
    def __init__(self, path):
        self.path = path

    def names(self):
        for folder, _, files in os.walk(self.path):
            for file in files:
                yield os.path.relpath(os.path.join(folder, file), self.path)

    def open(self, name):
        path = os.path.join(self.path, name)
        if os.path.islink(path) or not os.path.isfile(path):
            return None
        return open(path, "rb")


class Archive:
    def __init__(self, path):
        self.tar = tarfile.open(path, "r:")
        self.files, self.strange = {}, []
        for entry in self.tar:
            name = entry.name.removeprefix("bundle/")
            if entry.isfile() and entry.name != name and name not in self.files:
                self.files[name] = entry
            elif not entry.isdir():
                self.strange.append(entry.name)

    def names(self):
        return [*self.files, *self.strange]

    def open(self, name):
        return self.tar.extractfile(self.files[name]) if name in self.files else None


class Bundle:
    def __init__(self, path):
        self.files = Folder(path) if os.path.isdir(path) else Archive(path)

    def read(self, name):
        file = self.files.open(name)
        if file is None:
            return None
        with file:
            return file.read()

    def has(self, name):
        file = self.files.open(name)
        if file is not None:
            file.close()
        return file is not None

    def lines(self, name):
        """Lines without their line feed; an unfinished or endless one is none."""
        file = self.files.open(name)
        if file is None:
            return
        with file:
            while line := file.readline(LONGEST + 1):
                whole = line.endswith(b"\n")
                yield line[:-1] if whole else None
                if not whole and len(line) <= LONGEST:
                    return

    def blob(self, digest, folder="blobs"):
        data = self.read(f"{folder}/{digest}")
        require(data is not None, f"{folder}/{digest} is missing")
        require(sha256(data) == digest, f"{folder}/{digest} has other bytes")
        return data


# ---- the audit -------------------------------------------------------------------------------------------------


class Audit:
    def __init__(self, bundle, given):
        self.bundle, self.given = bundle, given
        self.faults, self.counts = [], {}
        self.tree, self.roots, self.wanted = Tree(), {}, set()
        self.origin = self.key = self.life = self.latest = None
        self.anchors, self.reached = [], None
        self.policy, self.groups, self.accounts, self.policies = None, {}, {}, {}
        self.signers, self.signers_digest = None, None
        self.tickets, self.jobs, self.statements, self.shown = {}, [], 0, 0
        self.named, self.pruned = set(), 0
        self.keys, self.whole = {}, True

    def fault(self, where, field, found, wanted):
        self.faults.append(f"{where}: {field} is {found}; should be {wanted}")

    def same(self, where, field, found, wanted):
        if found != wanted:
            self.fault(where, field, found, wanted)

    def attempt(self, where, field, work, *args):
        """What the work gives; what it refuses is a fault."""
        try:
            return work(*args)
        except Wrong as why:
            self.fault(where, field, str(why), "as described in records.md")
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            self.fault(where, field, f"of another shape ({error!r})", "as described in records.md")
        return None

    # -- files

    def check_files(self):
        listed = set()
        for line in self.bundle.lines(LIST):
            match = line is not None and re.fullmatch(rb"([0-9a-f]{64})  ([!-~]+)", line)
            if not match or not self.has_place(match[2].decode()) or match[2].decode() in listed:
                self.fault(LIST, "line", repr(line), "a digest and a file, once each")
                continue
            digest, name = match[1].decode(), match[2].decode()
            listed.add(name)
            file = self.bundle.files.open(name)
            if file is None:
                self.fault(name, "file", "missing", "there")
                continue
            with file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            self.same(name, "content", found, digest)
            folder, _, rest = name.partition("/")
            if folder in HASHED:
                self.same(name, "content", found, rest)
        for name in self.bundle.files.names():
            if name not in listed and name not in (LIST, NOTE):
                self.fault(name, "file", "not in the list", "not there")
        if self.bundle.read(LIST) is None:
            self.fault(LIST, "file", "missing", "there")

    @staticmethod
    def has_place(name):
        hashed = "|".join(HASHED)
        return name in FIXED or re.fullmatch(
            rf"(?:{hashed})/[0-9a-f]{{64}}|checkpoints/(?:0|[1-9]\d*)|statements/(?:0|[1-9]\d*)\.json(?:\.sig)?", name
        )

    def check_list(self):
        data = self.bundle.read(NOTE)
        require(data is not None, "missing")
        text = note(data, self.key)
        wanted = f"bundle.v1@{self.key[0]}\nsha256:{sha256(self.bundle.read(LIST) or b'')}\n"
        require(text == wanted, "over another list")

    # -- the log

    def scan(self):
        """Sizes of heads that somebody names, to remember the roots there."""
        for line in self.bundle.lines("events.jsonl"):
            match = line and re.search(rb'\\"log\\":\{\\"origin\\":\\"[^"]*\\",\\"root\\":\\"[^"]*\\",\\"size\\":(\d+)\}', line)
            if match:
                self.wanted.add(int(match[1]))

    def here(self, add):
        add()
        size = self.tree.size
        if size in self.wanted:
            self.roots[size] = self.tree.root()
        for anchor in [anchor for anchor in self.anchors if anchor[1] == size]:
            self.anchors.remove(anchor)
            name, _, root, life, given = anchor
            self.same(f"event {size - 1}", name, self.tree.root(), root)
            if life is not None:
                self.same(f"event {size - 1}", f"{name}'s incarnation", self.life, life)
            if given:
                self.reached = size

    def follow(self):
        left = self.left_out()
        node = next(left, None)
        prev = sha256(b"")
        lines = self.bundle.lines("events.jsonl")
        while True:
            if node and node[1] << node[0] == self.tree.size:
                level, _, digest = node
                self.whole = False
                self.here(lambda: self.tree.add(level, bytes.fromhex(digest)))
                prev, node = None, next(left, None)
                continue
            line = next(lines, b"")
            if line == b"":
                break
            seq = self.tree.size
            self.shown += 1
            if line is None:
                self.fault(f"event {seq}", "bytes", "no whole line", "an event")
                line = b""
            leaf = hashlib.sha256(b"\x00" + line).digest()
            event = self.attempt(f"event {seq}", "bytes", record, line, "event.v1")
            if event:
                self.attempt(f"event {seq}", "event", self.event, seq, event, prev)
            prev = leaf.hex()
            self.here(lambda: self.tree.add(0, leaf))
            if event:
                self.attempt(f"event {seq}", "event", self.means, seq, event)
            if len(self.jobs) >= 256:
                self.check_signatures()
        if node:
            self.fault("tree.jsonl", "line", node, "subtrees in the order of the log")
        self.check_signatures()

    def left_out(self):
        for line in self.bundle.lines("tree.jsonl"):
            value = self.attempt("tree.jsonl", "line", record, line or b"")
            if value and set(value) == {"level", "index", "hash"} and value["level"] < 53:
                yield value["level"], value["index"], digest_of(value["hash"])
            else:
                self.fault("tree.jsonl", "line", line, "a subtree")

    def event(self, seq, event, prev):
        fields(event, "type seq prev time salt incarnation what", "ticket")
        self.same(f"event {seq}", "seq", event["seq"], seq)
        if prev is not None:
            self.same(f"event {seq}", "prev", digest_of(event["prev"]), prev)
        require(re.fullmatch("[0-9a-f]{32}", event["salt"]), "a salt")
        require(len(event["what"]) == 1, "one thing that happened")
        (word, detail), time = next(iter(event["what"].items())), time_of(event["time"])
        if word == "created":
            require(seq == 0, "made a second time")
            self.origin, self.life = detail["origin"], event["incarnation"]
            self.key = self.attempt("event 0", "log_key", log_key, detail["log_key"])
            if self.key:
                self.same("event 0", "log_key's name", self.key[0], self.origin)
                self.begin()
        elif word == "restored":
            self.same(f"event {seq}", "restored from", detail["from"], self.life)
            self.same(f"event {seq}", "restored size", detail["size"], seq)
            self.life = event["incarnation"]
        else:
            require(seq > 0, "something before the queue was made")
            self.same(f"event {seq}", "incarnation", event["incarnation"], self.life)
        if word in ("approved", "claimed") and self.latest and time + SLACK < self.latest:
            self.fault(f"event {seq}", "time", event["time"], f"not before {self.latest}")
        accepted = word == "reconciled" and "ticket" not in event
        self.latest = time if accepted or not self.latest else max(time, self.latest)

    def begin(self):
        """What can be checked once the log has named its key."""
        self.attempt(NOTE, "signature", self.check_list)
        for name in self.bundle.files.names():
            if name.startswith("checkpoints/"):
                head = self.attempt(name, "head", checkpoint, self.bundle.read(name), self.key)
                if head:
                    self.same(name, "size", str(head[0]), name.partition("/")[2])
                    self.anchors.append((name, *head, None, False))
        for data in self.given.checkpoints:
            head = self.attempt("your checkpoint", "head", checkpoint, data, self.key)
            if head and head[0] > 0:
                self.anchors.append(("your checkpoint", *head, None, True))
        for life, size, root in self.given.pins:
            if size > 0:
                self.anchors.append(("your pin", size, root, life, True))

    # -- what events mean

    def means(self, seq, event):
        (word, detail), ticket = next(iter(event["what"].items())), event.get("ticket")
        if word == "policy":
            self.new_policy(detail)
        elif word == "reviewers":
            self.signers = None
            self.signers_digest = digest_of(detail["sha256"])
            self.named.add(self.signers_digest)
            self.signers = reviewers(self.bundle.blob(self.signers_digest, "reviewers"))
        if word in ("decision", "reconciled"):
            self.statement(seq, event, word, detail)
        if ticket is None:
            return
        if word == "proposed":
            require(ticket not in self.tickets, "a ticket filed twice")
            self.tickets[ticket] = self.filed(seq, event, detail)
            return
        require(ticket in self.tickets, "about a ticket that was never filed")
        life = self.tickets[ticket]
        if word in ("refused", "notified"):
            require(life["phase"] not in ("allowed", "denied"), f"{word} before the policy's answer")
            return
        if word == "pruned":
            self.went(seq, event, detail, life)
            return
        after = STEPS.get((life["phase"], word))
        require(after, f"{word} after {life['phase']}")
        if word not in ("decision", "not_started", "unknown", "reconciled", "expired", "finished"):
            getattr(self, word)(seq, event, detail, life)
        elif word == "expired":
            self.same(f"event {seq}", "expired.approved", detail["approved"], life["phase"] == "approved")
        life["phase"] = after
        if after in OVER:
            # Of what is over, how it ended is all that is still asked for.
            kept = ("phase", "alone", "unasked", "denied", "payloads", "seq")
            self.tickets[ticket] = {name: life[name] for name in kept} | {"ended": time_of(event["time"])}
            if after in ("expired", "cancelled") and self.keys.get(life["key"], [None])[0] == ticket:
                self.keys[life["key"]][1] = True

    def went(self, seq, event, detail, life):
        """Payloads that were removed for good: of a ticket that was over, and its own."""
        fields(detail, "before blobs uid")
        before, where = time_of(detail["before"]), f"event {seq}"
        require(life["phase"] in OVER, f"pruned after {life['phase']}")
        require(life["ended"] < before <= time_of(event["time"]), f"pruned before {before}, ended {life['ended']}")
        require(detail["blobs"], "pruned, and nothing named")
        for text in detail["blobs"]:
            digest = digest_of(text)
            if digest not in life["payloads"] or digest in self.named:
                self.fault(where, "pruned.blobs", text, "payloads of this ticket, and no policy's or reviewers file's")
                continue
            life["payloads"][digest] = "pruned"
            self.pruned += 1

    def new_policy(self, detail):
        digest = digest_of(detail["policy"]["sha256"])
        self.policy, self.groups, self.accounts = digest, {}, {}
        self.named |= {digest, *(digest_of(layer["sha256"]) for layer in detail["layers"])}
        if digest not in self.policies:
            text = record(self.bundle.blob(digest, "policies"), "policy.v1")
            require(text["layers"] == detail["layers"], "a policy of other layers")
            require(text["version"] == detail["policy"]["version"], "a policy of another version")
            groups, accounts = {}, {}
            for layer in detail["layers"]:
                data = self.bundle.blob(digest_of(layer["sha256"]), "policies")
                if layer["name"] == "root":
                    root = tomllib.loads(data.decode())
                    groups = {name: set(people) for name, people in root.get("groups", {}).items()}
                    accounts = root.get("accounts", {})
            self.policies[digest] = groups, accounts
        self.groups, self.accounts = self.policies[digest]

    def filed(self, seq, event, detail):
        request_digest = digest_of(detail["request_sha256"])
        request = record(self.bundle.blob(request_digest), "request.v1")
        where, same = f"event {seq}", self.same
        action = json.dumps(request["action"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        same(where, "request.queue", request["queue"], self.origin)
        same(where, "request.ticket", request["ticket"], event["ticket"])
        same(where, "request.time", request["time"], event["time"])
        same(where, "request.uid", request["requester"]["account"]["uid"], detail["uid"])
        same(where, "request.action_sha256", request["action_sha256"], f"sha256:{sha256(action)}")
        same(where, "action_sha256", detail["action_sha256"], f"sha256:{sha256(action)}")
        same(where, "request.policy", request["policy"]["sha256"], detail["policy_sha256"])
        same(where, "policy_sha256", digest_of(detail["policy_sha256"]), self.policy)
        stdin = request["action"]["stdin"]
        kept = [*request["context"].get("attachments", []), *request["action"].get("binds", [])]
        kept += [stdin["captured"]] if isinstance(stdin, dict) else []
        payloads = {}
        for file in kept:
            digest = digest_of(file["sha256"])
            # What is missing may have been pruned after the ticket's end: that is known when everything was read.
            payloads[digest] = None if self.bundle.has(f"blobs/{digest}") else "missing"
        answer = detail["verdict"]["answer"]
        phase = {"allow": "allowed", "deny": "denied", "review": "pending"}[answer]
        return {
            "seq": seq, "request": request_digest, "policy": detail["policy_sha256"], "uid": detail["uid"],
            "verdict": detail["verdict"], "deadline": time_of(detail["deadline"]["wall"]), "phase": phase,
            "key": self.retried(where, request), "payloads": payloads, "votes": [], "nonces": set(), "alone": False, "unasked": False, "denied": answer == "deny", "until": None,
        }  # fmt: skip

    def retried(self, where, request):
        """A key of --once is one ticket, and goes on only from one that ended without having run."""
        uid, once = request["requester"]["account"]["uid"], request.get("once")
        key = None if once is None else f"{uid} {json.dumps(once, sort_keys=True)}"
        before, free = self.keys.get(key, [None, True])
        if not free:
            self.fault(where, "once", f"the key of {before}", "one whose ticket, if there was one, expired or was cancelled")
        elif self.whole:
            self.same(where, "attempt_of", request.get("attempt_of"), before)
        if key:
            self.keys[key] = [request["ticket"], False]
        return key

    def statement(self, seq, event, word, detail):
        fields(detail, "statement signature", "own" if word == "decision" else "")
        where, text, armor = f"event {seq}", detail["statement"].encode(), detail["signature"]
        self.statements += 1
        for name, wanted in [(f"statements/{seq}.json", text), (f"statements/{seq}.json.sig", armor.encode())]:
            if self.bundle.read(name) != wanted:
                self.fault(name, "content", "missing or another", f"as in event {seq}")
        said = record(text, "decision.v1" if word == "decision" else "reconcile.v1")
        self.same(where, "queue", said["queue"], self.origin)
        self.same(where, "incarnation", said["incarnation"], event["incarnation"])
        self.jobs.append((seq, said["type"], said["reviewer"], text, armor, time_of(event["time"]), *self.in_force()))
        if word == "decision":
            self.decision(seq, event, detail, said, text)
        else:
            about = {"ticket": event["ticket"]} if "ticket" in event else None
            if about and said["about"] != about or not about and set(said["about"]) != {"clock"}:
                self.fault(where, "about", said["about"], about or "the clock")

    def decision(self, seq, event, detail, said, text):
        fields(
            said,
            "type queue incarnation ticket request_sha256 policy_sha256 card_sha256 decision reviewer nonce time log",
            "reason suggest valid_until",
        )
        where, life, head = f"event {seq}", self.tickets.get(event["ticket"]), said["log"]
        require(life and "votes" in life, "a decision on a ticket that is not open")
        self.same(where, "ticket", said["ticket"], event["ticket"])
        self.same(where, "request_sha256", digest_of(said["request_sha256"]), life["request"])
        self.same(where, "policy_sha256", said["policy_sha256"], life["policy"])
        card = self.bundle.blob(digest_of(said["card_sha256"]), "cards").decode()
        code = f"{said['ticket'][:4]}-{said['ticket'][4:8]}"
        self.same(where, "card", card.split("\n", 1)[0], f"card.v1 of {code} ({said['ticket']})")
        self.same(where, "log.origin", head["origin"], self.origin)
        if not life["seq"] < head["size"] <= seq:
            self.fault(where, "log.size", head["size"], f"above {life['seq']} and at most {seq}")
        else:
            self.same(where, "log.root", digest_of(head["root"]), self.roots.get(head["size"]))
        require(said["nonce"] not in life["nonces"], "a nonce used twice")
        life["nonces"].add(said["nonce"])
        choice, own = said["decision"], self.accounts.get(said["reviewer"]) == life["uid"]
        require(choice in ("approve", "reject", "revoke"), f"a decision {choice!r}")
        self.same(where, "own", detail["own"], own)
        self.same(where, "valid_until", "valid_until" in said, choice == "approve")
        if own and life["verdict"].get("terms", {}).get("distinct"):
            self.fault(where, "reviewer", said["reviewer"], "somebody else than the requester")
        if life["phase"] == "approved" and choice != "revoke":
            self.fault(where, "decision", choice, "revoke, once it is approved")
        until = time_of(said["valid_until"]) if "valid_until" in said else None
        life["votes"].append((said["reviewer"], choice, until, event["incarnation"], own))

    def in_force(self):
        if self.given.signers is not None:
            return self.given.signers, self.given.reviewers
        return self.signers, self.signers_digest

    @staticmethod
    def word_of(life, person, incarnation):
        votes = [vote for vote in life["votes"] if vote[0] == person and vote[3] == incarnation]
        return votes[-1] if votes else (person, None, None, None, False)

    def approved(self, seq, event, detail, life):
        by, verdict, now = detail["by"], life["verdict"], time_of(event["time"])
        life["until"] = time_of(detail["until"]["wall"])
        if "policy" in by:
            require(verdict["answer"] == "allow" and by["policy"] == verdict["rules"], "approved against the policy")
            life["unasked"] = True
            return
        require(verdict["answer"] == "review", "approved against the policy")
        terms, people = verdict["terms"], by["reviewers"]
        latest = now + timedelta(seconds=terms["validity_s"])
        for person in people:
            _, choice, until, _, _ = self.word_of(life, person, event["incarnation"])
            require(choice == "approve" and until > now, f"approved by {person}, who did not sign that")
            latest = min(latest, until)
        require(len(set(people)) == len(people), "one person twice")
        self.quorum(life, terms, people)
        require(life["until"] <= latest, f"approved until {life['until']}, later than {latest}")
        require(now < life["deadline"], "approved after the deadline")
        life["alone"] = bool(people) and all(self.word_of(life, who, event["incarnation"])[4] for who in people)

    def quorum(self, life, terms, people):
        groups = terms.get("groups", [])
        need = max(len(groups), terms["approvals"])
        if terms.get("distinct"):
            people = [who for who in people if self.accounts.get(who) != life["uid"]]
        require(len(people) >= need, f"{len(people)} of {need} approvals")
        member = [[who for who in people if who in self.groups.get(group, ())] for group in groups]
        require(filled(member), f"no different people for {', '.join(groups)}")

    def rejected(self, seq, event, detail, life):
        by, verdict = detail["by"], life["verdict"]
        if "policy" in by:
            require(verdict["answer"] == "deny" and by["policy"] == verdict["rules"], "rejected against the policy")
        else:
            choice = self.word_of(life, by["reviewer"], event["incarnation"])[1]
            require(verdict["answer"] == "review" and choice == "reject", "rejected by one who did not sign that")

    def cancelled(self, seq, event, detail, life):
        why = detail["why"]
        if isinstance(why, dict) and "revoke" in why:
            choice = self.word_of(life, why["revoke"], event["incarnation"])[1]
            require(choice == "revoke", "cancelled by one who did not sign a revoke")

    def claimed(self, seq, event, detail, life):
        require(time_of(event["time"]) < life["until"], f"claimed after {life['until']}, when the approval lapsed")
        self.same(f"event {seq}", "claim.at", detail["claim"]["at"], event["time"])

    # -- signatures

    def check_signatures(self):
        jobs, self.jobs = self.jobs, []
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as pool:
            for fault in pool.map(lambda job: self.check_signature(scratch, *job), jobs):
                if fault:
                    self.fault(*fault)

    def check_signature(self, scratch, seq, kind, who, text, armor, time, signers, file):
        try:
            require(signers is not None, "by nobody known")
            namespace = f"{kind}@{self.origin}"
            key = signature_key(armor, namespace, text)
            require(key in signers, "by a key that is not trusted")
            owner, spaces, after, before = signers[key]
            require(owner == who, f"by a key of {owner}, not of {who}")
            require(namespace in spaces, f"by a key that does not count for {namespace}")
            require(after is None or after <= time, f"by a key that counts from {after}")
            require(before is None or time < before, f"by a key that counted until {before}")
            self.stock(scratch, seq, namespace, who, text, armor, time, file)
        except (Wrong, ValueError, KeyError) as why:
            return f"event {seq}", "signature", str(why), "good, by a reviewer in force"
        return None

    def stock(self, scratch, seq, namespace, who, text, armor, time, file):
        """The same question to ssh-keygen."""
        if not os.path.isfile(str(file)):
            data, file = self.bundle.blob(file, "reviewers"), os.path.join(scratch, f"{seq}.signers")
            with open(file, "wb") as out:
                out.write(data)
        signature = os.path.join(scratch, f"{seq}.sig")
        with open(signature, "w", encoding="ascii") as out:
            out.write(armor)
        when = time.strftime("%Y%m%d%H%M%SZ")
        command = ["ssh-keygen", "-Y", "verify", f"-Overify-time={when}", "-f", file, "-I", who, "-n", namespace, "-s", signature]
        done = subprocess.run(command, input=text, capture_output=True, check=False)
        require(done.returncode == 0, f"refused by ssh-keygen: {(done.stderr or done.stdout).decode(errors='replace').strip()}")

    # -- the end

    def end(self):
        for name, size, *_ in self.anchors:
            if size > self.tree.size:
                self.fault(name, "size", size, f"at most {self.tree.size}: newer events were cut off")
        for life in self.tickets.values():
            for digest, state in life["payloads"].items():
                if state == "missing":
                    self.fault(f"event {life['seq']}", "blob", f"{digest} is missing", "there, or pruned by a later event")
        manifest = self.attempt("bundle.json", "record", record, self.bundle.read("bundle.json") or b"", "bundle.v1")
        if manifest:
            self.attempt("bundle.json", "record", self.manifest, manifest)
        there = sum(name.startswith("statements/") for name in self.bundle.files.names())
        self.same("statements", "number of files", there, 2 * self.statements)
        if self.tree.size == 0:
            self.fault("events.jsonl", "event", "missing", "there")
        if self.bundle.read(NOTE) is None or self.key is None:
            self.fault(NOTE, "file", "missing, or of an unknown key", "there")

    def manifest(self, manifest):
        fields(manifest, "type origin incarnation log_key size root events time", "filter")
        key = manifest["log_key"]
        self.same("bundle.json", "origin", manifest["origin"], self.origin)
        self.same("bundle.json", "incarnation", manifest["incarnation"], self.life)
        self.same("bundle.json", "log_key", log_key(key), self.key)
        self.same("bundle.json", "size", manifest["size"], self.tree.size)
        self.same("bundle.json", "root", digest_of(manifest["root"]), self.tree.root())
        self.same("bundle.json", "events", manifest["events"], self.shown)
        require("filter" in manifest or self.shown == self.tree.size, "events left out of a whole export")
        require(self.bundle.read(f"checkpoints/{manifest['size']}") is not None, "without its signed head")

    def run(self):
        self.check_files()
        self.scan()
        self.follow()
        self.end()
        for life in self.tickets.values():
            word = "denied" if life["denied"] else life["phase"]
            self.counts[word] = self.counts.get(word, 0) + 1


def filled(member):
    """Whether every group gets somebody of its own (Hall's condition would do; this is plainer)."""
    taken = {}

    def seat(group, tried):
        for who in member[group]:
            if who not in tried:
                tried.add(who)
                if who not in taken or seat(taken[who], tried):
                    taken[who] = group
                    return True
        return False

    return all(seat(group, set()) for group in range(len(member)))


def pins(path):
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line and not line.startswith("#"):
                match = re.fullmatch(r"mark\.v1 ([0-9a-f]{32}) (\d+) sha256:([0-9a-f]{64})", line)
                if not match:
                    sys.exit(f"{path} is no file of pins")
                found.append((match[1], int(match[2]), match[3]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--reviewers", help="allowed_signers of your own")
    parser.add_argument("--checkpoint", action="append", default=[], help="a signed head you kept")
    parser.add_argument("--pins", help="a reviewer's own memory of the log")
    given = parser.parse_args()
    try:
        given.signers = None
        if given.reviewers:
            with open(given.reviewers, "rb") as file:
                given.signers = reviewers(file.read())
        given.checkpoints = []
        for path in given.checkpoint:
            with open(path, "rb") as file:
                given.checkpoints.append(file.read())
        given.pins = pins(given.pins) if given.pins else []
        audit = Audit(Bundle(given.bundle), given)
        audit.run()
    except (OSError, tarfile.TarError, Wrong) as error:
        print(f"cannot be checked: {error}", file=sys.stderr)
        return 2
    told = ", ".join(f"{count} {word}" for word, count in sorted(audit.counts.items()))
    print(f"{sum(audit.counts.values())} tickets ({told}), {audit.tree.size} events ({audit.shown} shown), {audit.statements} signatures")
    alone = sum(life["alone"] for life in audit.tickets.values())
    unasked = sum(life["unasked"] for life in audit.tickets.values())
    print(f"{alone} approved by one person alone, {unasked} allowed by the policy")
    if audit.pruned:
        print(f"{audit.pruned} payloads pruned: their digests are known, their bytes are gone")
    print(f"root sha256:{audit.tree.root()}")
    if audit.faults:
        print("TAMPERED")
        for fault in audit.faults[:200]:
            print(f"   {ascii(fault)[1:-1]}")
        return 1
    if given.signers is None:
        print("consistent with itself only: its reviewers came from the bundle")
        return 3
    if audit.reached is None or audit.shown < audit.tree.size:
        print("not excluded: that events were cut off or left out")
        return 4
    print(f"holds; what you gave reaches to event {audit.reached}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
