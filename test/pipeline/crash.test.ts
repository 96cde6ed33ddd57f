import { describe, expect, test } from 'vitest'
import type { CallsStart } from '../../src/calls/messages.ts'
import { callsMessage } from '../../src/calls/room/open-port.ts'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { RetryableError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { EffectClass } from '../../src/kernel/types.ts'
import type { ModelReply } from '../../src/model/request/request.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { type Calls, type Fact, gate, memoryValues, openWorkshop, tool } from './workshop.ts'

const TEXT = `
name: crashing
steps:
  - { id: list, tool: work, parameters: { v: [1, 2, 3] } }
  - id: each
    for_each: "{{ list.v }}"
    max_parallel: 2
    steps:
      - { id: one, tool: work, parameters: { v: "{{ item * 10 }}" } }
      - { id: two, tool: work, parameters: { v: "{{ one.v + 1 }}" } }
  - { id: side, tool: work, parameters: { v: "s" } }
  - { id: last, tool: work, parameters: { v: "{{ each.results[2].two.result.v }}{{ side.v }}" } }
outputs: { o: "{{ last.v }}" }`
const STEPS = 9

/** A process that stops dead at its call number `at`, leaving that call under way for ever. */
async function dieAt(at: number, effect: EffectClass = 'idempotent') {
  const disk = inlineDisk()
  const values = memoryValues()
  const calls: Calls = []
  const finished: string[] = []
  const death = gate()
  let dead = false
  const work = tool(
    'work',
    async ({ v }, { idempotencyKey }) => {
      if (dead || calls.length === at) {
        dead = true
        await death.arrive()
      }
      finished.push(idempotencyKey)
      return { v: v! }
    },
    effect,
    calls,
  )
  const first = openWorkshop({ disk, values, tools: [work], seed: at })
  await first.start(TEXT)
  await death.reached
  // what ended before is committed; whatever comes after hangs as well
  await new Promise((resolve) => setTimeout(resolve, 5))
  const left = calls.length
  return { disk, values, calls, finished, left }
}

describe('a process that dies between any two steps', () => {
  test.each(Array.from({ length: STEPS }, (_, n) => n + 1))(
    'at call %i: the next goes on, and what was finished never runs twice',
    async (at) => {
      const { disk, values, calls, finished, left } = await dieAt(at)
      const done = new Set(finished)
      const again: Calls = []
      const second = openWorkshop({
        disk,
        values,
        tools: [tool('work', ({ v }) => ({ v: v! }), 'idempotent', again)],
        seed: at,
      })
      await second.engine.start()
      const end = (await second.events('run_1')).at(-1)
      expect(end).toMatchObject({ status: 'completed', done: STEPS + 1, outputs: { inline: { o: '31s' } } })
      const repeated = again.filter(({ key }) => calls.slice(0, left).some((call) => call.key === key))
      expect(repeated.every(({ key }) => !done.has(key))).toBe(true)
      expect(new Set([...finished, ...again.map(({ key }) => key)]).size).toBe(STEPS)
      expect(finished.length + again.length).toBe(STEPS)
    },
  )

  test('an interrupted at-most-once step is not repeated: it is unknown what became of it', async () => {
    const { disk, values, calls } = await dieAt(1, 'at-most-once')
    const again: Calls = []
    const second = openWorkshop({
      disk,
      values,
      tools: [tool('work', ({ v }) => ({ v: v! }), 'at-most-once', again)],
    })
    await second.engine.start()
    const seen = async () => JSON.stringify(await second.engine.view.peek({ kind: 'step', key: 'run_1.side' }))
    await until(async () => String(await seen()).includes('whether it took place is not known.'))
    expect(again.filter(({ key }) => key === calls[1]!.key)).toEqual([])
  })
})

test('a call that must not be repeated writes nothing while it waits in the queue, and a kill leaves no doubt', async () => {
  const [disk, values, calls, clock] = [inlineDisk(), memoryValues(), [] as Calls, simulatedClock()]
  const text = 'name: x\nsteps:\n  - { id: a, tool: pay }\n  - { id: b, tool: pay }\n'
  const hangs = tool('pay', () => new Promise<never>(() => {}), 'at-most-once', calls)
  const first = openWorkshop({ disk, values, tools: [hangs], clock, workers: 1 })
  await first.start(text)
  await until(async () => {
    await clock.advance(10_000)
    return calls.length === 1
  })
  for (let minute = 0; minute < 10; minute++) await clock.advance(60_000)
  // the mark of the step that has its place
  expect([...disk.outcomes.values()].flatMap((outcomes) => [...outcomes.keys()])).toEqual(['execute#begin'])
  const again: Calls = []
  const second = openWorkshop({ disk, values, tools: [tool('pay', () => 'paid', 'at-most-once', again)], workers: 1 })
  await second.engine.start()
  const step = (id: string) => second.engine.view.peek({ kind: 'step', key: `run_1.${id}` })
  await until(async () => String(JSON.stringify(await step('a'))).includes('whether it took place is not known.'))
  await until(() => again.length === 1)
  expect(await step('b')).toBeUndefined()
})

describe('a process that dies during each attempt of a step', () => {
  const steps = (...all: string[]) => `name: x\nsteps:\n${all.map((step) => `  - { ${step} }\n`).join('')}`
  const step = (more: string) => steps(`id: a, tool: hang${more}`)
  const STUCK = () => new Promise<never>(() => {})

  /** Lets one process after the other die during a call of a tool or a model; `stop`: it ends in order. Then one lives. */
  async function dieOften(
    text: string | CallsStart,
    lives: number,
    { stop = false, last = (): string => 'done' } = {},
  ) {
    const [disk, values, calls] = [inlineDisk(), memoryValues(), [] as Calls]
    const open = (act: () => Promise<never> | string) => {
      const generate = async () => {
        calls.push({ tool: 'model', input: null, key: 'model' })
        return { model: 'test/m', text: await act(), usage: { input: 1, output: 1 } } as ModelReply
      }
      const clock = simulatedClock()
      const tools = [tool('hang', act, 'idempotent', calls)]
      return { clock, ...openWorkshop({ disk, values, tools, clock, generate, workers: 1 }) }
    }
    for (let life = 1; life <= lives; life++) {
      const { engine, start, clock } = open(STUCK)
      if (life > 1) await engine.start()
      else if (typeof text === 'string') await start(text)
      else
        await engine.tell({ kind: 'run', key: 'run_1' }, text as unknown as Json, {
          id: 'run_1',
          correlationId: 'run_1',
        })
      // a message that has killed processes is tried alone
      await until(async () => {
        await clock.advance(10_000)
        return calls.length === life
      })
      if (!stop) continue
      const stopped = engine.stop({ grace: 0 })
      await clock.advance(0)
      await stopped
    }
    const { engine, events, clock } = open(last)
    await engine.start()
    const facts: Fact[] = []
    void events('run_1').then((all) => facts.push(...all))
    await until(async () => {
      await clock.advance(400_000)
      return facts.length > 0
    })
    const ends = facts.filter(({ type }) => type === 'step-end')
    return { end: ends[0], last: ends.at(-1), calls: calls.length, keys: new Set(calls.map(({ key }) => key)).size }
  }

  test.each([
    [', retry: 2', 3],
    [', retry: 1', 2],
    [', retry: 0', 1],
    [', max_retries: 2', 2],
    [', on_failure: retry', 3],
  ])('with `%s`, it is made %i times, and then it fails', async (more, times) => {
    const { end, calls, keys } = await dieOften(step(more), times)
    const message = `its process ended during attempt ${times} of ${times}; ${times === 1 ? 'a kill cut off 1 attempt' : `kills cut off ${times} attempts`}`
    expect(end).toMatchObject({ status: 'failed', attempts: times, problem: { code: 'cut_off', message } })
    expect([calls, keys]).toEqual([times, 1])
  })

  test('a model and a call outside a pipeline are counted in the same way', async () => {
    const asked = await dieOften(steps('id: a, action: generate, parameters: { prompt: p }, retry: 1'), 2)
    const called = await dieOften(callsMessage([{ tool: 'hang', retry: 1 }], {}, 'none'), 2)
    for (const { end, calls } of [asked, called]) {
      expect(end).toMatchObject({ status: 'failed', attempts: 2, problem: { code: 'cut_off' } })
      expect(calls).toBe(2)
    }
  })

  test('with attempts left, it goes on, and says how many a kill cut off', async () => {
    const { end } = await dieOften(step(', retry: 2'), 2)
    expect(end).toMatchObject({ status: 'completed', attempts: 3, warnings: ['kills cut off 2 attempts'] })
  })

  test('this is not forgotten during a pause that outlasts the turn', async () => {
    const failures = [new RetryableError('not yet')]
    const last = () => {
      for (const failure of failures.splice(0)) throw failure
      return 'done'
    }
    const { end } = await dieOften(step(', retry: 3, retry_config: { initial_delay: 300 }'), 2, { last })
    expect(end).toMatchObject({ status: 'completed', attempts: 4, warnings: ['kills cut off 2 attempts'] })
  })

  test('steps that start together count as well', async () => {
    const { last, calls } = await dieOften(steps('id: a, tool: say', 'id: b, tool: hang, retry: 1'), 2)
    expect(last).toMatchObject({ step: 'b', status: 'failed', problem: { code: 'cut_off' } })
    expect(calls).toBe(2)
  })

  test('a step that waits in the queue has not begun', async () => {
    const { last, calls } = await dieOften(steps('id: a, tool: hang', 'id: b, tool: hang, retry: 0'), 3)
    expect(last).toMatchObject({ step: 'b', status: 'completed', attempts: 1 })
    expect(calls).toBe(5)
  })

  test('another step can stand in for it', async () => {
    const spare = 'id: b, tool: say, parameters: { v: 1 }'
    const { end } = await dieOften(steps('id: a, tool: hang, retry: 0, fallback: [b]', spare), 1)
    expect(end).toMatchObject({ step: 'a', status: 'completed', degraded: true, problem: { code: 'cut_off' } })
  })

  test('without a number of attempts, it is repeated until it ends', async () => {
    const { end, calls } = await dieOften(step(''), 4)
    expect(end).toMatchObject({ status: 'completed', attempts: 1 })
    expect([end!.warnings, calls]).toEqual([undefined, 5])
  })

  test('an attempt that a normal stop of the process ends does not count', async () => {
    const { end, calls } = await dieOften(step(', retry: 1'), 4, { stop: true })
    expect(end).toMatchObject({ status: 'completed', attempts: 1 })
    expect([end!.warnings, calls]).toEqual([undefined, 5])
  })
})
