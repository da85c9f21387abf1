"""A real SSH server on loopback that serves the Git repositories of one folder, and nothing else.

    python3 ssh_server.py REPOSITORIES KEYS

Makes its keys anew in KEYS: `client` may log in, `stranger` may not, `known_hosts` names this server. Then prints its
port, and serves until its standard input ends, so that it never outlives the test that started it.
"""

import asyncio
import contextlib
import os
import shlex
import sys
from pathlib import Path

import asyncssh

PROGRAMS = ("git-upload-pack", "git-receive-pack")
# What a Git program needs, and nothing of whoever runs the tests.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "GIT_CONFIG_NOSYSTEM": "1"}


async def main():
    repositories, keys = (Path(argument).resolve() for argument in sys.argv[1:])
    host, client = key(), key()
    write_private(keys / "client", client)
    write_private(keys / "stranger", key())

    async def serve(process):
        await run_git(process, repositories)

    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host],
        authorized_client_keys=asyncssh.import_authorized_keys(public(client)),
        process_factory=serve,
        encoding=None,
    )
    port = server.get_port()
    (keys / "known_hosts").write_text(f"[127.0.0.1]:{port} {public(host)}", encoding="utf-8")
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def key():
    return asyncssh.generate_private_key("ssh-ed25519")


def public(private):
    return private.export_public_key().decode()


def write_private(path, private):
    path.touch(mode=0o600)
    path.write_bytes(private.export_private_key())


async def run_git(process, repositories):
    """Runs what the client asked for, if that is Git on one of the repositories."""
    program, path = read_command(process.command or "")
    if program not in PROGRAMS or ".." in Path(path).parts:
        process.stderr.write(b"only Git is served here\n")
        process.exit(126)
        return
    pipe = asyncio.subprocess.PIPE
    folder = str(repositories / path.lstrip("/"))
    git = await asyncio.create_subprocess_exec(program, folder, stdin=pipe, stdout=pipe, stderr=pipe, env=ENVIRONMENT)
    feeding = asyncio.create_task(feed(process.stdin, git.stdin))
    await asyncio.gather(copy(git.stdout, process.stdout), copy(git.stderr, process.stderr))
    process.exit(await git.wait())
    feeding.cancel()


async def feed(source, target):
    with contextlib.suppress(ConnectionError):
        await copy(source, target)
    target.close()


async def copy(source, target):
    while data := await source.read(65536):
        target.write(data)
        await target.drain()


def read_command(command):
    words = shlex.split(command)
    return words if len(words) == 2 else ("", "")


if __name__ == "__main__":
    asyncio.run(main())
