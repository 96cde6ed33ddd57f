import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { TerminalError } from '../../src/errors.ts'
import { readRun } from './read-run.ts'
import { gate, memoryValues, openWorkshop, tool } from './workshop.ts'

const FAILS = 'tool: work, parameters: { fails: true }'
/** Every way on from a failure, at the top and in the body of a loop. */
const TEXT = `
name: failing
steps:
  - { id: handled, ${FAILS}, on_error: [{ handler_task_id: broken }, { handler_task_id: mend, fallback_value: mended }] }
  - { id: broken, ${FAILS} }
  - { id: mend, tool: work }
  - { id: replaced, ${FAILS}, fallback: [first, second], dependencies: [handled] }
  - { id: first, ${FAILS} }
  - { id: second, tool: work }
  - { id: led, ${FAILS}, on_failure: detour, dependencies: [replaced] }
  - { id: over, tool: work, dependencies: [led] }
  - { id: detour, tool: work, parameters: { of: "{{ error.failed_task_id }}" } }
  - id: each
    for_each: [1, 2]
    dependencies: [detour]
    steps:
      - { id: cut, ${FAILS}, on_failure: skip }
      - { id: late, tool: work, dependencies: [cut] }
      - { id: jump, tool: work, goto: land }
      - { id: between, tool: work }
      - { id: land, tool: work, dependencies: [between] }
  - { id: fatal, ${FAILS}, dependencies: [each] }
  - { id: rest, tool: work, dependencies: [fatal] }`

type World = { readonly disk: ReturnType<typeof inlineDisk>; readonly values: ReturnType<typeof memoryValues> }
const newWorld = (): World => ({ disk: inlineDisk(), values: memoryValues() })

/** A process; `dies`: at which call it stops dead. What ended, and what began, by key. */
function openProcess({ disk, values }: World, dies = Number.POSITIVE_INFINITY) {
  const begun: string[] = []
  const ended: string[] = []
  const death = gate()
  const work = tool('work', async ({ fails = false }, { idempotencyKey }) => {
    begun.push(idempotencyKey)
    if (begun.length > dies) await death.arrive()
    ended.push(idempotencyKey)
    if (fails) throw new TerminalError('no luck', { code: 'tool_error' })
    return { fine: true }
  })
  return { ...openWorkshop({ disk, values, tools: [work], seed: 7 }), begun, ended, death }
}

async function shapeOf({ engine, values }: ReturnType<typeof openProcess>) {
  const { steps, status, success, counts } = await readRun(engine.view, values, 'run_1')
  const ends = Object.values(steps).map(({ id, status, skip_reason: reason, handled, degraded }) => ({
    ...{ id, status, reason, handled, degraded },
  }))
  return { ends, status, success, counts }
}

describe('a process that dies at any call of a run in which nearly everything fails', () => {
  test('the next goes on to the same end, and nothing that ended is done again', async () => {
    const undisturbed = openProcess(newWorld())
    await undisturbed.start(TEXT)
    await undisturbed.events('run_1')
    const shape = await shapeOf(undisturbed)
    expect(shape).toMatchObject({ status: 'failed', success: false })
    const calls = undisturbed.ended.length
    expect(calls).toBe(16)

    for (let at = 0; at < calls; at++) {
      const world = newWorld()
      const first = openProcess(world, at)
      await first.start(TEXT)
      await first.death.reached
      // what ended before is committed; whatever comes after hangs as well
      await new Promise((resolve) => setTimeout(resolve, 3))
      const before = [...first.ended]
      const second = openProcess(world)
      await second.engine.start()
      await second.events('run_1')
      expect(await shapeOf(second), `killed at call ${at}`).toEqual(shape)
      expect(second.begun.filter((key) => before.includes(key))).toEqual([])
      expect(new Set([...before, ...second.ended]).size).toBe(calls)
    }
  })
})
