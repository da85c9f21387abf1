"""What the scripts of a release share: the targets, the names, and the form of the file `RELEASE`."""

import hashlib
import os
import re
import sys
import tarfile

TARGETS = (
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
)
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELEASE = os.path.join(TOP, "RELEASE")
CHANGELOG = os.path.join(TOP, "CHANGELOG.md")
DOWNLOADS = "https://github.com/bivouac-dev/bivouac/releases/download"
SHA256 = re.compile(r"[0-9a-f]{64}")


def fail(message):
    """Ends the script: what failed, on one line."""
    sys.exit(f"release/{os.path.basename(sys.argv[0])}: {message}")


def read(path):
    try:
        # Line ends as they are: what reads these files elsewhere does not take all for the same.
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as why:
        return fail(f"`{os.path.basename(path)}` can not be read: {why}")


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def parse_version(text):
    """The three numbers of `1.2.3`. What else SemVer knows, no release of ours has."""
    if not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text):
        fail(f"`{text}` is not a version: three numbers, such as 1.2.3")
    return tuple(int(number) for number in text.split("."))


def manifest_version():
    """The version in Cargo.toml."""
    found = re.search(r'^version = "(.+)"$', read(os.path.join(TOP, "Cargo.toml")), re.MULTILINE)
    return found.group(1) if found else fail("Cargo.toml has no version")


def stem(version, target):
    """What the archive is called, and the one directory in it."""
    return f"bivouac-{version}-{target}"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def digests(directory, version):
    """Target → the hashes of its archive and of the program in it, for every archive in `directory`."""
    found = {}
    if not os.path.isdir(directory):
        fail(f"`{directory}` is not a directory")
    for name in sorted(os.listdir(directory)):
        if not name.endswith(".tar.gz"):
            continue
        start = stem(version, "")
        if not name.startswith(start):
            fail(f"`{name}` is not an archive of {version}")
        target = name[len(start):-len(".tar.gz")]
        path = os.path.join(directory, name)
        try:
            with open(path, "rb") as file:
                archive = sha256(file.read())
        except OSError as why:
            fail(f"`{name}` can not be read: {why}")
        found[target] = (archive, program_digest(path, f"{stem(version, target)}/bivouac"))
    return found


def program_digest(archive, member):
    try:
        with tarfile.open(archive, "r:gz") as tar:
            # As the installer takes it: one plain file.
            [found] = [entry for entry in tar.getmembers() if entry.name == member and entry.isreg()]
            if tar.getnames().count(member) != 1:
                raise ValueError("it is there more than once")
            return sha256(tar.extractfile(found).read())
    except (tarfile.TarError, ValueError, EOFError, OSError) as why:
        return fail(f"`{os.path.basename(archive)}` holds no `{member}`: {why}")


def parse_release(text):
    """The version, the address, and target → its two hashes. An unknown line is an error, not a comment."""
    version, address, rows = None, None, {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split(" ")
        if not line.isprintable():
            fail(f"RELEASE, line {number}: there is a control character in it")
        if not line or line.startswith("#"):
            continue
        if words[0] == "version" and len(words) == 2 and version is None:
            version = words[1]
        elif words[0] == "address" and len(words) == 2 and address is None:
            address = words[1]
        elif len(words) == 3 and words[0] in TARGETS and words[0] not in rows and all(SHA256.fullmatch(word) for word in words[1:]):
            rows[words[0]] = (words[1], words[2])
        else:
            fail(f"RELEASE, line {number}: `{line}` is not understood")
    if version is None or address is None or not rows:
        fail("RELEASE names no release: there is nothing to check")
    parse_version(version)
    if address != f"{DOWNLOADS}/v{version}":
        fail(f"RELEASE: the address is not `{DOWNLOADS}/v{version}`")
    return version, address, rows
