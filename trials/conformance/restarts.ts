import { expect } from 'vitest'
import type { SupervisorStart } from '../../src/kernel/supervisor/spec.ts'
import { supervisorActor } from '../../src/kernel/supervisor/supervisor.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { eventualDeadLetters, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'
import {
  CHILD_A,
  CHILD_B,
  CHILD_C,
  type ChildState,
  childActor,
  childSpecs,
  diaryActor,
  diaryNote,
  eventualDiary,
  failOnce,
  LATE_MS,
  openTree,
  PROBLEM,
  readDiary,
  rootActor,
  SUPERVISOR,
  startNotes,
  stopNotes,
} from './supervision-tree.ts'

/** A restarted child has its last committed state. */
export function restarts(test: DefineTest): void {
  test('mail that waits for a child becomes a dead letter when a restart stops the child', async (open) => {
    const hold = gate()
    const held = childActor({
      receive: async ({ started, done }, message, effects) => {
        if (message === 'fail') return { escalate: PROBLEM, reply: true }
        if (message === 'hold') await effects.run('hold', ({ signal }) => hold.pass(signal))
        return { state: { started, done: done + 1 }, reply: done + 1 }
      },
    })
    const bench = await open([supervisorActor(), held, diaryActor(), rootActor()], { clock: simulatedClock() })
    const begin: SupervisorStart = { type: 'start', children: childSpecs(), strategy: 'one-for-all' }
    await bench.engine.ask(SUPERVISOR, begin)
    await until(async () => (await bench.engine.view.peek(CHILD_C)) !== undefined)
    await bench.engine.tell(CHILD_C, 'hold')
    await hold.started
    await bench.engine.tell(CHILD_C, 'wait')
    await failOnce(bench)
    const letters = await eventualDeadLetters(bench.engine, 2)
    expect(letters.map(({ letter, problem }) => [letter.body, problem.code]).toSorted()).toEqual([
      ['hold', 'actor_stopped'],
      ['wait', 'actor_stopped'],
    ])
    await until(async () => ((await bench.engine.view.peek(CHILD_C)) as ChildState | undefined)?.done === 2)
  })

  test('one-for-one: a failed child restarts with its last state, the others continue', async (open) => {
    const { bench } = await openTree(open)
    await eventualDiary(bench.engine, 3)
    for (const child of [CHILD_A, CHILD_B, CHILD_C]) await bench.engine.ask(child, 'work')
    await failOnce(bench)
    expect(await eventualDiary(bench.engine, 1, 3)).toEqual(startNotes('b'))
    expect(await bench.engine.view.peek(CHILD_B)).toEqual({ started: true, done: 1 })
    expect(await takeFirst(bench.engine.view.parts(CHILD_B))).toEqual([['work', 1]])
    for (const child of [CHILD_A, CHILD_B]) expect(await bench.engine.ask(child, 'work')).toBe(2)
  })

  test('a restarted child keeps its timers', async (open) => {
    const { bench } = await openTree(open, { strategy: 'one-for-all' })
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_A, 'remind')
    await failOnce(bench)
    await eventualDiary(bench.engine, 5, 3)
    await bench.pass(LATE_MS)
    expect(await eventualDiary(bench.engine, 6, 3)).toContain('a is late')
  })

  test('with `onRestart: reset`, a failed child restarts with a new state', async (open) => {
    const { bench } = await openTree(open, { children: childSpecs('permanent', 'reset') })
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_B, 'work')
    await failOnce(bench)
    expect(await eventualDiary(bench.engine, 1, 3)).toEqual(startNotes('b'))
    expect(await bench.engine.view.peek(CHILD_B)).toEqual({ started: true, done: 0 })
    expect(await takeFirst(bench.engine.view.parts(CHILD_B))).toEqual([])
  })

  test('a child keeps its state across crashes between its failure and its restart', async (open) => {
    const { bench } = await openTree(open, { strategy: 'one-for-all' })
    await eventualDiary(bench.engine, 3)
    for (const child of [CHILD_A, CHILD_B, CHILD_C]) await bench.engine.ask(child, 'work')
    await failOnce(bench)
    await bench.crash()
    await eventualDiary(bench.engine, 5, 3)
    await bench.crash()
    for (const child of [CHILD_A, CHILD_B, CHILD_C]) expect(await bench.engine.ask(child, 'work')).toBe(2)
  })

  test('a child that stops slowly keeps its state, too', async (open) => {
    const slow = childActor({
      notice: (_life, notice, { self }) =>
        notice.type === 'stop'
          ? { stop: false, timers: { end: { delay: LATE_MS, body: 'end' } }, send: [diaryNote(`${self.key} stops`)] }
          : {},
    })
    const bench = await open([supervisorActor(), slow, diaryActor(), rootActor()], { clock: simulatedClock() })
    const begin: SupervisorStart = { type: 'start', children: childSpecs(), strategy: 'rest-for-one' }
    await bench.engine.ask(SUPERVISOR, begin)
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_C, 'work')
    await failOnce(bench)
    expect(await eventualDiary(bench.engine, 1, 3)).toEqual(stopNotes('c'))
    await bench.crash()
    await bench.pass(LATE_MS)
    await until(async () => (await readDiary(bench.engine)).filter((entry) => entry.endsWith('starts')).length === 5)
    expect(await bench.engine.ask(CHILD_C, 'work')).toBe(2)
  })

  test('a child that keeps its state and cannot restart counts as a failure', async (open) => {
    const once = [{ actor: CHILD_A, start: 'once' }]
    const { bench } = await openTree(open, { children: once, intensity: { restarts: 2, within: 60_000 } })
    await eventualDiary(bench.engine, 1)
    await failOnce(bench, CHILD_A)
    await until(async () => (await bench.engine.view.inspect({ ...SUPERVISOR }))[0]?.cell?.status === 'failed')
    expect(await eventualDeadLetters(bench.engine, 2)).toHaveLength(2)
    expect(await bench.engine.view.peek(CHILD_A)).toEqual({ started: true, done: 0 })
  })
}
