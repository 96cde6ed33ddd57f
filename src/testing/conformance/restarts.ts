import { expect } from 'vitest'
import type { Json } from '../../kernel/schema.ts'
import type { SupervisorStart } from '../../kernel/supervisor/spec.ts'
import { supervisorActor } from '../../kernel/supervisor/supervisor.ts'
import { simulatedClock } from '../clock.ts'
import { gate } from '../gate.ts'
import { until } from '../until.ts'
import { deadLettersOf, take } from './actors.ts'
import type { Test } from './harness.ts'
import {
  a,
  b,
  c,
  child,
  children,
  diary,
  diaryOf,
  failOnce,
  LATE,
  type Life,
  note,
  noted,
  openTree,
  PROBLEM,
  root,
  SUPERVISOR,
  starts,
  stops,
} from './supervision-tree.ts'

/** A child that is started again has its last committed state. */
export function restarts(test: Test): void {
  test('what waited for a child that is stopped to be started again is a dead letter', async (open) => {
    const hold = gate()
    const held = child({
      receive: async ({ started, done }, message, effects) => {
        if (message === 'fail') return { escalate: PROBLEM, reply: true }
        if (message === 'hold') await effects.run('hold', ({ signal }) => hold.pass(signal))
        return { state: { started, done: done + 1 }, reply: done + 1 }
      },
    })
    const bench = await open([supervisorActor(), held, diary(), root()], { clock: simulatedClock() })
    const told: SupervisorStart = { type: 'start', children: children(), strategy: 'one-for-all' }
    await bench.engine.ask(SUPERVISOR, told as unknown as Json)
    await until(async () => (await bench.engine.view.peek(c)) !== undefined)
    await bench.engine.tell(c, 'hold')
    await hold.started
    await bench.engine.tell(c, 'wait')
    await failOnce(bench)
    const letters = await deadLettersOf(bench.engine, 2)
    expect(letters.map(({ letter, problem }) => [letter.body, problem.code]).toSorted()).toEqual([
      ['hold', 'actor_stopped'],
      ['wait', 'actor_stopped'],
    ])
    await until(async () => ((await bench.engine.view.peek(c)) as Life | undefined)?.done === 2)
  })

  test('one-for-one: a child that failed is started again with its last state, the others go on', async (open) => {
    const { bench } = await openTree(open)
    await noted(bench.engine, 3)
    for (const of of [a, b, c]) await bench.engine.ask(of, 'work')
    await failOnce(bench)
    expect(await noted(bench.engine, 1, 3)).toEqual(starts('b'))
    expect(await bench.engine.view.peek(b)).toEqual({ started: true, done: 1 })
    expect(await take(bench.engine.view.parts(b))).toEqual([['work', 1]])
    for (const of of [a, b]) expect(await bench.engine.ask(of, 'work')).toBe(2)
  })

  test('a child that is started again keeps its timers', async (open) => {
    const { bench } = await openTree(open, { strategy: 'one-for-all' })
    await noted(bench.engine, 3)
    await bench.engine.ask(a, 'remind')
    await failOnce(bench)
    await noted(bench.engine, 5, 3)
    await bench.pass(LATE)
    expect(await noted(bench.engine, 6, 3)).toContain('a is late')
  })

  test('with onRestart reset a child that failed begins anew', async (open) => {
    const { bench } = await openTree(open, { children: children('permanent', 'reset') })
    await noted(bench.engine, 3)
    await bench.engine.ask(b, 'work')
    await failOnce(bench)
    expect(await noted(bench.engine, 1, 3)).toEqual(starts('b'))
    expect(await bench.engine.view.peek(b)).toEqual({ started: true, done: 0 })
    expect(await take(bench.engine.view.parts(b))).toEqual([])
  })

  test('a child keeps its state through crashes between its failure and its restart', async (open) => {
    const { bench } = await openTree(open, { strategy: 'one-for-all' })
    await noted(bench.engine, 3)
    for (const of of [a, b, c]) await bench.engine.ask(of, 'work')
    await failOnce(bench)
    await bench.crash()
    await noted(bench.engine, 5, 3)
    await bench.crash()
    for (const of of [a, b, c]) expect(await bench.engine.ask(of, 'work')).toBe(2)
  })

  test('a child that takes its time to stop keeps its state, too', async (open) => {
    const slow = child({
      notice: (_life, notice, { self }) =>
        notice.type === 'stop'
          ? { stop: false, timers: { end: { delay: LATE, body: 'end' } }, send: [note(`${self.key} stops`)] }
          : {},
    })
    const bench = await open([supervisorActor(), slow, diary(), root()], { clock: simulatedClock() })
    const told: SupervisorStart = { type: 'start', children: children(), strategy: 'rest-for-one' }
    await bench.engine.ask(SUPERVISOR, told as unknown as Json)
    await noted(bench.engine, 3)
    await bench.engine.ask(c, 'work')
    await failOnce(bench)
    expect(await noted(bench.engine, 1, 3)).toEqual(stops('c'))
    await bench.crash()
    await bench.pass(LATE)
    await until(async () => (await diaryOf(bench.engine)).filter((entry) => entry.endsWith('starts')).length === 5)
    expect(await bench.engine.ask(c, 'work')).toBe(2)
  })

  test('a child that keeps its state and cannot start again is a failure that counts', async (open) => {
    const once = [{ actor: a, start: 'once' }]
    const { bench } = await openTree(open, { children: once, intensity: { restarts: 2, within: 60_000 } })
    await noted(bench.engine, 1)
    await failOnce(bench, a)
    await until(async () => (await bench.engine.view.inspect({ ...SUPERVISOR }))[0]?.cell?.status === 'failed')
    expect(await deadLettersOf(bench.engine, 2)).toHaveLength(2)
    expect(await bench.engine.view.peek(a)).toEqual({ started: true, done: 0 })
  })
}
