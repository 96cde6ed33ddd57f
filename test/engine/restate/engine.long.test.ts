import { describe, expect, it, onTestFinished } from 'vitest'
import { type RestateOptions, restateEngine } from '../../../src/engine/restate/engine.ts'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'
import { RetryableError } from '../../../src/errors.ts'
import { KERNEL_LIMITS } from '../../../src/kernel/limits.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { type Gate, gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { actor, READ, RECORDER, range, recorderActor, ref } from '../../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from './server.ts'

/** Counts its messages, each of which waits in an effect until it is let go. */
const holding = (hold: Gate) =>
  actor('worker', 0, async (count, _message, effects) => {
    await effects.run('hold', ({ signal }) => hold.pass(signal))
    return { state: count + 1, reply: count + 1 }
  })

async function countIn(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of items) count++
  return count
}

describeOnRestate('a server', () => {
  const server = useRestate()

  async function openEngine(options: Partial<RestateOptions> & Pick<RestateOptions, 'actors' | 'namespace'>) {
    const engine = restateEngine({ ...server.now(), ...options })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    return engine
  }

  it('reads nothing for an engine that has stopped: its process can end', async () => {
    const engine = await openEngine({ namespace: 'stopped', actors: [recorderActor()] })
    await engine.tell(RECORDER, 'a')
    await engine.stop({ grace: 0 })
    for (const read of [engine.view.peek(RECORDER), engine.view.inspect(RECORDER)])
      await expect(read).rejects.toMatchObject({ message: 'The engine has stopped.' })
  })

  describe('ids from outside', () => {
    it('cannot be used for an ask after a tell', async () => {
      const engine = await openEngine({ namespace: 'told', actors: [recorderActor()] })
      await engine.tell(RECORDER, 'a', { id: 'same' })
      await expect(engine.ask(RECORDER, 'a', { id: 'same' })).rejects.toMatchObject({ code: 'id_taken' })
    })

    it('are known for each actor', async () => {
      const engine = await openEngine({ namespace: 'each', actors: [recorderActor()] })
      const other = { ...RECORDER, key: 'other' }
      for (const to of [RECORDER, other, other]) await engine.tell(to, 'a', { id: 'same' })
      expect([await engine.ask(RECORDER, READ), await engine.ask(other, READ)]).toEqual([['a'], ['a']])
    })

    it('never return the answer of another actor, also for an ask that is answered later', async () => {
      const late = actor('late', null as ActorRef | null, (asker, message, { self, message: { replyTo } }) =>
        message === 'answer'
          ? { send: [{ to: asker!, body: self.key, type: 'response' as const }] }
          : { state: replyTo ?? null },
      )
      const engine = await openEngine({ namespace: 'late', actors: [late] })
      const [one, two] = ['one', 'two'].map((key) => ({ kind: 'late', key })) as [ActorRef, ActorRef]
      const first = engine.ask(one, null, { id: 'same' })
      await until(async () => (await engine.view.asked('same')) !== undefined)
      const second = expect(engine.ask(two, null, { id: 'same' })).rejects.toMatchObject({ code: 'id_taken' })
      await engine.tell(one, 'answer')
      expect(await first).toBe('one')
      await second
      expect(await engine.view.asked('same')).toEqual(one)
    })

    it('stay cancelled if their asks were cancelled before their turn', async () => {
      const hold = gate()
      const worker = holding(hold)
      const engine = await openEngine({ namespace: 'off', actors: [worker] })
      const first = engine.ask(ref('worker'), null)
      await hold.started
      const second = expect(engine.ask(ref('worker'), null, { id: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
      await until(async () => (await engine.view.inspect(ref('worker')))[0]?.waiting === 1)
      await engine.cancel(ref('worker'), 'x', 'enough')
      await second
      hold.release()
      expect(await first).toBe(1)
      await expect(engine.ask(ref('worker'), null, { id: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    })
  })

  describe('ids of messages that were cancelled before their turn', () => {
    it('stay known, and cannot be asked', async () => {
      const hold = gate()
      const worker = holding(hold)
      const engine = await openEngine({ namespace: 'untold', actors: [worker] })
      const first = engine.ask(ref('worker'), null)
      await hold.started
      await engine.tell(ref('worker'), null, { id: 'x' })
      await until(async () => (await engine.view.inspect(ref('worker')))[0]?.waiting === 1)
      await engine.cancel(ref('worker'), 'x', 'enough')
      hold.release()
      expect(await first).toBe(1)
      await engine.tell(ref('worker'), null, { id: 'x' })
      await expect(engine.ask(ref('worker'), null, { id: 'x' })).rejects.toMatchObject({ code: 'id_taken' })
    })
  })

  describe('releases', () => {
    it('are refused if the server has another release with this name and address', async () => {
      const [port] = await findPorts(1)
      const place = { namespace: 'releases', release: 'one', port: port! }
      const first = await openEngine({ ...place, actors: [recorderActor()] })
      await first.stop()
      const more = restateEngine({ ...server.now(), ...place, actors: [recorderActor(), actor('more', 0, () => ({}))] })
      onTestFinished(() => more.stop({ grace: 0 }))
      await expect(more.start()).rejects.toMatchObject({
        code: 'release_taken',
        message: expect.stringContaining('.more'),
      })
    })
  })

  describe('the state of an actor', () => {
    it('is all there before and after it has become large', async () => {
      const keeper = actor('keeper', 0, async (count, size: number, effects) => {
        const last = await effects.part(`${count - 1}`)
        const next = count + 1
        return { state: next, parts: { [count]: 'x'.repeat(size) }, events: [count], reply: String(last).length }
      })
      const engine = await openEngine({ namespace: 'large', actors: [keeper] })
      const lengths: unknown[] = []
      for (const size of [10, 20, 20_000, 30, 40]) lengths.push(await engine.ask(ref('keeper'), size))
      expect(lengths).toEqual(['undefined'.length, 10, 20, 20_000, 30])
      const parts: [string, number][] = []
      for await (const [name, part] of engine.view.parts(ref('keeper'))) parts.push([name, (part as string).length])
      expect(parts).toEqual([['0', 10], ['1', 20], ['2', 20_000], ['3', 30], ['4', 40]]) // biome-ignore format: a table
      const events: unknown[] = []
      for await (const { n, body } of engine.view.events(ref('keeper'), { after: 1 })) {
        events.push([n, body])
        if (n === 5) break
      }
      expect(events).toEqual([[2, 1], [3, 2], [4, 3], [5, 4]]) // biome-ignore format: a table
    })
  })

  it('the parts of an actor are read even if a hundred of them exceed one answer', async () => {
    const large = '漢'.repeat(KERNEL_LIMITS.body - 2)
    const keeper = actor('keeper', 0, (count) => {
      const names = range(15).map((n) => `${count + n}`)
      return {
        state: count + names.length,
        parts: Object.fromEntries(names.map((name) => [name, large])),
        events: names.map(() => large),
        reply: null,
      }
    })
    const engine = await openEngine({ namespace: 'page', actors: [keeper] })
    for (const _ of range(3)) await engine.ask(ref('keeper'), null)
    const { parts, events } = engine.view
    const counts = await Promise.all([countIn(parts(ref('keeper'))), countIn(events(ref('keeper'), { live: false }))])
    expect(counts).toEqual([45, 45])
  })

  describe('a node that stops', () => {
    it('lets a retried effect finish', async () => {
      const hold = gate()
      let isWhole = false
      const worker = actor('worker', 0, async (count, _message, effects) => {
        await effects.run('work', async ({ attempt, signal }) => {
          if (attempt === 1) throw new RetryableError('not yet')
          await hold.pass(signal)
          isWhole = true
        })
        return { state: count + 1 }
      })
      const engine = await openEngine({ namespace: 'stops', actors: [worker] })
      await engine.tell(ref('worker'), null)
      await hold.started
      const stopped = engine.stop()
      // who is to hear of it has
      await new Promise(setImmediate)
      hold.release()
      await stopped
      expect(isWhole).toBe(true)
      const next = await openEngine({ namespace: 'stops', actors: [worker] })
      expect(await next.view.peek(ref('worker'))).toBe(1)
    })

    it('does not wait for the reply to an ask that may come days later, and the next one gets it', async () => {
      const late = actor('late', null as ActorRef | null, (asker, _message, { message: { replyTo } }) =>
        asker
          ? { state: null, send: [{ to: asker, body: 'hello', type: 'response' as const }] }
          : { state: replyTo ?? null },
      )
      const [port] = await findPorts(1)
      const place = { namespace: 'late-stop', port: port!, actors: [late] }
      const first = await openEngine(place)
      const lost = first.ask(ref('late'), null, { id: 'x' }).catch(() => {})
      await until(async () => (await first.view.asked('x')) !== undefined)
      await first.stop()
      await lost
      const next = await openEngine(place)
      const reply = next.ask(ref('late'), null, { id: 'x' })
      await next.tell(ref('late'), null)
      expect(await reply).toBe('hello')
    })
  })

  describe('a server that is killed', () => {
    it('resumes its work: asks are answered, and finished effects are not repeated', async () => {
      const hold = gate()
      const ran: string[] = []
      const worker = actor('worker', [] as readonly number[], async (done, n: number, effects) => {
        await effects.run('first', () => void ran.push(`first ${n}`))
        await effects.run('second', ({ signal }) => hold.pass(signal))
        return { state: [...done, n], reply: done.length + 1 }
      })
      const engine = await openEngine({ namespace: 'killed', actors: [worker, recorderActor()] })
      const asked = range(4).map((n) => engine.ask(ref('worker', `${n}`), n, { id: `ask ${n}` }))
      await engine.tell(RECORDER, 'later', { delay: 1_000 })
      await until(() => hold.arrivals === 4)
      await server.kill()
      hold.release()
      expect(await Promise.all(asked)).toEqual([1, 1, 1, 1])
      expect(ran.toSorted()).toEqual(range(4).map((n) => `first ${n}`))
      await until(async () => (await engine.view.peek(RECORDER)) !== undefined)
      expect(await engine.ask(RECORDER, READ)).toEqual(['later'])
    })
  })
})
