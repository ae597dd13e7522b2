"""Verifies an export of the audit log: written from docs/guide/audit-format.md alone, with nothing but Python.

verify_export.py FOLDER [KEY.pem]: prints "intact", or what is wrong, and ends with 0, 1 or 2.
"""

import base64
import hashlib
import json
import os
import re
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


class Tampered(Exception):
    pass


class Incomplete(Exception):
    pass


# Ed25519, RFC 8032, section 5.1.


def recover_x(y, sign):
    if y >= P:
        raise Tampered("no point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0 or (x == 0 and sign):
        raise Tampered("no point")
    return P - x if x & 1 != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        a, r = point(public), point(signature[:32])
    except Tampered:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# Canonical JSON, RFC 8785.


def number_text(value):
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # value = 0.DIGITS * 10^place
    place = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= place <= 21:
        return sign + digits + "0" * (place - len(digits))
    if 0 < place <= 21:
        return sign + digits[:place] + "." + digits[place:]
    if -6 < place <= 0:
        return sign + "0." + "0" * -place + digits
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if place > 0 else '-'}{abs(place - 1)}"


def canonical(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        value.encode()  # fails for lone surrogates
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"


def read(data, what):
    def members(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise Tampered(f"{what}: a key that is there twice")
        return dict(pairs)

    def refuse(word):
        raise Tampered(f"{what}: {word}")

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse)
        same = canonical(value).encode() == data
    except (ValueError, UnicodeError) as error:
        raise Tampered(f"{what}: {error}") from error
    if not same:
        raise Tampered(f"{what}: not canonical")
    return value


# The tree.


def sha256(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha256(b"\x01" + left + right)


class Peaks:
    def __init__(self, size, peaks):
        if len(peaks) != bin(size).count("1"):
            raise Tampered("base: not so many peaks")
        self.size, self.peaks = size, peaks

    def append(self, leaf):
        self.peaks.append(leaf)
        rest = self.size
        while rest & 1:
            right, left = self.peaks.pop(), self.peaks.pop()
            self.peaks.append(node(left, right))
            rest >>= 1
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def root_by_proof(leaf, index, size, path):
    at, last, root = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = node(hash_, root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            root = node(root, hash_)
        at >>= 1
        last >>= 1
    return root if last == 0 else None


# Keys.

SPKI = bytes.fromhex("302a300506032b6570032100")


def public_of(spki):
    if len(spki) != 44 or spki[:12] != SPKI:
        raise Tampered("no Ed25519 key")
    return spki[12:]


def key_id(public):
    return sha256(SPKI + public).hex()


def keys_in_pem(text):
    found = re.findall(r"-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----", text)
    return {key_id(key): key for key in (public_of(base64.b64decode(body)) for body in found)}


def trusted_keys(given, known, rotations):
    trusted, everything = dict(given), {**known, **given}
    for rotation in rotations:
        key = public_of(base64.b64decode(rotation["new_spki"]))
        everything[key_id(key)] = key
    valid = []
    for rotation in rotations:
        statement = {name: value for name, value in rotation.items() if name != "signatures"}
        message = canonical(statement).encode()
        pair = [everything.get(rotation["old_key_id"]), everything.get(rotation["new_key_id"])]
        signatures = [base64.b64decode(rotation["signatures"][which]) for which in ("old", "new")]
        if all(key and is_signed(key, message, signature) for key, signature in zip(pair, signatures)):
            valid.append((rotation["old_key_id"], rotation["new_key_id"]))
    grown = True
    while grown:
        grown = False
        for pair in valid:
            if any(one in trusted for one in pair) and not all(one in trusted for one in pair):
                trusted.update({one: everything[one] for one in pair})
                grown = True
    return trusted


# The export.

MEMBERS = ["actor", "data", "prev", "seq", "ts", "type", "v"]
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def lines(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        data = file.read()
    if data and not data.endswith(b"\n"):
        raise Tampered(f"{name}: no line feed at its end")
    return data.split(b"\n")[:-1]


def entry_of(line, seq):
    entry = read(line, f"entry {seq}")
    if not isinstance(entry, dict) or sorted(entry) != MEMBERS or entry["v"] != 1:
        raise Tampered(f"entry {seq}: not an entry")
    if entry["seq"] != seq:
        raise Tampered(f"entry {seq}: in its place is {entry['seq']}")
    if not TIME.fullmatch(entry["ts"]) or sorted(entry["actor"]) != ["id", "kind"]:
        raise Tampered(f"entry {seq}: not an entry")
    return entry


def check_head(signed, trusted):
    key = trusted.get(signed["key_id"])
    message = canonical(signed["head"]).encode()
    if key is None or not is_signed(key, message, base64.b64decode(signed["signature"])):
        raise Tampered(f"the head over {signed['head']['size']} entries is not signed by a trusted key")


def check_full(folder, manifest, heads, keys, given):
    tree = Peaks(manifest["base"]["size"], [bytes.fromhex(peak) for peak in manifest["base"]["peaks"]])
    wanted = {}
    for signed in heads:
        wanted.setdefault(signed["head"]["size"], set()).add(signed["head"]["root"])
    rotated = {}
    rotations = list(keys["rotations"])
    before = "0" * 64 if tree.size == 0 else None
    base = None if tree.size == 0 else (tree.size, tree.root().hex())

    def compare():
        if wanted.get(tree.size, {tree.root().hex()}) != {tree.root().hex()}:
            raise Tampered(f"the root of {tree.size} entries is not the one of their head")

    compare()
    for line in lines(folder, "entries.jsonl"):
        seq = tree.size
        entry = entry_of(line, seq)
        if before is not None and entry["prev"] != before:
            raise Tampered(f"entry {max(0, seq - 1)}: not the one that the next was written after")
        if entry["type"] == "audit.key_rotated":
            rotations.append(entry["data"])
            rotated[entry["data"]["old_key_id"]] = seq
        if entry["type"] == "audit.cut" and (entry["data"]["size"], entry["data"]["root"]) == base:
            base = None
        leaf = sha256(b"\x00" + line)
        before = leaf.hex()
        tree.append(leaf)
        compare()
    if base is not None:
        raise Tampered("no entry says that what was before was cut off")
    if tree.size != manifest["to"] or tree.size != manifest["size"]:
        raise Tampered(f"the log ends with entry {tree.size - 1}")
    trusted = trusted_keys(given, keys["public"], rotations)
    given_up = {rotation["old_key_id"] for rotation in keys["rotations"]}
    for signed in heads:
        check_head(signed, trusted)
        gone = -1 if signed["key_id"] in given_up else signed["head"]["size"]
        if signed["head"]["size"] > rotated.get(signed["key_id"], gone):
            raise Tampered("a head is signed by a key that was given up before")


def check_partial(folder, manifest, head, keys, given):
    check_head(head, trusted_keys(given, keys["public"], keys["rotations"]))
    if any(rotation["old_key_id"] == head["key_id"] for rotation in keys["rotations"]):
        raise Tampered("the head is signed by a key that was given up before")
    entries, proofs = lines(folder, "entries.jsonl"), lines(folder, "proofs.jsonl")
    if len(entries) != manifest["to"] - manifest["from"] or len(proofs) != len(entries):
        raise Tampered("not as many entries and proofs as there were")
    before = None
    for seq, (line, proof) in enumerate(zip(entries, proofs), manifest["from"]):
        entry = entry_of(line, seq)
        if before is not None and entry["prev"] != before:
            raise Tampered(f"entry {seq}: not written after the one before")
        way = read(proof, f"proof {seq}")
        leaf = sha256(b"\x00" + line)
        before = leaf.hex()
        path = [bytes.fromhex(hash_) for hash_ in way["hashes"]]
        root = root_by_proof(leaf, seq, way["tree_size"], path)
        if way["leaf_index"] != seq or way["tree_size"] != manifest["size"] or root is None:
            raise Tampered(f"entry {seq}: the proof is of something else")
        if root.hex() != head["head"]["root"]:
            raise Tampered(f"entry {seq}: the proof does not lead to the root")


def verify(folder, pem):
    needed = ["entries.jsonl", "heads.jsonl", "keys.json", "manifest.json", "manifest.sig"]
    missing = [name for name in needed if not os.path.exists(os.path.join(folder, name))]
    if missing:
        raise Incomplete(", ".join(missing))

    def content(name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    manifest = read(content("manifest.json"), "manifest.json")
    keys = read(content("keys.json"), "keys.json")
    keys["public"] = {}
    for one in keys["keys"]:
        public = public_of(base64.b64decode(one["spki"]))
        if key_id(public) != one["key_id"] or public.hex() != one["public_key"]:
            raise Tampered("keys.json: a key has another id")
        keys["public"][one["key_id"]] = public
    given = keys["public"] if pem is None else keys_in_pem(pem)
    signer = trusted_keys(given, keys["public"], keys["rotations"]).get(manifest["key_id"])
    if signer is None or not is_signed(signer, content("manifest.json"), content("manifest.sig")):
        raise Tampered("the manifest is not signed by a trusted key")
    for name, file in manifest["files"].items():
        data = content(name)
        if len(data) != file["bytes"] or hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise Tampered(f"{name} is not the file that was exported")
    heads = [read(line, "a head") for line in lines(folder, "heads.jsonl")]
    last = heads[-1]["head"]
    if any(signed["head"]["log"] != manifest["log"] for signed in heads):
        raise Tampered("a head is of another log")
    same_key = heads[-1]["key_id"] == manifest["key_id"]
    if last["size"] != manifest["size"] or last["root"] != manifest["root"] or not same_key:
        raise Tampered("the last head is not the one of the manifest")
    if manifest["kind"] == "full":
        check_full(folder, manifest, heads, keys, given)
    else:
        check_partial(folder, manifest, heads[-1], keys, given)


def main():
    pem = None
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="ascii") as file:
            pem = file.read()
    try:
        verify(sys.argv[1], pem)
    except Tampered as error:
        print(f"tampered: {error}")
        return 1
    except Incomplete as error:
        print(f"incomplete: {error}")
        return 2
    print("intact")
    return 0


if __name__ == "__main__":
    sys.exit(main())
