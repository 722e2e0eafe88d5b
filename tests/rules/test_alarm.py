"""Sleeping until an instant or a ring, and permits that are handed on in turn."""

from model.alarm import Alarm, Permits, Process
from model.clock import Clock


def test_a_sleeper_wakes_at_its_instant_or_when_rung_whichever_is_first() -> None:
    env, woken = Clock(), list[float]()
    alarm = Alarm(env)

    def sleeper() -> Process:
        for until_s in (3.0, 10.0, 12.0):
            yield alarm.sleep(until_s)
            woken.append(env.now)

    def ringer() -> Process:
        yield env.timeout(5)
        alarm.ring()
        alarm.ring()  # nobody is asleep: it is not remembered

    env.process(sleeper())
    env.process(ringer())
    env.run()
    assert woken == [3, 5, 12]  # the timer of the second sleep, at 10, wakes nobody


def test_a_ring_to_nobody_is_lost() -> None:
    env, woken = Clock(), list[float]()
    alarm = Alarm(env)
    alarm.ring()

    def sleeper() -> Process:
        yield alarm.sleep(2.0)
        woken.append(env.now)

    env.process(sleeper())
    env.run()
    assert woken == [2]


def test_permits_are_handed_on_in_the_order_of_asking() -> None:
    env, held = Clock(), list[tuple[str, float]]()
    permits = Permits(env, 2)

    def worker(name: str, at_s: float) -> Process:
        yield env.timeout(at_s)
        if not permits.take():
            yield permits.turn()
        held.append((name, env.now))
        yield env.timeout(10)
        permits.release()

    for name, at_s in (("a", 0), ("b", 1), ("d", 3), ("c", 2), ("e", 30)):
        env.process(worker(name, at_s))
    env.run()
    assert held == [("a", 0), ("b", 1), ("c", 10), ("d", 11), ("e", 30)]
    assert permits.free == 2
