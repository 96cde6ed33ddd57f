import { expect, test } from 'vitest'
import { BusyError, TerminalError } from '../../../src/errors.ts'
import { type Calls, gate, openWorkshop, tool } from '../../pipeline/workshop.ts'

const FAN = `
name: fan
steps:
  - { id: first, tool: work, parameters: { v: 0 } }
  - { id: a, tool: work, parameters: { v: "{{ first.v + 1 }}" } }
  - { id: b, tool: work, parameters: { v: "{{ first.v + 2 }}" } }
  - { id: c, tool: work, parameters: { v: "{{ first.v + 3 }}" } }
  - { id: last, tool: work, parameters: { v: "{{ a.v + b.v + c.v }}" } }
outputs: { o: "{{ last.v }}" }`

/** What each step makes is read by all that come after it. */
const WIDE = `
name: wide
steps:
  - { id: first, tool: work, parameters: { v: 0 } }
  - id: all
    for_each: "{{ range(12) }}"
    max_parallel: 12
    dependencies: [first]
    steps:
      - { id: one, tool: work, parameters: { v: "{{ item }}" } }
      - { id: two, tool: work, parameters: { v: "{{ item }}", by: "{{ one.text | length }}" } }
      - { id: three, tool: work, parameters: { v: "{{ item }}", by: "{{ one.text | length + two.text | length }}" } }
      - { id: four, tool: work, parameters: { v: "{{ (one.text + two.text + three.text) | length }}" } }
outputs: { o: "{{ all | length }}" }`

type Act = Parameters<typeof tool>[1]

/** A workshop whose tool `work` has been seen to be quick, and what `act` does from then on. */
async function warmWorkshop(act: Act = ({ v }) => ({ v: v! })) {
  const calls: Calls = []
  let warm = false
  const work = tool('work', (input, context) => (warm ? act(input, context) : { v: input.v! }), 'idempotent', calls)
  const shop = openWorkshop({ tools: [work], calls, services: { elapsed: () => 0 } })
  await shop.start(FAN, {}, 'warm-up')
  const first = await shop.events('warm-up')
  warm = true
  calls.length = 0
  return { ...shop, first }
}

const turnsOf = (calls: Calls) => new Set(calls.map(({ key }) => key.split('/')[0])).size
const keysOf = (calls: Calls, value: number) =>
  calls.flatMap(({ input, key }) => ((input as { v: number }).v === value ? [key] : []))
const shapeOf = (events: readonly { readonly [field: string]: unknown }[]) =>
  events.map(({ type, step, status }) => ({ type, step, status }))

test('quick siblings are done in one turn, each under its own key; nobody sees a difference', async () => {
  const { start, events, calls, first } = await warmWorkshop()
  await start(FAN)
  const seen = await events('run_1')
  expect(shapeOf(seen)).toEqual(shapeOf(first))
  expect(seen.at(-1)).toMatchObject({ status: 'completed', done: 5, outputs: { inline: { o: 6 } } })
  expect(turnsOf(calls)).toBe(3)
  expect(new Set(calls.map(({ key }) => key)).size).toBe(5)
})

test('a sibling whose tool is not known has a turn of its own', async () => {
  const { start, events, calls } = await warmWorkshop()
  await start(FAN.replace('b, tool: work', 'b, tool: say'))
  expect((await events('run_1')).at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: 6 } } })
  expect(turnsOf(calls)).toBe(3)
  expect(calls.map(({ tool: name }) => name)).toEqual(['work', 'work', 'work', 'say', 'work'])
})

test('a sibling that is to be tried again is, under the same key, and the others are not', async () => {
  let failures = 0
  const { start, events, calls } = await warmWorkshop(({ v }) => {
    if (v === 2 && failures++ === 0) throw new Error('once')
    return { v: v! }
  })
  await start(FAN)
  const seen = await events('run_1')
  expect(seen.at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: 6 } } })
  expect(seen.find(({ type, step }) => type === 'step-end' && step === 'b')).toMatchObject({ attempts: 2 })
  expect(calls).toHaveLength(6)
  expect(new Set(keysOf(calls, 2)).size).toBe(1)
})

test('a sibling that fails ends the run when all of them have ended', async () => {
  const { start, events, calls } = await warmWorkshop(({ v }) =>
    v === 2 ? { success: false, error: 'no' } : { v: v! },
  )
  await start(FAN)
  expect((await events('run_1')).at(-1)).toMatchObject({ status: 'failed', done: 3, failed: 1, skipped: 1 })
  expect(calls).toHaveLength(4)
})

test('a cancel cancels all of them', async () => {
  const held = gate()
  const told = Promise.withResolvers<void>()
  const { start, events, engine } = await warmWorkshop(async ({ v }, { signal }) => {
    signal.addEventListener('abort', () => told.resolve())
    if (v === 2) await held.arrive()
    return { v: v! }
  })
  await start(FAN)
  await held.reached
  await engine.cancel({ kind: 'run', key: 'run_1' }, 'run_1', 'enough')
  await told.promise
  held.release()
  expect((await events('run_1')).at(-1)).toMatchObject({ status: 'cancelled', done: 1 })
})

test('a turn that tells nothing of them fails them all', async () => {
  const held = gate()
  const { start, events, engine } = await warmWorkshop(async ({ v }) => {
    if (v === 2) await held.arrive()
    return { v: v! }
  })
  await start(FAN)
  await held.reached
  await engine.cancel({ kind: 'step', key: 'run_1.a' }, 'run_1', 'by hand')
  held.release()
  expect((await events('run_1')).at(-1)).toMatchObject({ status: 'failed', done: 1, failed: 3, skipped: 1 })
})

test.each(['busy', 'queue_full', 'workers_unhealthy'])(
  'a sibling that a pool sent away (%s) is not taken for one that was tried',
  async (code) => {
    let refusals = 0
    const { start, events, calls } = await warmWorkshop(({ v }) => {
      if (v === 2 && refusals++ === 0) throw new BusyError('full', { code, delay: 1 })
      return { v: v! }
    })
    await start(FAN)
    const seen = await events('run_1')
    expect(seen.at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: 6 } } })
    expect(seen.find(({ type, step }) => type === 'step-end' && step === 'b')).toMatchObject({ attempts: 1 })
    expect(new Set(keysOf(calls, 2)).size).toBe(1)
  },
)

test('the steps of a group may have long inputs and results', async () => {
  const text = 'x'.repeat(6000)
  const { run, calls } = await warmWorkshop(({ v }) => ({ v: v!, text }))
  expect(await run(WIDE)).toMatchObject({ status: 'completed', outputs: { o: 12 } })
  expect(calls.filter(({ input }) => (input as { v: number }).v === 3 * text.length)).toHaveLength(12)
  expect(turnsOf(calls)).toBeLessThan(calls.length / 4)
})

test('a group that fails at length fails each of its steps for its own reason', async () => {
  const { run } = await warmWorkshop(({ v }) => {
    throw new TerminalError(`${v} ${'"'.repeat(8000)}`, { hint: '"'.repeat(8000) })
  })
  const steps = Array.from({ length: 10 }, (_, n) => `  - { id: s${n}, tool: work, parameters: { v: ${n} } }`)
  const ended = await run(['name: long', 'steps:', ...steps].join('\n'))
  expect(ended).toMatchObject({ status: 'failed', failed: 10 })
  for (const n of steps.keys())
    expect(ended.steps[`s${n}`]).toMatchObject({ problem: { message: expect.stringMatching(`^${n} `) } })
})
