import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, READ, RECORDER, range, recorderActor, ref, tellAll } from './actors.ts'
import type { DefineTest } from './harness.ts'

const SENDER = ref('sender')

/** On request, sends `count` messages to the recorder. */
const sender = () =>
  actor('sender', 0, (sent, { count }: { count: number }) => ({
    state: sent + count,
    send: range(count, sent).map((body) => ({ to: RECORDER, body })),
    reply: sent + count,
  }))

/** A recorder that waits at the gate, in an effect, for each message. */
const heldRecorder = (hold: ReturnType<typeof gate>) =>
  actor('recorder', [] as Json[], async (seen, message, effects) => {
    if (message === READ) return { reply: seen }
    await effects.run('hold', ({ signal }) => hold.pass(signal))
    return { state: [...seen, message] }
  })

/** Each message is processed once, and in order for each sender and actor. */
export function delivery(test: DefineTest): void {
  test('a message arrives', async (open) => {
    const { engine } = await open([recorderActor()])
    await engine.tell(RECORDER, 'hello')
    expect(await engine.ask(RECORDER, READ)).toEqual(['hello'])
  })

  test('a message that is sent twice with the same id arrives once', async (open) => {
    const { engine } = await open([recorderActor()])
    await engine.tell(RECORDER, 'a', { id: 'same' })
    await engine.tell(RECORDER, 'a', { id: 'same' })
    await Promise.all([1, 2, 3].map(() => engine.tell(RECORDER, 'b', { id: 'at once' })))
    expect(await engine.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  test('an id stays known across a stop and a crash', async (open) => {
    const bench = await open([recorderActor()])
    await bench.engine.tell(RECORDER, 'a', { id: 'same' })
    await bench.reopen()
    await bench.engine.tell(RECORDER, 'a', { id: 'same' })
    await bench.crash()
    await bench.engine.tell(RECORDER, 'a', { id: 'same' })
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['a'])
  })

  test('messages of a caller that awaits each one arrive in order', async (open) => {
    const { engine } = await open([recorderActor()])
    await tellAll(engine, RECORDER, range(40))
    expect(await engine.ask(RECORDER, READ)).toEqual(range(40))
  })

  test('messages from one actor to another arrive in order, across many turns', async (open) => {
    const { engine } = await open([sender(), recorderActor()])
    for (let turn = 0; turn < 4; turn++) await engine.ask(SENDER, { count: 100 })
    await until(async () => ((await engine.ask(RECORDER, READ)) as Json[]).length >= 400)
    expect(await engine.ask(RECORDER, READ)).toEqual(range(400))
  })

  test('an actor takes one message at a time while others continue', async (open) => {
    const hold = gate()
    const { engine } = await open([heldRecorder(hold)])
    await tellAll(engine, RECORDER, ['a', 'b'])
    await hold.started
    expect(await engine.ask(ref('recorder', 'other'), READ)).toEqual([])
    expect(hold.arrivals).toBe(1)
    hold.release()
    expect(await engine.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  test('waiting mail survives a stop, in order', async (open) => {
    const hold = gate()
    const bench = await open([heldRecorder(hold)])
    await tellAll(bench.engine, RECORDER, range(10))
    await hold.started
    const reopened = bench.reopen()
    hold.release()
    await reopened
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(range(10))
  })

  test('waiting mail survives a crash, in order', async (open) => {
    const hold = gate()
    const bench = await open([heldRecorder(hold)])
    await tellAll(bench.engine, RECORDER, range(10))
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(range(10))
  })

  test('messages of an acknowledged turn arrive once and in order after a crash', async (open) => {
    const hold = gate()
    const bench = await open([sender(), heldRecorder(hold)])
    await bench.engine.ask(SENDER, { count: 20 })
    await hold.started
    await bench.crash()
    await bench.engine.ask(SENDER, { count: 20 })
    hold.release()
    await until(async () => ((await bench.engine.ask(RECORDER, READ)) as Json[]).length >= 40)
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(range(40))
  })

  test('keys and texts come back unchanged', async (open) => {
    const keys = ['a/b c#d', 'ünïcode ✓ 😀\u2028', `"'\\`, '%_%', '']
    const texts = [...keys, '\u0000', 'a\u0000b', '\ud800']
    const bench = await open([recorderActor()])
    for (const key of keys) for (const text of texts) await bench.engine.tell(ref('recorder', key), { [text]: text })
    await bench.crash()
    for (const key of keys) {
      expect(await bench.engine.ask(ref('recorder', key), READ)).toEqual(texts.map((text) => ({ [text]: text })))
    }
  })

  test('a key or an id with characters that cannot be stored or shown is rejected, and the error names it', async (open) => {
    const { engine } = await open([recorderActor()])
    for (const odd of ['a\u0000b', 'a\ud800b', 'a\nb', '\u001b[2J', 'a\u009bb']) {
      await expect(engine.tell(ref('recorder', odd), 'hello')).rejects.toMatchObject({ name: 'InvalidError' })
      await expect(engine.ask(RECORDER, 'hello', { id: odd })).rejects.toMatchObject({ name: 'InvalidError' })
    }
    expect(await engine.ask(RECORDER, READ)).toEqual([])
  })

  test('a caller may change a message after it was sent', async (open) => {
    const { engine } = await open([recorderActor()])
    const body = { list: ['as told'] }
    const sent = engine.tell(RECORDER, body)
    body.list.push('later')
    await sent
    body.list.push('much later')
    expect(await engine.ask(RECORDER, READ)).toEqual([{ list: ['as told'] }])
  })

  test('a caller may change an address after use, even while its messages wait', async (open) => {
    const hold = gate()
    const namer = actor('namer', [] as Json[], async (seen, message, { run, self }) => {
      await run('hold', ({ signal }) => hold.pass(signal))
      return { state: [...seen, [self.key, message]], reply: self.key }
    })
    const { engine } = await open([namer])
    const to = { kind: 'namer', key: 'first' }
    const asked = engine.ask(to, 'asked')
    const sent = engine.tell(to, 'told')
    to.key = 'second'
    await Promise.all([sent, hold.started])
    to.key = 'third'
    hold.release()
    expect(await asked).toBe('first')
    const isTaken = async () => (await engine.view.inspect({ kind: 'namer' })).every(({ turn }) => !turn)
    await until(isTaken)
    // neither was awaited before the other, so their order is not defined
    const seen = (await engine.view.peek(ref('namer', 'first'))) as Json[]
    expect(seen.toSorted()).toEqual([
      ['first', 'asked'],
      ['first', 'told'],
    ])
    for (const other of ['second', 'third']) expect(await engine.view.peek(ref('namer', other))).toBeUndefined()
  })

  test('only a request or an event starts an actor', async (open) => {
    const types = ['response', 'error', 'event', 'request'] as const
    const starter = actor('starter', null, () => ({
      send: types.map((type) => ({ to: ref('recorder', type), body: type, type })),
      reply: true,
    }))
    const { engine } = await open([starter, recorderActor()])
    await engine.ask(ref('starter'), null)
    await until(() => engine.view.peek(ref('recorder', 'request')))
    expect(await engine.view.peek(ref('recorder', 'event'))).toEqual(['event'])
    expect(await engine.view.peek(ref('recorder', 'response'))).toBeUndefined()
    expect(await engine.view.peek(ref('recorder', 'error'))).toBeUndefined()
  })

  test('a message to an unknown kind is a dead letter, and all else continues', async (open) => {
    const { engine } = await open([
      actor('lost', 0, (count) => ({
        state: count + 1,
        send: [{ to: ref('nobody'), body: 'hello' }],
        reply: count + 1,
      })),
    ])
    expect(await engine.ask(ref('lost'), null)).toBe(1)
    const [dead] = await eventualDeadLetters(engine, 1)
    expect(dead).toMatchObject({ letter: { to: ref('nobody'), body: 'hello' }, problem: { code: 'not_found' } })
    await expect(engine.deadLetters.retry(dead!.id)).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(await engine.deadLetters.list()).toHaveLength(1)
    expect(await engine.ask(ref('lost'), null)).toBe(2)
  })

  test('many messages to many actors each arrive once', async (open) => {
    const { engine } = await open([recorderActor()])
    const keys = range(20).map(String)
    await Promise.all(range(600).map((n) => engine.tell(ref('recorder', keys[n % keys.length]!), n, { id: `n${n}` })))
    const seen = await Promise.all(keys.map(async (key) => (await engine.ask(ref('recorder', key), READ)) as number[]))
    expect(seen.flat().sort((a, b) => a - b)).toEqual(range(600))
  })
}
