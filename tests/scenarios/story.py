"""A small vocabulary for stories, told on the whole core: boundary, lookups, graph.

What a story says goes through the check of ownership and the lookups onto the log, as
in a worker, and waits there until the story looks at something with `then`. How the
log is delivered is the story's `Manner`: as told, with repetitions, or in any order.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.scenarios.places import scoped
from tests.scenarios.scene import Scene
from tests.support.graph import DictOwnership

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import EvidenceKind, evidence
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
)
from idweave_graph.lookups import Lookup
from idweave_graph.messages import (
    Answer,
    BanCommand,
    Command,
    CommandKind,
    DecisionCommand,
    EraseAsset,
    LogMessage,
    Outcome,
    Proved,
)
from idweave_graph.ownership import Ownership


class Story(Scene):
    """What happens, in the order in which it is said; each takes its time."""

    def sees(
        self, who: str, at: int | None = None, token: str = "", code: str = ""
    ) -> None:
        """An event names *who*, maybe with a business token or a linking code."""
        self.core.see(
            scoped(who),
            self._at(at),
            BusinessToken(token) if token else None,
            code=LinkingCode.of(code) if code else None,
        )

    def unlinks(self, who: str, at: int | None = None) -> None:
        """A webhook tells that the account linkings of *who* are over."""
        self.core.see(scoped(who), self._at(at), is_unlinked=True)

    def proves(
        self, one: str, two: str, at: int | None = None, by: str = "ids_for_apps"
    ) -> None:
        """Evidence between two ids, or an id and a token, comes onto the log."""
        at_ms = self._at(at)
        ends = (self._end(one), self._end(two))
        cause = self.core.cause()
        proof = evidence(EvidenceKind(by), *ends, at_ms=at_ms, cause=cause)
        business = self._owner(one if one.count(":") > 1 else two)
        self.core.log.append(Proved(business, (proof,), at_ms, cause))

    def answers(
        self,
        who: str,
        *links: str,
        at: int | None = None,
        made_by: str = "",
        token: str = "",
        to: Lookup | None = None,
    ) -> None:
        """The Graph API answers the lookup of *who*, and names *links*.

        *to* is the question, where it was asked earlier than what was said last. If
        the id's business is held, it was asked to see whether that is over.
        """
        asked = to or self.lookup(who)
        self.core.answer(
            asked,
            map(scoped, links),
            at_ms=self._at(at),
            made_by=Asset.parse(made_by) if made_by else None,
            token=BusinessToken(token) if token else None,
            probed=self._hold(asked),
        )

    def fails(self, who: str, outcome: Outcome, wait: int = 0) -> None:
        """The lookup of *who* brings no answer; maybe we are told how long to wait."""
        asked = self.lookup(who)
        answer = Answer(
            asked.business,
            asked.seen,
            self._at(None),
            outcome,
            retry_after_ms=wait,
            probed=self._hold(asked),
        )
        self.core._resolve(answer)

    def bans(self, one: str, two: str, at: int | None = None) -> None:
        """An analyst says that the two are not one person."""
        self._rules(one, two, at, is_lifted=False)

    def lifts_ban(self, one: str, two: str, at: int | None = None) -> None:
        """An analyst says that the two may be one person after all."""
        self._rules(one, two, at, is_lifted=True)

    def accepts(self, one: str, two: str, at: int | None = None) -> None:
        """An operator says that the proofs between the two come before all others."""
        self._decides(Verdict.ACCEPT, one, two, at)

    def rejects(self, one: str, two: str, at: int | None = None) -> None:
        """An operator says that the proofs between the two do not count."""
        self._decides(Verdict.REJECT, one, two, at)

    def reopens(self, one: str, two: str, at: int | None = None) -> None:
        """An operator takes back what was decided about the two."""
        self._decides(Verdict.REOPEN, one, two, at)

    def links(self, one: str, two: str, at: int | None = None) -> None:
        """An operator says that the two are one person."""
        self._decides(Verdict.LINK, one, two, at)

    def erases(
        self, who: str, at: int | None = None, receipt: str = "R1", memory: int = 0
    ) -> None:
        """Somebody wants this id forgotten, which is remembered for so long."""
        self._commands(CommandKind.ERASE_ID, who, at, receipt, memory)

    def erases_person(
        self, who: str, at: int | None = None, receipt: str = "R1", memory: int = 0
    ) -> None:
        """Meta's deletion callback wants the whole person forgotten."""
        self._commands(CommandKind.ERASE_PERSON, who, at, receipt, memory)

    def erases_asset(
        self, asset: str, at: int | None = None, receipt: str = "R1", memory: int = 0
    ) -> None:
        """Somebody wants all ids of an app or Page forgotten."""
        at_ms, cause = self._at(at), self.core.cause()
        business = self._owner(f"{asset}:x")
        whose = (business, Asset.parse(asset), at_ms, cause)
        self.core.log.append(
            EraseAsset(*whose, receipt, at_ms + memory if memory else 0)
        )

    def deauthorizes(self, who: str) -> None:
        """The person has taken the app away."""
        self._commands(CommandKind.DEAUTHORIZE, who, None, "", 0)

    def transfers(self, asset: str, to: BusinessId | None) -> None:
        """An app or Page changes hands, or has no owner for now."""
        self.core.transfer(Asset.parse(asset), to, self._at(None))

    def owns(self, business: BusinessId, *assets: str) -> None:
        """More assets, owned from the beginning."""
        more = {Asset.parse(a): Ownership(Asset.parse(a), business, 1) for a in assets}
        self.core.ownership = DictOwnership({**self.core.ownership.known, **more})

    @contextmanager
    def held_back(self) -> Iterator[list[LogMessage]]:
        """What is said here is not on the log before `comes_late` says so."""
        before = len(self.core.log)
        late: list[LogMessage] = []
        yield late
        while len(self.core.log) > before:
            late.insert(0, self.core.log.pop())

    def comes_late(self, late: list[LogMessage]) -> None:
        """What was held back comes onto the log."""
        self.core.log += late

    def waits(self, ms: int) -> None:
        """So much time passes in which nothing happens."""
        self.now_ms += ms

    def replays_the_log(self) -> None:
        """All that the log has ever held comes once more, from its start."""
        self.settle()
        self.core.log += self.told

    def _rules(self, one: str, two: str, at: int | None, *, is_lifted: bool) -> None:
        ends = self._owned(one), self._owned(two)
        why = ("ann the analyst", "two people with one telephone")
        at_ms, cause = self._at(at), self.core.cause()
        said = BanCommand(self._owner(one), *ends, is_lifted, *why, at_ms, cause)
        self.core._resolve(said)

    def _decides(self, verdict: Verdict, one: str, two: str, at: int | None) -> None:
        business, seen, other = self._owner(one), self._owned(one), self._end(two)
        why = ("olaf the operator", "looked into it")
        at_ms, cause = self._at(at), self.core.cause()
        said = DecisionCommand(business, seen, *other, verdict, *why, at_ms, cause)
        self.core._resolve(said)

    def _commands(
        self, kind: CommandKind, who: str, at: int | None, receipt: str, memory: int
    ) -> None:
        business, seen = self._owner(who), self._owned(who)
        at_ms, cause = self._at(at), self.core.cause()
        until_ms = at_ms + memory if memory else 0
        asked = Command(business, seen, kind, at_ms, cause, receipt, until_ms)
        self.core._resolve(asked)
