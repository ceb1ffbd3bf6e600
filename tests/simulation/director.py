"""Lets the steps of a scenario happen."""

from functools import singledispatchmethod
from typing import TYPE_CHECKING

from tests.simulation import scenario as s

from idweave_graph.ids import Asset, business_id

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.process import Process
    from tests.simulation.simulation import Run


class Director:
    """Knows what each step means for a run."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    async def carry_out(self, step: s.Step) -> None:
        """Let *step* happen now."""
        self._run.trace.add("step", step)
        if isinstance(step, s.Wait):
            await self._run.pass_time(step.seconds * 1000)
        else:
            self._happen(step)

    @singledispatchmethod
    def _happen(self, step: s.Step) -> None:
        msg = f"no run knows what {step} means"
        raise TypeError(msg)

    @_happen.register
    def _(self, step: s.See) -> None:
        self._run.sources.see(step)

    @_happen.register
    def _(self, step: s.Unlink) -> None:
        self._run.sources.unlink(step)

    @_happen.register(s.Erase)
    @_happen.register(s.Deauthorize)
    def _(self, step: s.Erase | s.Deauthorize) -> None:
        self._run.sources.command(step)

    @_happen.register
    def _(self, step: s.Ban) -> None:
        self._run.sources.ban(step)

    @_happen.register
    def _(self, step: s.Decide) -> None:
        self._run.sources.decide(step)

    @_happen.register
    def _(self, step: s.EraseAsset) -> None:
        self._run.sources.erase_asset(step)

    @_happen.register
    def _(self, step: s.Again) -> None:
        self._run.sources.again(step.number)

    @_happen.register
    def _(self, step: s.Garbage) -> None:
        self._run.sources.garbage(step.topic)

    @_happen.register
    def _(self, step: s.Transfer) -> None:
        run, asset = self._run, Asset.parse(step.asset)
        owner = business_id(step.to) if step.to else None
        if run.platform.transfer(asset, owner, run.now_ms()):
            run.sources.own(asset)

    # The platform.

    @_happen.register
    def _(self, step: s.Review) -> None:
        reviewed = self._run.platform.reviewed
        (reviewed.add if step.on else reviewed.discard)(business_id(step.business))

    @_happen.register
    def _(self, step: s.Credential) -> None:
        self._run.platform.tokens[Asset.parse(step.asset)] = step.state

    @_happen.register
    def _(self, step: s.Trouble) -> None:
        self._run.platform.troubles.extend([step.kind] * step.count)

    @_happen.register
    def _(self, step: s.Gone) -> None:
        self._run.platform.gone.add(step.person)

    # The workers.

    def _process(self, number: int) -> "Process | None":
        machines = self._run.machines
        return machines[number % len(machines)].process

    @_happen.register
    def _(self, step: s.Crash) -> None:
        process = self._process(step.worker)
        if process is None or process.doom is not None:
            return
        process.doom, machine = step.after, process.machine
        machine.is_wiped = step.wipe
        machine.down_moves = step.down

    @_happen.register
    def _(self, step: s.Unacknowledged) -> None:
        process = self._process(step.worker)
        if process is not None:
            process.outbox.lose(step.after, is_stored=step.stored)

    @_happen.register
    def _(self, step: s.Pause) -> None:
        run, process = self._run, self._process(step.worker)
        if process is None or process.is_paused:
            return
        process.is_paused = True
        if step.expired:
            run.later(step.moves // 2, run.share)
        run.later(step.moves, lambda: self._wake(process))

    def _wake(self, process: "Process") -> None:
        process.is_paused = False
        process.member.is_leased = False

    @_happen.register
    def _(self, _: s.Rebalance) -> None:
        self._run.share()

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        run = self._run
        run.platform.reviewed.clear()
        run.platform.troubles.clear()
        for asset, state in run.platform.tokens.items():
            if state != "missing":  # some token is missing for ever
                run.platform.tokens[asset] = "ok"
        for machine in run.machines:
            self._mend(machine)

    def _mend(self, machine: "Machine") -> None:
        process = machine.process
        if process is None:
            self._run.start(machine)
        else:
            process.doom = None
            process.outbox.lose_nothing()
