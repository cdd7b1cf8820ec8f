"""The C and C++ files of this tree, as git sees them (untracked ones included, ignored ones not)."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "include", "tests", "examples", "bench", "tools")
SUFFIXES = (".h", ".cc", ".c")


def _git(*arguments):
    result = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    return result.stdout.split("\0") if result.returncode == 0 else None


def _is_source(name):
    return name.endswith(SUFFIXES) and name.split("/")[0] in FOLDERS and (ROOT / name).is_file()


def all_files():
    """Sorted paths relative to ROOT. Without git (a source archive), everything below the folders."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if names is None:
        names = [str(p.relative_to(ROOT)) for f in FOLDERS for p in (ROOT / f).rglob("*")]
    return sorted({name for name in names if _is_source(name)})


def changed_files():
    """Files that differ from the main branch, committed or not; all of them when there is no main branch."""
    for main in ("origin/main", "main"):
        base = _git("merge-base", main, "HEAD")
        if base:
            names = _git("diff", "-z", "--name-only", base[0].strip()) or []
            names += _git("ls-files", "-z", "--others", "--exclude-standard") or []
            return sorted({name for name in names if _is_source(name)})
    return all_files()
