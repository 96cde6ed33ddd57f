import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../src/errors.ts'
import { generateInPool } from '../../src/model/pool/generate-in-pool.ts'
import type { ModelReply } from '../../src/model/request/request.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { MODALITIES } from '../../src/thread/protocol/modality.ts'
import { PHASES } from '../../src/thread/protocol/phase-types.ts'
import type { Task } from '../../src/worker/pool/task.ts'
import { isPoolId, POOL_PHASES, poolId } from '../../src/worker/pool-id.ts'
import type { PoolsOptions, PoolWanted } from '../../src/worker/pools.ts'
import { TICK_MS } from '../../src/worker/scaling/controller.ts'
import type { PoolSettings } from '../../src/worker/scaling/policy.ts'
import { NEEDS_HANDS } from '../../src/worker/work-pool.ts'
import { never } from './held.ts'
import { NAMELESS, poolsOf } from './pools.ts'

const action = (more: Partial<PoolWanted> = {}): PoolWanted => ({ phase: 'action', modality: 'text', ...more })

describe('the choice of a pool', () => {
  const known = ['text_action_pool', 'text_action_medical_pool', 'audio_action_pool', 'text_yield_pool']
  const pools = poolsOf({}, { exists: (id) => known.includes(id) })

  it.each<[string, PoolWanted, string[]]>([
    ['its own', action({ domain: 'medical' }), ['text_action_medical_pool']],
    ['the one without its domain', action({ domain: 'Law & Tax' }), ['text_action_law_tax_pool', 'text_action_pool']],
    ['the one of its modality', action({ modality: 'audio', reduced: true }), ['audio_action_pool']],
    [
      'that for text, where it was reduced to text',
      { phase: 'yield', modality: 'image', domain: 'art', reduced: true },
      ['image_yield_art_pool', 'image_yield_pool', 'text_yield_pool'],
    ],
  ])('%s', (_name, wanted, trace) => {
    const found = pools.find(wanted)
    expect(found.trace).toEqual(trace)
    expect(found.pool.id).toBe(trace.at(-1))
    expect(pools.find(wanted).pool).toBe(found.pool)
  })

  it('is none if none is allowed, and the error lists all that were tried', () => {
    const failing = () => pools.find({ phase: 'yield', modality: 'image', domain: 'art' })
    expect(failing).toThrow('No pool for yield of image: tried image_yield_art_pool, image_yield_pool.')
    expect(failing).toThrow(expect.objectContaining({ code: 'pool_not_found' }))
  })

  it('has an id by the grammar of ids, for every modality and phase of a chain', () => {
    const phases = [...new Set(PHASES.map((phase) => phase.split('.')[0]))]
    expect(POOL_PHASES.filter((phase) => phase !== 'step')).toEqual(phases)
    for (const modality of MODALITIES)
      for (const phase of POOL_PHASES) expect(isPoolId(poolId({ phase, modality, domain: 'Health-Care' }))).toBe(true)
    for (const id of ['text_action', 'text_dance_pool', 'Text_action_pool', 'text_action__pool', 'mine'])
      expect(isPoolId(id)).toBe(false)
  })
})

/** Pools on a simulated clock, tasks that take a second, and what was seen of them. */
function open(settings: PoolSettings, more: Partial<PoolsOptions> = {}) {
  const clock = simulatedClock(0)
  const pools = poolsOf(settings, { clock, ...more })
  const { pool } = pools.find(action())
  const ended: number[] = []
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))
  let peak = 0
  const submit = (name: number, ms = 1000) =>
    pool.submit({
      signal: never,
      needs: NEEDS_HANDS,
      async run() {
        peak = Math.max(peak, pool.stats().running)
        await sleep(ms)
        ended.push(name)
      },
    })
  return { clock, pools, pool, submit, ended, peak: () => peak }
}

describe('the tools of a pool that use a resource', () => {
  const names = (name: string) => () => [name, name.split(':')[0]!]
  function openLimited(settings: PoolSettings = { workers: 4 }) {
    const clock = simulatedClock(0)
    const { pool } = poolsOf(settings, { clock, resources: { api: { perMinute: 2, tools: ['web'] } } }).find(action())
    const begun: string[] = []
    const call = (name: string, more: Partial<Task<string>> = {}, tool = 'web:get') =>
      pool.submit({
        signal: never,
        key: name,
        needs: pool.handsFor(names(tool)),
        ...more,
        run: () => {
          begun.push(`${clock.now()} ${name}`)
          return name
        },
      })
    return { clock, pool, begun, call }
  }

  it('wait in its queue by priority, say for what, and hold up no other tool', async () => {
    const { clock, pool, begun, call } = openLimited()
    const all = [call('a'), call('b'), call('c', { priority: 'low' }), call('d'), call('e', {}, 'file:read')]
    await clock.advance(5000)
    expect(begun).toEqual(['0 a', '0 b', '0 e'])
    expect([pool.placeOf('d'), pool.lackOf('d')]).toEqual([1, 'api: 2 per minute, next in 55 s'])
    expect(pool.lackOf('a')).toBeUndefined()
    call('f', { priority: 'high' })
    await clock.advance(55_000)
    await clock.advance(60_000)
    await Promise.all(all)
    expect(begun.slice(3)).toEqual(['60000 f', '60000 d', '120000 c'])
  })

  it('share the size of their pool with all its work, also after it has changed', async () => {
    const { clock, pool, begun, call } = openLimited({ workers: 1 })
    const held = Promise.withResolvers<void>()
    const first = pool.submit({ signal: never, needs: NEEDS_HANDS, run: () => held.promise })
    const second = call('a')
    await clock.advance(0)
    expect([begun, pool.lackOf('a')]).toEqual([[], undefined])
    held.resolve()
    await Promise.all([first, second])
    expect(pool.report().each.map(({ id }) => id)).toEqual(['hands', 'tools of api'])
  })

  it('and the steps of workflows that name it share it', async () => {
    const clock = simulatedClock(0)
    const bank = { perMinute: 1, steps: true }
    const { pool } = poolsOf({}, { clock, resources: { bank } }).find(action())
    const begun: string[] = []
    const step = (name: string) =>
      pool.submit({ signal: never, needs: pool.handsOf('bank'), run: () => void begun.push(`${clock.now()} ${name}`) })
    const both = [step('a'), step('b')]
    await clock.advance(60_000)
    await Promise.all(both)
    expect(begun).toEqual(['0 a', '60000 b'])
    expect(() => pool.handsOf('lab')).toThrow(
      'There is no resource lab for steps of workflows. Resources for steps: bank.',
    )
  })

  it('cost nothing where none is limited: their names are not even read', () => {
    const { pool } = poolsOf({}, { resources: { lab: { slots: 1 } } }).find(action())
    const needs = pool.handsFor(() => {
      throw new Error('read')
    })
    expect(needs).toBe(NEEDS_HANDS)
  })
})

describe('the models of a pool', () => {
  it('are forgotten if there are very many, except busy ones and those with waiting tasks', async () => {
    const { pool } = poolsOf({ max: 1 }).find(action())
    const done = Promise.withResolvers<string>()
    const ask = (model: string, run: () => Promise<string> | string) =>
      pool.submit({ signal: never, needs: pool.employ(model).needs, run })
    const [busy, waiting] = [ask('busy', () => done.promise), ask('waiting', () => 'heard')]
    for (let at = 0; at < 1010; at++) pool.employ(`other-${at}`)
    const known = pool.report().each.flatMap(({ kind, id }) => (kind === 'model' ? [id] : []))
    expect([known.length, known.slice(0, 3), known.at(-1)]).toEqual([
      1000,
      ['busy', 'waiting', 'other-12'],
      'other-1009',
    ])
    done.resolve('well')
    expect(await Promise.all([busy, waiting])).toEqual(['well', 'heard'])
  })
})

describe('the size of a pool', () => {
  it('E3: ten tasks of a second: none fails, four at work at most, and one again when it was idle for long', async () => {
    const { clock, pool, submit, ended, peak } = open({ min: 1, max: 4 })
    const all = Array.from({ length: 10 }, (_, name) => submit(name))
    await clock.advance(2 * TICK_MS)
    expect(pool.stats()).toMatchObject({ workers: 4, running: 4 })
    await clock.advance(4 * TICK_MS)
    await Promise.all(all)
    expect(ended).toEqual(Array.from({ length: 10 }, (_, name) => name))
    expect(peak()).toBe(4)
    expect(pool.report()).toMatchObject({ done: 10, failed: 0, workers: 4, min: 1, max: 4 })
    await clock.advance(180_000)
    const { workers, resized, last } = pool.report()
    expect([workers, resized, last]).toEqual([1, 3, expect.objectContaining({ from: 2, to: 1, why: '0 of 2 busy' })])
    expect(clock.next).toBeUndefined()
  })

  it('A25: a pool that shrinks ends no running task', async () => {
    const { clock, pool, submit, ended } = open({ min: 2, max: 8 })
    const long = submit(99, 300_000)
    const all = Array.from({ length: 40 }, (_, name) => submit(name))
    await clock.advance(3 * TICK_MS)
    expect(pool.stats().workers).toBe(8)
    await clock.advance(100_000)
    await Promise.all(all)
    expect(pool.stats()).toMatchObject({ workers: 4, running: 1 })
    await clock.advance(300_000)
    await long
    expect([pool.stats().workers, ended.length, pool.stats().failed]).toEqual([2, 41, 0])
  })

  it('is looked at by one tick for all pools, and only while one of them has something to do', async () => {
    const { clock, pools, submit } = open({ workers: 2 })
    pools.find(action({ domain: 'law' }))
    expect(clock.next).toBeUndefined()
    const task = submit(1)
    expect(clock.next).toBe(TICK_MS)
    await clock.advance(TICK_MS)
    await task
    expect(clock.next).toBe(2 * TICK_MS)
    await clock.advance(TICK_MS)
    expect(clock.next).toBeUndefined()
  })

  it('stays where the cores have nothing left', async () => {
    const { clock, pool, submit } = open({ min: 1, max: 4 }, { cpu: () => 0.99 })
    const all = Array.from({ length: 40 }, (_, name) => submit(name))
    await clock.advance(4 * TICK_MS)
    expect(pool.stats().workers).toBe(1)
    await clock.advance(40_000)
    await Promise.all(all)
  })
})

const REPLY: ModelReply = { text: 'x', citations: [], usage: { input: 1, output: 1 }, model: 'a/b' }
const REQUEST = { task: { kind: 'write' }, documents: [], instruction: 'write' } as const

describe('a model', () => {
  function openModels(settings: PoolSettings, more: Partial<PoolsOptions> = {}) {
    const opened = open(settings, more)
    const calls: PromiseWithResolvers<ModelReply>[] = []
    const models = {
      ...NAMELESS,
      find: (name: string) => (name === 'short' ? 'a/long' : undefined),
      generate() {
        const call = Promise.withResolvers<ModelReply>()
        calls.push(call)
        return call.promise
      },
    }
    const ask = (model?: string) =>
      generateInPool(opened.pool, models, { ...REQUEST, ...(model !== undefined && { model }) }, { signal: never })
    const each = () => opened.pool.report().each.map(({ id, kind, running }) => [id, kind, running])
    return { ...opened, calls, ask, each }
  }

  it('is called on its own worker, whatever it was called by, and all of them together are no more than the pool is large', async () => {
    const { calls, ask, each, pool } = openModels({ workers: 2 })
    const all = [ask('a/long'), ask(), ask('short')]
    expect(each()).toEqual([
      ['hands', 'inline', 0],
      ['a/long', 'model', 1],
      ['test/model', 'model', 1],
    ])
    expect(pool.stats()).toMatchObject({ workers: 2, running: 2, queued: 1 })
    calls[0]!.resolve(REPLY)
    await all[0]
    expect(each()[1]).toEqual(['a/long', 'model', 1])
    for (const call of calls) call.resolve(REPLY)
    await Promise.all(all)
  })

  it('takes what its provider bears, in all pools together', async () => {
    const { pools, pool, calls, ask, each } = openModels({ workers: 5 }, { resources: { a: { slots: 1 } } })
    const other = pools.find(action({ domain: 'law' })).pool
    const models = { ...NAMELESS, generate: async () => REPLY }
    const first = ask('a/one')
    const second = generateInPool(other, models, { ...REQUEST, model: 'a/two' }, { signal: never })
    const third = generateInPool(other, models, { ...REQUEST, model: 'b/free' }, { signal: never })
    await third
    expect([pool.stats().running, other.stats().queued, each()[1]![2]]).toEqual([1, 1, 1])
    calls[0]!.resolve(REPLY)
    await Promise.all([first, second])
    expect(pools.resources()).toEqual([{ id: 'a', slots: 1, taken: 0, held: 0 }])
  })

  it('pauses if its provider asks for it, and the others continue', async () => {
    const { clock, calls, ask, pool } = openModels({ workers: 5 }, { resources: { a: { slots: 5 } } })
    const refused = ask('a/one')
    calls[0]!.reject(new RetryableError('slow down', { code: 'model_rate_limited', delay: 3000 }))
    await expect(refused).rejects.toMatchObject({ code: 'model_rate_limited' })
    const waiting = ask('a/one')
    const free = ask('b/two')
    expect(pool.stats()).toMatchObject({ running: 1, queued: 1 })
    await clock.advance(3000)
    expect(pool.stats()).toMatchObject({ running: 2, queued: 0 })
    for (const call of calls) call.resolve(REPLY)
    await Promise.all([waiting, free])
  })

  it('makes the pool smaller if its provider refuses calls', async () => {
    const { clock, calls, ask, pool } = openModels({ min: 1, max: 4 })
    const all = Array.from({ length: 40 }, () => ask('a/one'))
    await clock.advance(2 * TICK_MS)
    expect(pool.stats().workers).toBe(4)
    calls[0]!.reject(new RetryableError('slow down', { code: 'model_rate_limited' }))
    await expect(all[0]).rejects.toMatchObject({ code: 'model_rate_limited' })
    await clock.advance(TICK_MS)
    expect(pool.report()).toMatchObject({ workers: 3, last: { from: 4, to: 3, why: 'the provider refused 1 call' } })
    for (let at = 1; at < 40; at++) {
      calls[at]!.resolve(REPLY)
      await all[at]
    }
  })

  it('that has failed too often is not asked for a while; a requested pause is not a failure', async () => {
    const { clock, calls, ask, each, pool } = openModels({ workers: 5 })
    const fail = async (code: string) => {
      const call = ask('a/one')
      calls.at(-1)!.reject(new RetryableError('no', { code }))
      await expect(call).rejects.toMatchObject({ code })
    }
    for (let count = 0; count < 4; count++) await fail('model_rate_limited')
    for (let count = 0; count < 3; count++) await fail('model_unavailable')
    await expect(ask('a/one')).rejects.toMatchObject({
      code: 'workers_unhealthy',
      delay: 2_000,
      message: 'The model a/one has failed too often in a row. It is asked again in 2 s.',
    })
    const other = ask('b/two')
    expect(each()).toContainEqual(['b/two', 'model', 1])
    calls.at(-1)!.resolve(REPLY)
    await other
    await clock.advance(2_000)
    const again = ask('a/one')
    calls.at(-1)!.resolve(REPLY)
    await again
    expect(pool.report().each.every(({ breaker }) => breaker === 'closed')).toBe(true)
  })
})

describe('a policy', () => {
  it('gives each share only so much at once', async () => {
    const { clock, pool } = open({ workers: 10, share: { workers: 1 } })
    const task = (share: string) =>
      pool.submit({
        signal: never,
        needs: NEEDS_HANDS,
        share,
        run: () => new Promise<void>((end) => void clock.after(10, end)),
      })
    const all = [task('a'), task('a'), task('b')]
    expect(pool.stats()).toMatchObject({ running: 2, queued: 1 })
    await clock.advance(20)
    await Promise.all(all)
  })

  it('gives a task only so much time, waiting and running together', async () => {
    const { clock, submit } = open({ workers: 1, deadline: 2 })
    const [first, second, third] = [submit(1), submit(2, 5000), submit(3)]
    const failed = Promise.allSettled([first, second, third])
    await clock.advance(10_000)
    expect((await failed).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  })
})
