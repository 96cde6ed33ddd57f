import { expect } from 'vitest'
import { RetryableError } from '../../src/errors.ts'
import { PRIORITIES, type Priority } from '../../src/lib/priority.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { missingCapabilities, type Needs, type Offers } from '../../src/worker/capabilities.ts'
import { createPool, type PoolOptions } from '../../src/worker/pool/pool.ts'
import { createSharedResource } from '../../src/worker/resources.ts'
import type { Worker, WorkerKind } from '../../src/worker/worker.ts'
import { fc } from '../property.ts'

const AGEING = 1_000

/** What happens to a pool, at random. */
export type Move =
  | {
      readonly do: 'submit'
      readonly needs?: Needs
      readonly priority?: Priority
      readonly share?: string
      readonly deadline?: number
      readonly timeout?: number
      readonly hurries?: true
      readonly once?: true
    }
  | { readonly do: 'end'; readonly which: number; readonly how: 'done' | 'fail' | 'ill' | 'die' }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'resize'; readonly which: number; readonly size: number }
  | { readonly do: 'hire'; readonly which: number }
  | { readonly do: 'dismiss'; readonly which: number }
  | { readonly do: 'hold'; readonly ms: number }
  | { readonly do: 'close'; readonly deadline?: number }

const which = fc.nat(20)
const submit = fc.record(
  {
    do: fc.constant('submit' as const),
    needs: fc.constantFrom<Needs>({ tools: true }, { tools: true, vision: true }),
    priority: fc.constantFrom(...PRIORITIES),
    share: fc.constantFrom('a', 'b', 'c'),
    deadline: fc.integer({ min: 1, max: 5_000 }),
    timeout: fc.integer({ min: 1, max: 2_000 }),
    hurries: fc.constant(true as const),
    once: fc.constant(true as const),
  },
  { requiredKeys: ['do'] },
)
const end = fc.record({
  do: fc.constant('end' as const),
  which,
  how: fc.constantFrom('done' as const, 'done' as const, 'fail' as const, 'ill' as const, 'die' as const),
})

/** Moves in which tasks come and go, and workers as well. */
export const moves = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: submit },
    { weight: 10, arbitrary: end },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('resize' as const), which, size: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hire' as const), which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('dismiss' as const), which }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('hold' as const), ms: fc.integer({ min: 0, max: 9_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record(
        { do: fc.constant('close' as const), deadline: fc.integer({ min: 0, max: 4_000 }) },
        { requiredKeys: ['do'] },
      ),
    },
  ),
  { minLength: 10, maxLength: 80 },
)

type Submitted = Extract<Move, { do: 'submit' }>
type Known = {
  readonly id: number
  readonly given: Submitted
  readonly off: AbortController
  state: 'waiting' | 'running' | 'over'
  /** when it came, and as which */
  since: number
  order: number
  /** after how many turns */
  came: number
  attempts: number
  died: boolean
  /** when its last attempt began */
  begun: number
  /** the attempts of it that are at work, whoever still waits for them */
  readonly work: Map<number, Work>
  settled: number
}

type Work = PromiseWithResolvers<number> & { readonly kind: WorkerKind }

const KINDS: readonly Omit<Worker, 'id' | 'slots'>[] = [
  { kind: 'inline', offers: {} },
  { kind: 'process', offers: { tools: true } },
  { kind: 'model', offers: { tools: true, vision: true } },
]

/** Makes the moves on a pool; all that must hold is looked at when a task begins, after each move and at the end. */
export async function play(given: readonly Move[], options: Partial<PoolOptions> = {}): Promise<void> {
  const clock = simulatedClock()
  const shared = createSharedResource('provider', PROVIDER, clock)
  const hire = (id: string, number: number): Worker => {
    const given = KINDS[number % KINDS.length]!
    return { id, slots: 1 + (number % 2), ...given, ...(given.kind === 'model' && { resources: [shared.of(1)] }) }
  }
  const workers = KINDS.map((_, at) => hire(`w${at}`, at))
  const pool = createPool({ id: 'text_step_pool', workers, queue: 12, clock, ageing: AGEING, ...options })
  const known: Known[] = []
  const turns = createTurns()
  /** when tasks began that take of what is shared */
  const takings: number[] = []
  let closed: Promise<boolean> | undefined
  let isOver = false
  let hired = KINDS.length
  let orders = 0
  let broken: unknown

  const waiting = () => known.filter(({ state }) => state === 'waiting')
  const working = () => known.flatMap((one) => [...one.work].map(([attempt, work]) => ({ one, attempt, work })))

  async function submitOne(move: Submitted): Promise<void> {
    const one: Known = {
      id: known.length,
      given: move,
      off: new AbortController(),
      state: 'waiting',
      since: clock.elapsed(),
      order: ++orders,
      came: turns.now(),
      attempts: 0,
      died: false,
      begun: -Infinity,
      work: new Map(),
      settled: 0,
    }
    known.push(one)
    const { do: _, ...rest } = move
    const run = (_signal: AbortSignal, worker: Worker, attempt: number) => begin(one, worker, attempt)
    try {
      expect(await pool.submit({ signal: one.off.signal, run, ...rest })).toBe(one.id)
    } catch (error) {
      if ((error as Error).name === 'AssertionError') broken ??= error
    } finally {
      one.settled++
      one.state = 'over'
    }
  }

  function begin(one: Known, worker: Worker, attempt: number): Promise<number> {
    expect(one.state).toBe('waiting')
    expect(attempt).toBe(one.attempts + 1)
    expect(attempt === 1 || (attempt === 2 && one.died)).toBe(true)
    expect(one.off.signal.aborted).toBe(false)
    expect(missingCapabilities(worker.offers, one.given.needs ?? {})).toEqual([])
    if (worker.kind === 'model') {
      expect(isShareFree()).toBe(true)
      takings.push(clock.elapsed())
    }
    const post = pool.report().each.find(({ id }) => id === worker.id)!
    expect(post.running).toBeLessThanOrEqual(post.slots)
    if (!options.shareLimit) checkOrder(one)
    one.state = 'running'
    one.attempts = attempt
    one.begun = clock.elapsed()
    const work = { ...Promise.withResolvers<number>(), kind: worker.kind }
    one.work.set(attempt, work)
    return work.promise
  }

  /** Whether there is anything left of what is shared; the task that begins has taken of it already. */
  function isShareFree(taking = 1): boolean {
    const { taken, held } = shared.stats()
    const late = takings.filter((at) => at > clock.elapsed() - 60_000)
    return taken - taking < PROVIDER.slots && held === 0 && late.length < PROVIDER.perMinute
  }

  /** Nobody with the same needs was before it. */
  function checkOrder(one: Known): void {
    const lane = [one, ...waiting()].filter(({ given }) => keyOf(given.needs) === keyOf(one.given.needs))
    const due = ({ since, given }: Known) => since + PRIORITIES.indexOf(given.priority ?? 'normal') * AGEING
    const level = lane.filter((other) => levelOf(other) === levelOf(one))
    expect(Math.min(...level.map(due))).toBe(Math.min(...lane.map(due)))
    const own = level.filter(({ given }) => given.share === one.given.share)
    expect(Math.min(...own.map(({ order }) => order))).toBe(one.order)
    turns.begin(one, level)
  }

  async function make(move: Move): Promise<void> {
    switch (move.do) {
      case 'submit':
        return void submitOne(move)
      case 'end': {
        const all = working()
        const found = all[move.which % all.length]
        if (!found) return
        found.one.work.delete(found.attempt)
        if (move.how === 'done') return found.work.resolve(found.one.id)
        if (move.how === 'die') mayReturn(found.one, found.work.kind)
        return found.work.reject(ERRORS[move.how]())
      }
      case 'cancel':
        return known[move.which % known.length]?.off.abort()
      case 'advance':
        return clock.advance(move.ms)
      case 'resize':
        return withWorker(move.which, (id) => pool.resize(move.size, id))
      case 'hire':
        return isOver ? undefined : pool.addWorker(hire(`w${hired++}`, move.which))
      case 'dismiss':
        return withWorker(move.which, (id) => void pool.removeWorker(id))
      case 'hold':
        return shared.hold(move.ms)
      case 'close':
        close(move)
    }
  }

  function close(options: { readonly deadline?: number } = {}): void {
    const done = pool.close(options)
    closed ??= done.then(() => {
      isOver = true
      return true
    })
  }

  /** It waits again where its worker is one that can die, and somebody is there to do it. */
  function mayReturn(one: Known, kind: WorkerKind): void {
    if (one.given.once || isOver || ablesOf(one).length === 0) return
    if (kind !== 'process' || one.attempts !== 1 || one.state !== 'running' || one.off.signal.aborted) return
    one.died = true
    one.state = 'waiting'
    one.came = turns.now()
  }

  const ablesOf = ({ given }: Known) =>
    staying().filter(({ kind }) => missingCapabilities(OFFERS[kind]!, given.needs ?? {}).length === 0)

  const staying = () => pool.report().each.filter(({ leaving }) => !leaving)

  function withWorker(at: number, act: (id: string) => void): void {
    const found = staying()[at % staying().length]
    if (found) act(found.id)
  }

  function checkRest(): void {
    if (broken !== undefined) throw broken
    const { each, queued, running } = pool.report()
    expect(queued).toBe(waiting().length)
    // what a closed pool left behind ends without a worker
    if (!isOver) expect(running).toBe(each.reduce((sum, post) => sum + post.running, 0))
    expect(known.every(({ settled }) => settled <= 1)).toBe(true)
    for (const one of waiting())
      expect(one.given.hurries && ablesOf(one).every(({ breaker }) => breaker === 'open')).not.toBe(true)
    for (const one of waiting())
      for (const { kind, running: busy, slots, breaker } of staying())
        if (busy < slots && breaker === 'closed' && (kind !== 'model' || isShareFree(0)) && isFree(one))
          expect(missingCapabilities(OFFERS[kind]!, one.given.needs ?? {})).not.toEqual([])
  }

  /** Whether its share surely is not at a limit: nothing of it is under way, or began of late. */
  function isFree({ given: { share } }: Known): boolean {
    if (!options.shareLimit || share === undefined) return true
    const own = known.filter(({ given }) => given.share === share)
    const ms = options.shareLimit.rate?.ms ?? 0
    return own.every(({ work, begun }) => work.size === 0 && begun <= clock.elapsed() - ms)
  }

  for (const move of given) {
    await make(move)
    await clock.advance(0)
    checkRest()
  }
  close()
  for (let round = 0; round < 200 && (pool.stats().running > 0 || pool.stats().queued > 0); round++) {
    for (const { one, attempt, work } of working()) {
      one.work.delete(attempt)
      work.resolve(one.id)
    }
    await clock.advance(5_000)
    checkRest()
  }
  await closed
  await clock.advance(0)
  expect(known.filter(({ settled }) => settled !== 1)).toEqual([])
  expect(pool.stats()).toMatchObject({ running: 0, queued: 0 })
  shared.close()
  expect(clock.next).toBeUndefined()
}

const OFFERS: { readonly [kind in WorkerKind]?: Offers } = Object.fromEntries(
  KINDS.map(({ kind, offers }) => [kind, offers]),
)

/** What the models share. */
const PROVIDER = { slots: 3, perMinute: 20 }

const ERRORS = {
  fail: () => new Error('no'),
  ill: () => new RetryableError('ill', { code: 'model_unavailable' }),
  die: () => new RetryableError('dead', { code: 'worker_lost' }),
}

const keyOf = (needs: Needs | undefined) => JSON.stringify(needs ?? {})
const levelOf = ({ given }: Known) => `${keyOf(given.needs)} ${given.priority ?? 'normal'}`

/** Between two turns of a share each other one that waited all the while has one. */
function createTurns() {
  const last = new Map<string, number>()
  let now = 0
  const turnOf = (one: Known) => last.get(`${levelOf(one)} ${one.given.share}`) ?? 0
  return {
    now: () => now,
    begin(one: Known, level: readonly Known[]): void {
      const others = level.filter(({ given }) => given.share !== one.given.share)
      const passed = others.filter((other) => other.came < turnOf(one) && turnOf(other) < turnOf(one))
      expect(passed).toEqual([])
      last.set(`${levelOf(one)} ${one.given.share}`, ++now)
    },
  }
}
