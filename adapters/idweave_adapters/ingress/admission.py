"""How many requests and bytes are held at once, whatever comes."""

from idweave_adapters.ingress import replies


class Admission:
    """Counts what is in work. One event loop uses it."""

    def __init__(self, *, requests: int, memory_bytes: int) -> None:
        self._free_requests = requests
        self._free_bytes = memory_bytes

    def enter(self) -> "Place":
        """Take a place for one request.

        Raises:
            Refused: all are taken (503).
        """
        if self._free_requests < 1:
            raise replies.full()
        self._free_requests -= 1
        return Place(self)

    def take(self, size_bytes: int) -> None:
        """Take memory.

        Raises:
            Refused: there is not so much left (503).
        """
        if size_bytes > self._free_bytes:
            raise replies.full()
        self._free_bytes -= size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Free one request and its memory."""
        self._free_requests += 1
        self._free_bytes += size_bytes


class Place:
    """The place of one request, with the bytes that it holds."""

    __slots__ = ("_admission", "_held_bytes", "_is_left")

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._held_bytes = 0
        self._is_left = False

    def hold(self, size_bytes: int) -> None:
        """Count *size_bytes* more of its body.

        Raises:
            Refused: there is not so much memory left (503).
        """
        self._admission.take(size_bytes)
        self._held_bytes += size_bytes

    def leave(self) -> None:
        """Give everything back. Leaving twice does no harm."""
        if not self._is_left:
            self._is_left = True
            self._admission.give_back(self._held_bytes)
