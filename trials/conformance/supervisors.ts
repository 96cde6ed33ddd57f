import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { SupervisorStart } from '../../src/kernel/supervisor/spec.ts'
import { supervisorActor } from '../../src/kernel/supervisor/supervisor.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { eventualDeadLetters, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'
import {
  CHILD_A,
  CHILD_B,
  CHILD_C,
  childActor,
  childSpecs,
  diaryActor,
  eventualDiary,
  failOnce,
  openTree,
  readDiary,
  rootActor,
  SUPERVISOR,
  startNotes,
  stopNotes,
} from './supervision-tree.ts'

/** Supervisors keep their children running. */
export function supervisors(test: DefineTest): void {
  test('children are started in order', async (open) => {
    const { bench } = await openTree(open)
    expect((await eventualDiary(bench.engine, 3)).toSorted()).toEqual(startNotes('a', 'b', 'c'))
  })

  test('one-for-all: the others are stopped in reverse order, then all restart', async (open) => {
    const { bench } = await openTree(open, { strategy: 'one-for-all' })
    await eventualDiary(bench.engine, 3)
    await failOnce(bench)
    const notes = await eventualDiary(bench.engine, 5, 3)
    expect(notes.slice(0, 2)).toEqual(stopNotes('c', 'a'))
    expect(notes.slice(2).toSorted()).toEqual(startNotes('a', 'b', 'c'))
  })

  test('rest-for-one: the later children are stopped in reverse order, then it and they restart', async (open) => {
    const { bench } = await openTree(open, { strategy: 'rest-for-one' })
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_A, 'work')
    await failOnce(bench)
    const notes = await eventualDiary(bench.engine, 3, 3)
    expect(notes[0]).toBe('c stops')
    expect(notes.slice(1).toSorted()).toEqual(startNotes('b', 'c'))
    expect(await bench.engine.ask(CHILD_A, 'work')).toBe(2)
  })

  test('a permanent child restarts even if it ended by itself', async (open) => {
    const { bench } = await openTree(open)
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_B, 'end')
    expect(await eventualDiary(bench.engine, 1, 3)).toEqual(startNotes('b'))
  })

  test('a transient child restarts only after a failure, a temporary child never', async (open) => {
    const mixed = childSpecs('transient').map((one) =>
      one.actor === CHILD_C ? { ...one, restart: 'temporary' as const } : one,
    )
    const { bench } = await openTree(open, { children: mixed })
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(CHILD_A, 'end')
    await failOnce(bench, CHILD_C)
    await failOnce(bench, CHILD_B)
    expect(await eventualDiary(bench.engine, 1, 3)).toEqual(startNotes('b'))
    expect(await bench.engine.view.peek(CHILD_A)).toBeUndefined()
  })

  test('after more restarts than its intensity allows, a supervisor stops all children and fails', async (open) => {
    const { bench } = await openTree(open, { intensity: { restarts: 2, within: 60_000 } })
    await eventualDiary(bench.engine, 3)
    expect(await bench.engine.ask(ref('root'), null)).toBe(true)
    for (const round of [0, 1]) {
      await failOnce(bench)
      await eventualDiary(bench.engine, 1, 3 + round)
    }
    await failOnce(bench)
    await until(async () => (await bench.engine.view.peek(ref('root'))) === 'failed')
    expect((await readDiary(bench.engine)).slice(5)).toEqual(stopNotes('c', 'a'))
    const [{ cell } = {}] = await bench.engine.view.inspect({ ...SUPERVISOR })
    expect(cell).toMatchObject({ status: 'failed', problem: { code: 'restart_intensity' } })
    for (const { key } of [CHILD_A, CHILD_B, CHILD_C])
      expect((await bench.engine.view.inspect(ref('child', key)))[0]?.cell?.status).toBe('halted')
    expect(await bench.engine.view.peek(CHILD_B)).toEqual({ started: true, done: 0 })
  })

  test('restarts outside the period of the intensity do not count', async (open) => {
    const bench = await open([supervisorActor(), childActor(), diaryActor(), rootActor()], { clock: simulatedClock() })
    const begin: SupervisorStart = { type: 'start', children: childSpecs(), intensity: { restarts: 1, within: 300 } }
    await bench.engine.ask(SUPERVISOR, begin)
    await eventualDiary(bench.engine, 3)
    for (const round of [0, 1, 2]) {
      await failOnce(bench)
      expect(await eventualDiary(bench.engine, 1, 3 + round)).toEqual(startNotes('b'))
      await bench.pass(300)
    }
  })

  test('a child that cannot start counts as a failure', async (open) => {
    const broken = [{ actor: CHILD_A, start: 'bad start', restart: 'transient' as const }]
    const { bench } = await openTree(open, { children: broken, intensity: { restarts: 2, within: 60_000 } })
    await until(async () => (await bench.engine.view.inspect({ ...SUPERVISOR }))[0]?.cell?.status === 'failed')
    const letters = await eventualDeadLetters(bench.engine, 3)
    expect(letters.map(({ letter, problem }) => [letter.body, problem.message])).toEqual(
      Array(3).fill(['bad start', 'cannot start']),
    )
  })

  test('a supervisor that is stopped stops its children in reverse order, one after the other', async (open) => {
    const { bench } = await openTree(open)
    await eventualDiary(bench.engine, 3)
    await bench.engine.ask(ref('root'), null)
    await bench.engine.tell(SUPERVISOR, { reason: 'enough' }, { type: 'stop' })
    await until(async () => (await bench.engine.view.peek(ref('root'))) === 'stopped')
    expect((await readDiary(bench.engine)).slice(3)).toEqual(stopNotes('c', 'b', 'a'))
    for (const actor of [CHILD_A, CHILD_B, CHILD_C, SUPERVISOR])
      expect(await bench.engine.view.peek(actor)).toBeUndefined()
  })

  test('supervisors supervise supervisors', async (open) => {
    const inner = ref('supervisor', 'inner')
    const begin: SupervisorStart = { type: 'start', children: childSpecs(), intensity: { restarts: 0, within: 60_000 } }
    const nested = [{ actor: inner, start: begin }]
    const { bench } = await openTree(open, { children: nested })
    await eventualDiary(bench.engine, 3)
    for (const child of [CHILD_A, CHILD_B]) await bench.engine.ask(child, 'work')
    await failOnce(bench)
    const notes = await eventualDiary(bench.engine, 5, 3)
    expect(notes.slice(0, 2)).toEqual(stopNotes('c', 'a'))
    expect(notes.slice(2).toSorted()).toEqual(startNotes('a', 'b', 'c'))
    for (const child of [CHILD_A, CHILD_B]) expect(await bench.engine.ask(child, 'work')).toBe(2)
    await bench.engine.tell(SUPERVISOR, null, { type: 'stop' })
    expect(await eventualDiary(bench.engine, 3, 8)).toEqual(stopNotes('c', 'b', 'a'))
  })

  test('the work of a supervisor continues after crashes', async (open) => {
    const { bench, begin } = await openTree(open, { strategy: 'one-for-all' })
    await eventualDiary(bench.engine, 3)
    await bench.crash()
    await failOnce(bench)
    await bench.crash()
    const notes = await eventualDiary(bench.engine, 5, 3)
    expect(notes.slice(0, 2)).toEqual(stopNotes('c', 'a'))
    await bench.crash()
    expect(await bench.engine.ask(SUPERVISOR, begin)).toBe(true)
    expect(await readDiary(bench.engine)).toHaveLength(8)
  })

  test('a supervisor rejects other children than before, and explains what is wrong with bad ones', async (open) => {
    const { bench } = await openTree(open)
    const ask = (body: object) => bench.engine.ask(SUPERVISOR, body as Json)
    await expect(ask({ type: 'start', children: [] })).rejects.toMatchObject({ code: 'supervisor_started' })
    for (const [body, says] of [
      [{ type: 'start' }, '`children` is a list'],
      [{ type: 'start', children: [{ actor: CHILD_A }] }, 'Child child/a has no start message.'],
      [{ type: 'start', children: [...childSpecs(), ...childSpecs()] }, 'named twice'],
      [{ type: 'start', children: [], strategy: 'all' }, '`strategy` is one of'],
      [
        { type: 'start', children: [{ actor: CHILD_A, start: null, onRestart: 'new' }] },
        '`onRestart` is one of keep, reset',
      ],
    ] as const)
      await expect(ask(body)).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(says) })
  })
}
