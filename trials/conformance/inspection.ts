import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import type { Inspected } from '../../src/engine/inspect.ts'
import type { ActorRef } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { aboutTime, actor, eventually, ignoreOutcome, range, ref } from './actors.ts'
import type { DefineTest, EngineBench } from './harness.ts'

type HeldTurn = { readonly hold: ReturnType<typeof gate> }

/** Counts messages. The effect of each waits for the gate. */
const slow = ({ hold }: HeldTurn) =>
  actor('slow', 0, async (count, _message, effects) => {
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return { state: count + 1, reply: count + 1, index: { count: count + 1 }, events: ['done'] }
  })

const counter = (kind: string) => actor(kind, 0, (count) => ({ state: count + 1, reply: count + 1 }))

async function inspectOne(engine: Engine, of: ActorRef): Promise<Inspected | undefined> {
  const [found, ...more] = await engine.view.inspect(of)
  expect(more).toEqual([])
  return found
}

const RETRY_DELAY_MS = 1_500
const NOT_YET = expect.objectContaining({ message: 'not yet' })

/** Fails every time. */
const fails = () =>
  actor(
    'fails',
    null,
    async (_state, _message, effects) => {
      await effects.run('work', () => {
        throw new Error('not yet')
      })
      return {}
    },
    { supervise: () => ({ type: 'retry', delay: RETRY_DELAY_MS }) },
  )

type Behaviour = 'fail' | 'sleep' | { readonly said?: string | null; readonly waits?: string }

/** On request, reports a status, fails, or sets a timer. */
const standing = () =>
  actor('standing', null, (_state, message: Behaviour) => {
    if (message === 'fail') return { escalate: { code: 'x', name: 'Error', message: 'x', terminal: true } }
    if (message === 'sleep') return { timers: { wake: { delay: 90_000, body: null } }, reply: true }
    const { said, waits } = message
    return { index: { ...(said && { status: said }), ...(waits && { waits }) }, reply: true }
  })

async function effectOf({ engine }: EngineBench) {
  const found = await inspectOne(engine, ref('fails'))
  return (found?.turn ?? found?.mail[0])?.effect
}

const namesOf = (actors: readonly Inspected[]) => actors.map(({ of }) => `${of.kind}/${of.key}`)

/** Inspection shows cells, waiting mail and running turns. */
export function inspection(test: DefineTest): void {
  test('inspection shows the facts of a cell, and returns nothing for an actor that does not exist', async (open) => {
    const hold = gate()
    hold.release()
    const { engine } = await open([slow({ hold })])
    await engine.ask(ref('slow'), null)
    const found = await inspectOne(engine, ref('slow'))
    expect(found).toMatchObject({ of: ref('slow'), mail: [], waiting: 0 })
    expect(found!.cell).toMatchObject({ version: 1, status: 'live', seq: 1, events: 1, index: { count: 1 } })
    expect(found).not.toHaveProperty('cell.state')
    expect(found).not.toHaveProperty('turn')
    expect(await inspectOne(engine, ref('slow', 'nobody'))).toBeUndefined()
    expect(await inspectOne(engine, ref('unknown'))).toBeUndefined()
  })

  test('inspection shows the running turn with its effect, and the waiting mail in order', async (open) => {
    const hold = gate()
    const bench = await open([slow({ hold })], { clock: simulatedClock() })
    const { engine, now } = bench
    for (const id of ['first', 'second', 'third'])
      await engine.tell(ref('slow'), null, { id, correlationId: `work-${id}` })
    await hold.started
    const found = await inspectOne(engine, ref('slow'))
    expect(found).not.toHaveProperty('cell')
    expect(found!.turn).toMatchObject({ id: 'first', type: 'request', from: null, since: aboutTime(bench, now()) })
    expect(found!.turn!.effect).toEqual({ name: 'work', attempt: 1, since: aboutTime(bench, now()) })
    expect(found!.mail.map(({ id, correlationId }) => [id, correlationId])).toEqual([
      ['second', 'work-second'],
      ['third', 'work-third'],
    ])
    expect(found!.waiting).toBe(2)
    hold.release()
  })

  test('when effects run in parallel, inspection shows one that has not ended', async (open) => {
    const hold = gate()
    const wide = actor('wide', null, async (_state, _message, effects) => {
      await effects.runAll([
        { name: 'quick', act: () => {} },
        { name: 'slow', act: ({ signal }) => hold.pass(signal) },
        { name: 'soon', act: () => {} },
      ])
      return {}
    })
    const { engine } = await open([wide])
    await engine.tell(ref('wide'), null, { id: 'w' })
    await hold.started
    await until(async () => (await inspectOne(engine, ref('wide')))?.turn?.effect?.name === 'slow')
    hold.release()
  })

  test('for a failed effect, inspection shows the error, the attempt and the next retry time', async (open) => {
    const bench = await open([fails()], { clock: simulatedClock() })
    const first = bench.now() + RETRY_DELAY_MS
    await bench.engine.tell(ref('fails'), null, { id: 'm' })
    const paused = await until(async () => (await effectOf(bench))?.until !== undefined && effectOf(bench))
    expect(paused).toEqual({ name: 'work', attempt: 2, until: aboutTime(bench, first), problem: NOT_YET })
    await bench.pass(RETRY_DELAY_MS)
    const again = await until(async () => {
      const effect = await effectOf(bench)
      return effect?.attempt === 3 && effect.until !== undefined && effect
    })
    expect(again.until).toBeGreaterThanOrEqual(paused.until! + RETRY_DELAY_MS)
  })

  test('inspection shows the attempt number of a failed effect that no process has resumed', async (open) => {
    const bench = await open([fails()])
    await bench.engine.tell(ref('fails'), null, { id: 'm' })
    await until(async () => (await effectOf(bench))?.attempt === 2)
    await bench.crash({ only: 'nothing' })
    const left = await inspectOne(bench.engine, ref('fails'))
    expect(left!.mail).toMatchObject([{ id: 'm', held: true, effect: { name: 'work', attempt: 2 } }])
    expect(left!.mail[0]!.effect).not.toHaveProperty('until')
  })

  test('inspection marks mail from an earlier process as held until a process takes it', async (open) => {
    const hold = gate()
    const bench = await open([slow({ hold })])
    await bench.engine.tell(ref('slow', 'a'), null, { id: 'a' })
    await bench.engine.tell(ref('slow', 'b'), null, { id: 'b' })
    await bench.crash({ only: 'a' })
    expect(await inspectOne(bench.engine, ref('slow', 'b'))).toMatchObject({ mail: [{ id: 'b', held: true }] })
    await until(async () => (await inspectOne(bench.engine, ref('slow', 'a')))?.turn?.id === 'a')
    expect(await inspectOne(bench.engine, ref('slow', 'a'))).not.toHaveProperty('turn.held')
    hold.release()
  })

  test('inspection lists timers in order of due time and omits cancelled ones', async (open) => {
    const sleeper = actor('sleeper', null, (_state, message) => ({
      timers:
        message === 'off' ? { late: null } : { late: { delay: 90_000, body: 1 }, soon: { delay: 50_000, body: 2 } },
      reply: true,
    }))
    const bench = await open([sleeper], { clock: simulatedClock() })
    const { engine, now } = bench
    await engine.ask(ref('sleeper'), 'on')
    const timers = async () => (await inspectOne(engine, ref('sleeper')))!.mail.map(({ timer, due }) => [timer, due])
    await eventually(timers).toEqual([
      ['soon', aboutTime(bench, now() + 50_000)],
      ['late', aboutTime(bench, now() + 90_000)],
    ])
    await engine.ask(ref('sleeper'), 'off')
    expect(await timers()).toEqual([['soon', aboutTime(bench, now() + 50_000)]])
  })

  test('inspection pages through all actors, even after a restart', async (open) => {
    const bench = await open([counter('one'), counter('one-more'), counter('two')])
    for (const kind of ['two', 'one', 'one-more'])
      for (const key of range(3)) await bench.engine.ask(ref(kind, `${key}`), null)
    await bench.reopen()
    await bench.engine.ask(ref('one', '1'), null)
    await bench.engine.ask(ref('two', '9'), null)
    const all: string[] = []
    for (let page = await bench.engine.view.inspect({ limit: 2 }); page.length > 0; ) {
      expect(page.length).toBeLessThanOrEqual(2)
      all.push(...namesOf(page))
      page = await bench.engine.view.inspect({ limit: 2, after: page.at(-1)!.of })
    }
    const keys = (kind: string) => range(3).map((key) => `${kind}/${key}`)
    expect(all).toEqual([...keys('one-more'), ...keys('one'), ...keys('two'), 'two/9'])
    expect(namesOf(await bench.engine.view.inspect({ kind: 'one' }))).toEqual(keys('one'))
    expect(namesOf(await bench.engine.view.inspect({ kind: 'two', after: ref('two', '1') }))).toEqual([
      'two/2',
      'two/9',
    ])
    expect(await bench.engine.view.inspect({ limit: 0 })).toEqual([])
  })

  test('inspection filters by status (reported, stored or current), even after a restart', async (open) => {
    const hold = gate()
    const bench = await open([standing(), slow({ hold })])
    const { ask } = bench.engine
    for (const [key, said] of Object.entries({ a: 'late', b: 'late', c: 'completed', d: 'on', e: null, f: 'late' }))
      await ask(ref('standing', key), { said })
    await bench.engine.tell(ref('standing', 'd'), 'fail')
    await ask(ref('standing', 'g'), 'sleep')
    await ask(ref('standing', 'h'), { waits: 'signal:x' })
    await until(async () => (await inspectOne(bench.engine, ref('standing', 'd')))?.cell?.status === 'failed')
    await bench.reopen()
    await bench.engine.ask(ref('standing', 'b'), { said: 'on' })
    await bench.engine.tell(ref('slow', 'z'), null)
    await hold.started
    const picked = async (status: string, more = {}) =>
      namesOf(await bench.engine.view.inspect({ status, ...more })).map((name) => name.slice(-1))
    await eventually(() => picked('late')).toEqual(['a', 'f'])
    expect(await picked('late', { kind: 'standing', after: ref('standing', 'a'), limit: 1 })).toEqual(['f'])
    expect(await picked('late', { limit: 1 })).toEqual(['a'])
    expect(await picked('late', ref('standing', 'b'))).toEqual([])
    expect(await picked('on')).toEqual(['b'])
    expect(await picked('completed')).toEqual(['c'])
    expect(await picked('failed')).toEqual(['d'])
    expect(await picked('idle')).toEqual(['e'])
    expect(await picked('working')).toEqual(['z'])
    expect(await picked('waiting')).toEqual(['g', 'h'])
    hold.release()
  })

  test('inspection omits actors that have stopped', async (open) => {
    const leaver = actor('leaver', null, (_state, message) =>
      message === 'go' ? { stop: true, reply: 1 } : { reply: 2, state: null, index: { a: 1 } },
    )
    const bench = await open([leaver])
    for (const key of range(3)) await bench.engine.ask(ref('leaver', `${key}`), 'stay')
    await bench.reopen()
    for (const key of ['0', '1']) await bench.engine.ask(ref('leaver', key), 'go')
    expect(namesOf(await bench.engine.view.inspect({ limit: 1 }))).toEqual(['leaver/2'])
  })

  test('inspection lists the watchers of an actor', async (open) => {
    const watcher = actor('watcher', null, () => ({ watch: [ref('slow')], reply: true, state: null }))
    const hold = gate()
    hold.release()
    const { engine } = await open([slow({ hold }), watcher])
    await engine.ask(ref('slow'), null)
    await engine.ask(ref('watcher'), null)
    await until(async () => (await inspectOne(engine, ref('slow')))!.cell!.watchers.length > 0)
    expect((await inspectOne(engine, ref('slow')))!.cell!.watchers).toEqual([ref('watcher')])
  })

  test('inspection shows only state that survives a crash', async (open) => {
    const bench = await open([counter('one'), slow({ hold: gate() })])
    const sent = [bench.engine.tell(ref('one'), null), bench.engine.tell(ref('slow'), null, { id: 'm' })]
    if (bench.isRemote) await Promise.all(sent)
    const shown = [await inspectOne(bench.engine, ref('one')), await inspectOne(bench.engine, ref('slow'))]
    await bench.crash({ only: 'nothing' })
    for (const asked of sent) ignoreOutcome(asked)
    expect(shown[1]!.turn ?? shown[1]!.mail[0]).toMatchObject({ id: 'm' })
    const slowOne = await inspectOne(bench.engine, ref('slow'))
    if (bench.isRemote) expect(slowOne!.turn ?? slowOne!.mail[0]).toMatchObject({ id: 'm' })
    else expect(slowOne).toMatchObject({ mail: [{ id: 'm', held: true }] })
    const left = await inspectOne(bench.engine, ref('one'))
    expect(left!.cell?.seq ?? 0).toBeGreaterThanOrEqual(shown[0]!.cell?.seq ?? 0)
    // on a server, the message may be taken during the inspection
    expect((left!.cell?.seq ?? 0) + left!.waiting + (bench.isRemote && left!.turn ? 1 : 0)).toBeGreaterThanOrEqual(1)
    if (!bench.isRemote) expect((left!.cell?.seq ?? 0) + left!.waiting).toBe(1)
  })
}
