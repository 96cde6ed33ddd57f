import { expect } from 'vitest'
import { RetryableError } from '../../src/errors.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { lacksOf } from '../../src/worker/offers.ts'
import {
  createPool,
  type Needs,
  type PoolOptions,
  type Priority,
  type Worker,
  type WorkerKind,
} from '../../src/worker/pool.ts'
import { PRIORITIES } from '../../src/worker/task.ts'
import { fc } from '../property.ts'

export const AGEING = 1_000

/** What happens to a pool, at random. */
export type Move =
  | {
      readonly do: 'submit'
      readonly needs?: Needs
      readonly priority?: Priority
      readonly share?: string
      readonly deadline?: number
      readonly timeout?: number
    }
  | { readonly do: 'end'; readonly which: number; readonly how: 'done' | 'fail' | 'ill' | 'die' }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'resize'; readonly which: number; readonly size: number }
  | { readonly do: 'hire'; readonly which: number }
  | { readonly do: 'dismiss'; readonly which: number }
  | { readonly do: 'close' }

const which = fc.nat(20)
const submit = fc.record(
  {
    do: fc.constant('submit' as const),
    needs: fc.constantFrom<Needs>({ tools: true }, { tools: true, vision: true }),
    priority: fc.constantFrom(...PRIORITIES),
    share: fc.constantFrom('a', 'b', 'c'),
    deadline: fc.integer({ min: 1, max: 5_000 }),
    timeout: fc.integer({ min: 1, max: 2_000 }),
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
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
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
  const hire = (id: string, kind: number): Worker => ({ id, slots: 1 + (kind % 2), ...KINDS[kind % KINDS.length]! })
  const workers = KINDS.map((_, at) => hire(`w${at}`, at))
  const pool = createPool({ id: 'text_step_pool', workers, queue: 12, clock, ageing: AGEING, ...options })
  const known: Known[] = []
  const turns = createTurns()
  let closed: Promise<boolean> | undefined
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
    expect(lacksOf(worker.offers, one.given.needs ?? {})).toEqual([])
    const post = pool.report().each.find(({ id }) => id === worker.id)!
    expect(post.running).toBeLessThanOrEqual(post.slots)
    if (!options.shareLimit) checkOrder(one)
    one.state = 'running'
    one.attempts = attempt
    const work = { ...Promise.withResolvers<number>(), kind: worker.kind }
    one.work.set(attempt, work)
    return work.promise
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
        return pool.addWorker(hire(`w${hired++}`, move.which))
      case 'dismiss':
        return withWorker(move.which, (id) => void pool.removeWorker(id))
      case 'close':
        closed ??= pool.close().then(() => true)
    }
  }

  /** It waits again where its worker is one that can die. */
  function mayReturn(one: Known, kind: WorkerKind): void {
    if (kind !== 'process' || one.attempts !== 1 || one.state !== 'running' || one.off.signal.aborted) return
    one.died = true
    one.state = 'waiting'
    one.came = turns.now()
  }

  function withWorker(at: number, act: (id: string) => void): void {
    const staying = pool.report().each.filter(({ leaving }) => !leaving)
    const found = staying[at % staying.length]
    if (found) act(found.id)
  }

  function checkRest(): void {
    if (broken !== undefined) throw broken
    const { each, queued, running } = pool.report()
    expect(queued).toBe(waiting().length)
    expect(running).toBe(each.reduce((sum, post) => sum + post.running, 0))
    expect(known.every(({ settled }) => settled <= 1)).toBe(true)
    if (options.shareLimit) return
    const offers = new Map(
      pool.report().each.map(({ id, kind }) => [id, KINDS.find((one) => one.kind === kind)!.offers]),
    )
    for (const { given } of waiting())
      for (const { id, running: busy, slots, leaving, breaker } of each)
        if (busy < slots && !leaving && breaker === 'closed')
          expect(lacksOf(offers.get(id)!, given.needs ?? {})).not.toEqual([])
  }

  for (const move of given) {
    await make(move)
    await clock.advance(0)
    checkRest()
  }
  closed ??= pool.close().then(() => true)
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
  expect(clock.next).toBeUndefined()
}

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
