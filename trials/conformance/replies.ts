import { expect } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../src/kernel/schema.ts'
import type { ActorRef, Envelope } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, READ, RECORDER, recorderActor, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

const REFUSAL = { code: 'no_thanks', name: 'TerminalError', message: 'not today', terminal: true } as const
const MULE = ref('mule')
const PEER = ref('peer')
const SLOW = ref('slow')

/** Accepts or refuses every message, and counts the refusals. */
const mule = () =>
  actor('mule', 0, (count, message) => (message === READ ? { reply: count } : { state: count + 1, refuse: REFUSAL }))

/** Asks the recorder or the mule, and records the replies. */
const peer = () =>
  actor(
    'peer',
    [] as readonly Json[],
    (heard, message: { ask: ActorRef } | Json, { message: { type, from }, self }) =>
      type === 'response'
        ? { state: [...heard, ['response', from, message]] }
        : { send: [{ to: (message as { ask: ActorRef }).ask, body: 'hello', replyTo: self }], reply: true },
    { notice: (heard, notice) => ({ state: [...heard, notice] }) },
  )

/** Answers its caller only when another message says so. */
const slow = () =>
  actor('slow', null as ActorRef | null, (asker, message, { message: { replyTo } }) =>
    message === null
      ? { state: replyTo ?? null }
      : { state: asker, send: [{ to: asker!, body: 'done', type: 'response' as const }] },
  )

/** Replies reach actors and external callers. The same id gets the same reply. */
export function replies(test: DefineTest): void {
  test('a caller gets the reply', async (open) => {
    const { engine } = await open([recorderActor()])
    expect(await engine.ask(RECORDER, 'a')).toBe(1)
    expect(await engine.ask(RECORDER, 'b')).toBe(2)
    expect(await engine.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  test('an actor cannot change the message that it takes: its caller gets an error', async (open) => {
    const changes: readonly ((message: { -readonly [field in keyof Envelope]: Envelope[field] }) => void)[] = [
      (message) => {
        message.replyTo = ref('elsewhere')
      },
      (message) => {
        delete message.replyTo
      },
      (message) => {
        Object.assign(message.replyTo!, ref('elsewhere'))
      },
      (message) => {
        message.correlationId = 'another'
      },
    ]
    const meddler = actor<null, number>('meddler', null, (_state, which, { message }) => {
      changes[which]!(message)
      return { reply: 'never' }
    })
    const { engine } = await open([meddler])
    for (const which of changes.keys())
      await expect(engine.ask(ref('meddler'), which)).rejects.toMatchObject({
        message: expect.stringMatching(/read only|Cannot delete/),
      })
  })

  test('an actor gets the reply as a message', async (open) => {
    const { engine } = await open([recorderActor(), peer()])
    await engine.ask(PEER, { ask: RECORDER })
    const heard = await until(
      async () => ((await engine.view.peek(PEER)) as Json[]).length === 1 && engine.view.peek(PEER),
    )
    expect(heard).toEqual([['response', RECORDER, 1]])
  })

  test('an actor gets a refusal as a notice', async (open) => {
    const { engine } = await open([mule(), peer()])
    await engine.ask(PEER, { ask: MULE })
    const heard = await until(
      async () => ((await engine.view.peek(PEER)) as Json[]).length === 1 && engine.view.peek(PEER),
    )
    expect(heard).toEqual([{ type: 'error', from: MULE, problem: REFUSAL }])
  })

  test('the same id gets the same reply: at once, later, after a stop, after a crash', async (open) => {
    const bench = await open([recorderActor()])
    const asked = [1, 2, 3].map(() => bench.engine.ask(RECORDER, 'a', { id: 'same' }))
    expect(await Promise.all(asked)).toEqual([1, 1, 1])
    await bench.engine.ask(RECORDER, 'b')
    expect(await bench.engine.ask(RECORDER, 'a', { id: 'same' })).toBe(1)
    await bench.reopen()
    expect(await bench.engine.ask(RECORDER, 'a', { id: 'same' })).toBe(1)
    await bench.crash()
    expect(await bench.engine.ask(RECORDER, 'a', { id: 'same' })).toBe(1)
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  test('an id finds the actor that was asked: before the answer, after it, after a crash', async (open) => {
    const bench = await open([slow(), recorderActor()])
    const answer = bench.engine.ask(SLOW, null, { id: 'same' })
    const asked = (id: string) => bench.engine.view.asked(id)
    await until(async () => (await asked('same')) !== undefined)
    expect(await asked('same')).toEqual(SLOW)
    await bench.engine.tell(SLOW, 'now', { id: 'told' })
    expect(await answer).toBe('done')
    await bench.crash()
    expect(await asked('same')).toEqual(SLOW)
    for (const other of ['told', 'none']) expect(await asked(other)).toBeUndefined()
  })

  test('a refusal rejects the ask with that problem, and again for the same id after a crash', async (open) => {
    const bench = await open([mule()])
    await expect(bench.engine.ask(MULE, null, { id: 'same' })).rejects.toMatchObject(REFUSAL)
    await bench.crash()
    await expect(bench.engine.ask(MULE, null, { id: 'same' })).rejects.toMatchObject(REFUSAL)
    expect(await bench.engine.ask(MULE, READ)).toBe(1)
    expect(await bench.engine.deadLetters.list()).toEqual([])
  })

  test('an unknown kind is refused', async (open) => {
    const { engine } = await open([recorderActor()])
    await expect(engine.ask(ref('nobody'), null)).rejects.toMatchObject({ name: 'NotFoundError' })
    await expect(engine.tell(ref('nobody'), null)).rejects.toMatchObject({ name: 'NotFoundError' })
    await expect(engine.cancel(ref('nobody'), 'work', 'enough')).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('a body that does not match the schema is rejected, and the error names the field', async (open) => {
    const strict = actor('strict', 0, (count) => ({ state: count + 1, reply: count + 1 }), {
      message: z.object({ amount: z.number() }),
    })
    const { engine } = await open([strict])
    const asked = engine.ask(ref('strict'), { amount: 'much' })
    await expect(asked).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringContaining('amount') })
    expect(await engine.ask(ref('strict'), { amount: 1 })).toBe(1)
  })

  test('a caller may leave; its work continues, and the id finds the reply', async (open) => {
    const hold = gate()
    const slow = actor('slow', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1, reply: count + 1 }
    })
    const { engine } = await open([slow])
    const leave = new AbortController()
    const asked = engine.ask(ref('slow'), null, { id: 'same', signal: leave.signal })
    await hold.started
    leave.abort()
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    const gone = engine.ask(ref('slow'), null, { id: 'same', signal: AbortSignal.abort() })
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' })
    hold.release()
    expect(await engine.ask(ref('slow'), null, { id: 'same' })).toBe(1)
  })

  test('an actor may answer in a later turn', async (open) => {
    type State = { readonly asker?: ActorRef }
    const shy = actor('shy', {} as State, ({ asker }, message, effects) => {
      if (message === 'now' && asker) return { state: {}, send: [{ to: asker, body: 'at last', type: 'response' }] }
      return { state: { asker: effects.message.replyTo! } }
    })
    const bench = await open([shy])
    ignoreOutcome(bench.engine.ask(ref('shy'), 'question', { id: 'same' }))
    await until(() => bench.engine.view.peek(ref('shy')))
    await bench.crash()
    const asked = bench.engine.ask(ref('shy'), 'question', { id: 'same' })
    await bench.engine.tell(ref('shy'), 'now')
    expect(await asked).toBe('at last')
  })

  test('a caller that changes its reply changes nothing else', async (open) => {
    const { engine } = await open([recorderActor()])
    await engine.tell(RECORDER, { a: 1 })
    const reply = (await engine.ask(RECORDER, READ, { id: 'same' })) as { a: number }[]
    reply[0]!.a = 2
    reply.push({ a: 3 })
    expect(await engine.ask(RECORDER, READ, { id: 'same' })).toEqual([{ a: 1 }])
    expect(await engine.ask(RECORDER, READ)).toEqual([{ a: 1 }])
  })
}
