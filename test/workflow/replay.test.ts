import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { WorkflowExecution } from '../../src/workflow/replay/execution.ts'
import type { TurnRecord } from '../../src/workflow/replay/history.ts'
import type { Outcome } from '../../src/workflow/replay/operation.ts'
import { randomOf } from './random-plan.ts'

/** How many random workflows are tried. */
const SEEDS = Number(process.env.ANTIPHON_FUZZ ?? 300)

type Random = () => number

type Wait = (name: string) => Promise<unknown>
type Plan =
  | { readonly type: 'wait'; readonly name: string }
  | { readonly type: 'all' | 'race' | 'any' | 'settled' | 'row'; readonly of: readonly Plan[] }
  | { readonly type: 'loop' | 'stream' | 'abort'; readonly times: number; readonly of: Plan }

const LIST_TYPES = ['all', 'race', 'any', 'settled', 'row'] as const
const LOOP_TYPES = ['loop', 'stream', 'abort'] as const

function planOf(random: Random, depth: number): Plan {
  const pick = Math.floor(random() * 10)
  if (depth === 0 || pick < 2) return { type: 'wait', name: `w${Math.floor(random() * 3)}` }
  const below = () => planOf(random, depth - 1)
  if (pick < 7) {
    const of = Array.from({ length: 1 + Math.floor(random() * 3) }, below)
    return { type: LIST_TYPES[pick % LIST_TYPES.length]!, of }
  }
  return { type: LOOP_TYPES[pick - 7]!, times: 1 + Math.floor(random() * 3), of: below() }
}

async function carryOut(plan: Plan, wait: Wait): Promise<unknown> {
  const each = (of: readonly Plan[]) => of.map((one) => carryOut(one, wait))
  switch (plan.type) {
    case 'wait':
      return wait(plan.name)
    case 'all':
      return Promise.all(each(plan.of))
    case 'race':
      return Promise.race(each(plan.of))
    case 'any':
      return Promise.any(each(plan.of))
    case 'settled':
      return Promise.allSettled(each(plan.of)).then((all) => all.map(({ status }) => status))
    case 'row': {
      const found: unknown[] = []
      for (const one of plan.of) found.push(await carryOut(one, wait).catch(() => 'caught'))
      return found
    }
    case 'loop': {
      const found: unknown[] = []
      for (let n = 0; n < plan.times; n++) found.push(await carryOut(plan.of, wait))
      return found
    }
    case 'stream': {
      const found: unknown[] = []
      for await (const one of streamOf(plan.times, () => carryOut(plan.of, wait))) found.push(one)
      return found
    }
    case 'abort':
      return abortable(plan, wait)
  }
}

/** Items that pass through two web streams. */
function streamOf(times: number, make: () => Promise<unknown>): AsyncIterable<unknown> {
  let left = times
  const source = new ReadableStream<unknown>({
    async pull(controller) {
      if (left-- <= 0) return controller.close()
      controller.enqueue(await make())
    },
  })
  return source.pipeThrough(new TransformStream()) as unknown as AsyncIterable<unknown>
}

/** The first of two signals decides. */
async function abortable({ of }: { readonly of: Plan }, wait: Wait): Promise<unknown> {
  const [one, two] = [new AbortController(), new AbortController()]
  const signal = AbortSignal.any([one.signal, two.signal])
  const aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
  const work = carryOut(of, wait).then(
    () => one.abort('work'),
    () => one.abort('failed'),
  )
  void wait('limit').then(
    () => two.abort('limit'),
    () => two.abort('no limit'),
  )
  const reason = await aborted
  return [reason, await Promise.race([work.then(() => 'done'), wait('after')])]
}

/** Runs a plan with random outcomes. After each turn a cold replay must have the same operations and the same end. */
async function liveAndReplay(seed: number): Promise<void> {
  const random = randomOf(seed)
  const plan = planOf(random, 3)
  const runIn = (execution: WorkflowExecution) => () =>
    carryOut(plan, (name) => execution.begun('step', name, { type: 'timer', delay: 0 }))
  const live = new WorkflowExecution('live')
  const outcomes = new Map<number, Outcome>()
  const turns: TurnRecord[] = []
  const record = (ended: readonly number[], from: number) =>
    turns.push({
      now: turns.length,
      outcomes: ended,
      operations: live.operations.slice(from).map(({ type, id }) => [type, id] as const),
    })
  await live.begin(runIn(live))
  record([], 0)
  for (let n = 0; n < 60 && live.end.type === 'waits' && live.open.length > 0; n++) {
    const from = live.operations.length
    const ended = live.open.filter(() => random() < 0.5).sort(() => random() - 0.5)
    for (const number of ended) {
      if (live.end.type !== 'waits') break
      const outcome: Outcome =
        random() < 0.2 ? { number, error: new Error(`e${number}`) } : { number, value: { number } }
      outcomes.set(number, outcome)
      await live.settle(outcome)
    }
    record(ended, from)
    const cold = new WorkflowExecution('cold')
    await cold.replay(turns, runIn(cold), (number) => outcomes.get(number)!)
    const about = `seed ${seed}, turn ${n}`
    expect(idsOf(cold), about).toEqual(idsOf(live))
    expect(cold.open, about).toEqual(live.open)
    expect(String(JSON.stringify(cold.end)), about).toBe(JSON.stringify(live.end))
  }
}

const idsOf = ({ operations }: WorkflowExecution) => operations.map(({ id }) => id)

test(`each replay of ${SEEDS} random workflows begins the same operations and ends the same way`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await liveAndReplay(seed)
}, 600_000)

const twoWaits = (execution: WorkflowExecution, names: readonly string[]) => async () => {
  for (const name of names) await execution.begun('step', name, { type: 'timer', delay: 0 })
  return 'end'
}
const TWO: readonly TurnRecord[] = [
  { now: 0, outcomes: [], operations: [['step', 'a', 'old.ts:1']] },
  { now: 1, outcomes: [0], operations: [['step', 'b', 'old.ts:2']] },
]

test('a changed workflow stops with both places before anything else happens', async () => {
  const replayOf = async (names: readonly string[]) => {
    const execution = new WorkflowExecution('order')
    await execution.replay(TWO, twoWaits(execution, names), (number) => ({ number, value: 1 }))
    return execution.end.type === 'stopped' ? execution.end.stop : execution.end
  }
  expect(await replayOf(['a', 'c'])).toMatchObject({
    reason: 'diverged',
    message: expect.stringMatching(
      /^The workflow order has changed: the run began step `b` at old\.ts:2, and the code now begins step `c` at replay\.test\.ts:\d+\.$/,
    ),
  })
  expect(await replayOf(['b'])).toMatchObject({ reason: 'diverged' })
  expect(await replayOf(['a'])).toMatchObject({ message: expect.stringContaining('the code now returns before it.') })
  expect(await replayOf(['a', 'b', 'c'])).toEqual({ type: 'waits' })
})

test('a wait that no operation brings stops the workflow, at once or when it ends', async () => {
  let told = 0
  const timer = new WorkflowExecution('timer', () => told++)
  await timer.begin(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    await timer.begun('step', 'late', { type: 'timer', delay: 0 })
  })
  timer.stopIfIdle()
  expect(timer.end).toMatchObject({ type: 'stopped', stop: { reason: 'foreign-wait' } })
  const raced = new WorkflowExecution('raced', () => told++)
  await raced.begin(async () => {
    const pause = new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.race([pause, raced.begun('step', 'long', { type: 'timer', delay: 0 })])
    await raced.begun('step', 'next', { type: 'timer', delay: 0 })
  })
  raced.stopIfIdle()
  expect(raced.end).toEqual({ type: 'waits' })
  await expect.poll(() => raced.end.type).toBe('stopped')
  expect(raced.end).toMatchObject({ stop: { message: expect.stringMatching(/before replay\.test\.ts:\d+\.$/) } })
  expect(told).toBe(1)
})

// a process of its own: the runner listens for rejections that nobody awaits
test('a rejection that nobody awaits yet ends neither the process nor the run', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'two-branches.ts')])
  expect(JSON.parse(stdout)).toEqual(['waits', 'failed', 'right first'])
})

test('a mark is true where it is new, and false in a history that passed it', async () => {
  const code = (execution: WorkflowExecution) => async () => {
    await execution.begun('step', 'a', { type: 'timer', delay: 0 })
    const isNew = execution.patched('x')
    await execution.begun('step', 'b', { type: 'timer', delay: 0 })
    return isNew
  }
  const old = new WorkflowExecution('old')
  await old.replay(TWO, code(old), (number) => ({ number, value: 1 }))
  await old.settle({ number: 1, value: 1 })
  expect(old.end).toEqual({ type: 'done', value: false })
  const young = new WorkflowExecution('young')
  await young.begin(code(young))
  await young.settle({ number: 0, value: 1 })
  await young.settle({ number: 2, value: 1 })
  expect(young.end).toEqual({ type: 'done', value: true })
})
