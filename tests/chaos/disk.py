"""A disk of its own for each worker, small enough to be filled."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

SIZE = "96m"
FILLER = "filler"
_CHUNK = 1 << 16


class Disk:
    """A folder that is a small file system where that is allowed (tmpfs, for root)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why_not = ""
        """Why it can't be filled, if it can't."""

    def mount(self) -> None:
        """The folder is there, on a file system of its own if possible."""
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "idweave-chaos"]
        try:
            told = subprocess.run(  # noqa: S603 - fixed words and a path of ours
                [*command, str(self.folder)],
                check=False,
                capture_output=True,
                text=True,
            )
        except OSError as error:
            self.why_not = f"mount: {error.strerror}"
            return
        if told.returncode != 0:
            self.why_not = " ".join(told.stderr.split()) or "mount failed"

    def unmount(self) -> None:
        """The file system is gone; nobody may use it any more."""
        if not self.why_not:
            command = ["umount", "--lazy", str(self.folder)]
            subprocess.run(command, check=False)  # noqa: S603 - as above

    def wipe(self) -> None:
        """Nothing is left of what a worker wrote."""
        for each in self.folder.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    def fill(self) -> None:
        """Not one more byte can be written."""
        file = os.open(self.folder / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (_CHUNK, 1):
                with suppress(OSError):
                    while os.write(file, b"x" * size):
                        pass
        finally:
            os.close(file)

    def free(self) -> None:
        """There is space again."""
        (self.folder / FILLER).unlink(missing_ok=True)
