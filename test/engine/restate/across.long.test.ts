import { describe, expect, it, onTestFinished } from 'vitest'
import type { Engine, EngineView } from '../../../src/engine/engine.ts'
import { type RestateOptions, restateEngine } from '../../../src/engine/restate/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { openRedis, type Redis } from '../../../src/store/redis.ts'
import { until } from '../../../src/testing/until.ts'
import { actor, range, ref } from '../../../trials/conformance/actors.ts'
import { describeOnRedis, type RedisServer, startRedis } from '../../store/redis-server.ts'
import { describeOnRestate, useRestate } from './server.ts'

/** Tells as many events as it is asked to, and answers how many it has told. */
const teller = actor('teller', 0, (told, count: number) => ({
  state: told + count,
  events: range(count).map((n) => told + n),
  reply: told + count,
}))
const TELLER = ref('teller')

/** Emits what it is asked to, one after the other. */
const talker = actor('talker', null, async (state, words: readonly string[], { emit }) => {
  for (const word of words) emit(word)
  return { state, reply: words.length }
})
const TALKER = ref('talker')

describeOnRestate('an engine whose turns another node takes', () => {
  const server = useRestate()

  /** Two engines of one namespace: one takes the turns, the other only looks and asks. */
  async function openTwo(namespace: string, options: Partial<RestateOptions> = {}) {
    const given = { ...server.now(), namespace, actors: [teller, talker], ...options }
    const [worker, other] = [restateEngine(given), restateEngine(given)]
    onTestFinished(() => Promise.all([worker.stop({ grace: 0 }), other.stop({ grace: 0 })]).then(() => {}))
    await worker.start()
    return { worker, other }
  }

  describe('events', () => {
    it('are seen within a second of their turns, all of them and in order, until the actor is gone', async () => {
      const { worker, other } = await openTwo('events')
      const seen: { readonly body: Json; readonly at: number }[] = []
      const ended = (async () => {
        for await (const { body } of other.view.events(TELLER)) seen.push({ body, at: performance.now() })
      })()
      const answered = new Map<number, number>()
      for (let round = 0; round < 8; round++) {
        const told = (await worker.ask(TELLER, 3)) as number
        answered.set(told, performance.now())
        // long enough for it to look less often
        if (round % 4 === 0) await expect.poll(() => seen.length, { interval: 5 }).toBe(told)
      }
      await expect.poll(() => seen.length, { interval: 5 }).toBe(24)
      expect(seen.map(({ body }) => body)).toEqual(range(24))
      const lags = [...answered].map(([told, at]) => seen[told - 1]!.at - at)
      // not each: a busy machine may keep anybody waiting
      expect(lags.toSorted((a, b) => a - b)[lags.length >> 1]).toBeLessThan(1_000)
      await worker.tell(TELLER, null, { type: 'stop' })
      await ended
    })

    it('end with their actor, also if its next life has published more by then', async () => {
      const { worker, other } = await openTwo('lives')
      await worker.ask(TELLER, 2)
      const events = other.view.events(TELLER)[Symbol.asyncIterator]()
      expect([await events.next(), await events.next()]).toMatchObject([{ value: { n: 1 } }, { value: { n: 2 } }])
      await worker.tell(TELLER, null, { type: 'stop' })
      expect(await worker.ask(TELLER, 5)).toBe(5)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    })
  })

  describe('deltas', () => {
    /** What a reader of an engine has heard of a talk so far. */
    function listen({ view }: { readonly view: EngineView }, talk: string): readonly Json[] {
      const heard: Json[] = []
      const leaving = new AbortController()
      onTestFinished(() => leaving.abort())
      void (async () => {
        for await (const delta of view.deltas(talk, leaving.signal)) heard.push(delta)
      })()
      return heard
    }

    it('stay on the node of their turn', async () => {
      const { worker, other } = await openTwo('stay')
      const [here, there] = [listen(worker, 'talk'), listen(other, 'talk')]
      await worker.ask(TALKER, ['a', 'b'], { correlationId: 'talk' })
      await expect.poll(() => here).toEqual(['a', 'b'])
      expect(there).toEqual([])
    })

    describeOnRedis('with Redis', () => {
      /** `onText` hears what the second node is told by the first one. */
      async function openRelayed(namespace: string, redis: RedisServer, onText: (channel: string) => void = () => {}) {
        const [mine, others] = [await openRedis(redis), await openRedis(redis)]
        const heard: Redis['listen'] = (channel, listener) =>
          others.listen(channel, (text) => {
            onText(channel)
            listener(text)
          })
        // what is sent while the other one does not hear is lost, and counted by nobody
        let hears = false
        others.watch((now) => (hears = now))
        const publish: Redis['publish'] = (channel, text) => hears && mine.publish(channel, text)
        const relays = [
          { ...mine, publish },
          { ...others, listen: heard },
        ] as const
        onTestFinished(() => {
          for (const relay of relays) relay.close()
        })
        for (const relay of relays) await until(() => relay.publish('anything', 'when it is there'))
        const given = { ...server.now(), namespace, actors: [teller, talker] }
        const [worker, other] = relays.map((relay) => restateEngine({ ...given, relay })) as unknown as readonly [
          Engine,
          Engine,
        ]
        onTestFinished(() => Promise.all([worker.stop({ grace: 0 }), other.stop({ grace: 0 })]).then(() => {}))
        await worker.start()
        return { worker, other }
      }

      it('are heard on every node, in order, once', async () => {
        const { worker, other } = await openRelayed('relayed', await startRedis())
        const [here, there] = [listen(worker, 'talk'), listen(other, 'talk')]
        await until(async () => {
          await worker.ask(TALKER, ['ready?'], { correlationId: 'talk' })
          return there.length > 0
        })
        const words = range(200).map(String)
        await worker.ask(TALKER, words, { correlationId: 'talk' })
        await worker.ask(TALKER, ['of another talk'], { correlationId: 'other' })
        const said = (heard: readonly Json[]) => heard.filter((word) => word !== 'ready?')
        await expect.poll(() => said(there)).toEqual(words)
        expect(said(here)).toEqual(words)
      })

      it('wake followers of the events, once for each turn', async () => {
        const rings: string[] = []
        const onText = (channel: string) => void (channel.endsWith('teller/1') && rings.push(channel))
        const { worker, other } = await openRelayed('rings', await startRedis(), onText)
        const seen: Json[] = []
        const leaving = new AbortController()
        onTestFinished(() => leaving.abort())
        void (async () => {
          for await (const { body } of other.view.events(TELLER, leaving)) seen.push(body)
        })()
        // from when on it is heard nobody says
        let told = 0
        const tell = () => worker.ask(TELLER, 1).then(() => told++)
        await until(async () => (await tell()) >= 0 && rings.length > 0)
        await until(() => seen.length === told)
        rings.length = 0
        for (let turn = 1; turn <= 3; turn++) {
          await tell()
          await until(() => rings.length >= turn && seen.length === told)
        }
        expect(rings).toHaveLength(3)
        expect(seen).toEqual(range(told))
      })

      it('that cannot be sent while Redis is away are reported as lost; turns continue, and later ones arrive', async () => {
        const redis = await startRedis()
        const { worker, other } = await openRelayed('away', redis)
        const [here, there] = [listen(worker, 'talk'), listen(other, 'talk')]
        const say = (word: string) => worker.ask(TALKER, [word], { correlationId: 'talk' })
        await until(async () => (await say('before')) && there.includes('before'))
        await redis.stop()
        await expect.poll(() => there.at(-1)).toEqual({ type: 'deltas-lost' })
        for (const word of ['lost', 'lost, too']) expect(await say(word)).toBe(1)
        await redis.start()
        await until(async () => (await say('after')) && there.includes('after'))
        expect(here).toEqual(expect.arrayContaining(['lost', 'lost, too']))
        expect(there).not.toContain('lost')
        const counts = there.map((delta) => (delta as { readonly count?: number }).count ?? 0)
        expect(Math.max(...counts)).toBeGreaterThanOrEqual(2)
      })
    })
  })
})
