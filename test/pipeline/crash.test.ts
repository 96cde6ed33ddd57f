import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { EffectClass } from '../../src/kernel/types.ts'
import { type Calls, gate, memoryValues, openWorkshop, tool } from './workshop.ts'

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
    const { disk, values } = await dieAt(1, 'at-most-once')
    const again: Calls = []
    const second = openWorkshop({
      disk,
      values,
      tools: [tool('work', ({ v }) => ({ v: v! }), 'at-most-once', again)],
    })
    await second.engine.start()
    const end = (await second.events('run_1')).at(-1) as unknown as { readonly [field: string]: Json }
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'unknown', name: 'UnknownError' } })
  })
})
