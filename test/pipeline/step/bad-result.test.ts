import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { outcomesOf } from '../../../src/calls/outcomes.ts'
import { RetryableError } from '../../../src/errors.ts'
import type { Json, Schema } from '../../../src/kernel/schema.ts'
import type { EffectClass } from '../../../src/kernel/types.ts'
import { guardTool } from '../../../src/tool/plugin/guard.ts'
import { defineTool, type Tool } from '../../../src/tool/tool.ts'
import { readRun } from '../read-run.ts'
import { memoryValues, openWorkshop } from '../workshop.ts'

/** A tool of a program that orders, and says what `give` says. */
function ordering(give: () => unknown, effect: EffectClass = 'idempotent') {
  const log: string[] = []
  const order = guardTool(
    defineTool({
      ...{ name: 'order', description: 'Orders', effect },
      input: z.object({ item: z.string() }),
      output: z.object({ id: z.number() }) as unknown as Schema<Json>,
      prepare: () => 'before',
      execute({ item }) {
        log.push(`do ${item}`)
        return give() as Json
      },
      undo({ input, output, memo }) {
        log.push(`undo ${JSON.stringify([input, output, memo])}`)
      },
    }) as Tool,
  )
  return { log, order }
}

const WRONG = () => ({ id: 'seven' })
const ORDER = 'id: ordered, tool: order, parameters: { item: lamp }'
const problem = {
  code: 'bad_result',
  message: 'The call of order was made; its result does not fit at `id`: expected a number, got a string.',
}

describe('a call whose result does not fit', () => {
  it.each<EffectClass>(['pure', 'idempotent', 'at-most-once'])(
    'is made once, whatever `retry` says (%s)',
    async (of) => {
      const { log, order } = ordering(WRONG, of)
      const { run } = openWorkshop({ tools: [order] })
      const { steps, ...ended } = await run(`name: x\nsteps: [{ ${ORDER}, retry: 3 }]`)
      expect(ended).toMatchObject({ status: 'failed', problem })
      expect(log).toEqual(['do lamp'])
    },
  )

  it.each([
    ['error_codes: [bad_result]'],
    ['error_codes: [invalid_tool_output]'],
    ['error_types: [ToolError]'],
    ['error_types: [InvalidError]'],
  ])('has the handlers that name it, and none of them repeats it (%s)', async (named) => {
    const { log, order } = ordering(WRONG)
    const { run, engine, values, calls } = openWorkshop({ tools: [order] })
    const { id } = await run(`name: x
steps:
  - { ${ORDER}, on_error: { handler_task_id: mend, max_handler_retries: 3, ${named} } }
  - { id: mend, tool: say, parameters: { why: "{{ error.error_code }}" } }`)
    const { steps, success } = await readRun(engine.view, values, id)
    expect(success).toBe(true)
    expect(steps.ordered).toMatchObject({ status: 'failed', handled: 'mend', retries: 0 })
    expect(calls).toMatchObject([{ tool: 'say', input: { why: 'bad_result' } }])
    expect(log).toEqual(['do lamp'])
  })

  it('counts as made when a fallback has replaced it, and its undo says what it lacks', async () => {
    const { log, order } = ordering(WRONG)
    const { run, engine, values } = openWorkshop({ tools: [order] })
    const { id } = await run(`name: x
on_failure: undo
steps:
  - { ${ORDER}, fallback: [say] }
  - { id: say, tool: say }
  - { id: bad, tool: fail, dependencies: [ordered] }`)
    const { steps } = await readRun(engine.view, values, id)
    expect(steps.ordered).toMatchObject({ undone: false, undo_error: 'The call of ordered is no longer known.' })
    expect(log).toEqual(['do lamp'])
  })

  it('keeps what it gave, and is undone with it', async () => {
    const { log, order } = ordering(WRONG)
    const values = memoryValues()
    const { run, engine } = openWorkshop({ tools: [order], values })
    const { id } = await run(`name: x\non_failure: undo\nsteps: [{ ${ORDER} }]`)
    expect(log).toEqual(['do lamp', 'undo [{"item":"lamp"},{"id":"seven"},"before"]'])
    const { steps } = await readRun(engine.view, values, id)
    expect(steps.ordered).toMatchObject({ status: 'failed', value: { result: { id: 'seven' } }, undone: true })
  })

  it.each([
    ['nested too deeply', () => Array.from({ length: 210 }).reduce((inside) => [inside], 1), /more than 200 levels/],
    ['lost', () => new Map(), /expected JSON, got a Map/],
    ['too large to be stored', () => ({ id: 1, more: 'x' }), /a value is larger/],
  ])('is no failure for a model, also if it is %s', async (what, give, message) => {
    const { log, order } = ordering(give)
    const stored = memoryValues()
    const full = () => Promise.reject(Object.assign(new RetryableError('a value is larger'), { terminal: true }))
    const values = {
      ...stored,
      put: (value: Json) => (JSON.stringify(value).includes('"more"') ? full() : stored.put(value)),
    }
    const services = { values }
    const workshop = openWorkshop({ tools: [order], values, services })
    const big = what === 'too large to be stored' ? 'x'.repeat(100_000) : 'lamp'
    const { id } = await workshop.run(
      `name: x\nsteps: [{ id: call_1, tool: order, parameters: { item: ${big} }, retry: 3 }]`,
    )
    expect(log).toHaveLength(1)
    const { calls } = await outcomesOf({ values, readParts: workshop.engine.view.parts }, id)
    expect(calls.call_1).toMatchObject({ status: 'made', text: expect.stringMatching(message) })
    expect(calls.call_1!.text).toContain('was made; its result does not fit')
  })
})
