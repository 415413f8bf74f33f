"""Under any umask nobody but the owner can read what is written, and no secret is in it."""

from commands import SECRET, open_to_others, run_all
from figures import Figure

UMASKS = (0o000, 0o022, 0o077, 0o177, 0o777)


def figures(top, share):
    """Run the commands under each umask; with a small share under that which protects nothing."""
    modes, leaks, files = [], [], 0
    umasks = UMASKS if share == 1 else UMASKS[:1]
    for umask in umasks:
        folder = top / f"umask-{umask:o}"
        ended = run_all(folder, umask)
        if ended.returncode:
            modes.append(f"umask {umask:o}: {ended.stderr[-500:]}")
        written = [path for name in ("home", "out") for path in (folder / name).rglob("*")]
        files += len(written)
        modes += open_to_others(folder / "home", folder / "out")
        leaks += [str(p) for p in written if p.is_file() and SECRET.encode() in p.read_bytes()]
    note = f"{len(umasks)} umasks, Chroma, KV cells, states, backups and exports among them"
    part = "Secrets and files"
    yield Figure(part, "files and folders, by mode", files, len(modes), note, tuple(modes[:5]))
    what = "files searched for a secret told in every way"
    yield Figure(part, what, files, len(leaks), "", tuple(leaks[:5]))
