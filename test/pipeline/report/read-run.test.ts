import { describe, expect, test } from 'vitest'
import type { RunDocument } from '../../../src/run/document.ts'
import { readRun } from '../read-run.ts'
import { gate, openWorkshop, tool } from '../workshop.ts'

const text = `
name: shown
steps:
  - { id: z, tool: say, parameters: { v: 1 } }
  - id: each
    for_each: [1, 2]
    steps: [{ id: b, tool: say, parameters: { n: "{{ item }}" } }, { id: a, tool: say, depends_on: b }]
  - { id: no, tool: say, if: "false" }
outputs: { o: "{{ z.v }}" }`

const statusesIn = ({ steps }: RunDocument) => Object.values(steps).map(({ status }) => status)

describe('a run as a document', () => {
  test('shows its steps in the order of the pipeline, a loop before its iterations', async () => {
    const { run, engine, values } = openWorkshop()
    const { id } = await run(text)
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({
      id,
      execution_id: id,
      pipeline_id: 'shown',
      name: 'shown',
      status: 'completed',
      outputs: { o: 1 },
      counts: { done: 6, failed: 0, skipped: 1 },
    })
    expect(document.duration).toBe((Date.parse(document.completed_at!) - Date.parse(document.started_at)) / 1000)
    expect(Object.keys(document.steps)).toEqual(['z', 'each', 'each_0_b', 'each_0_a', 'each_1_b', 'each_1_a', 'no'])
    expect(document.steps.no).toMatchObject({ id: 'no', status: 'skipped', skip_reason: 'condition_false' })
  })

  test('shows running and waiting steps during the run', async () => {
    const held = gate()
    const { start, engine, values } = openWorkshop({ tools: [tool('hold', () => held.arrive().then(() => 1))] })
    const id = await start('name: x\nsteps: [{ id: a, tool: hold }, { id: b, tool: say, depends_on: a }]')
    await held.reached
    const { status, steps } = await readRun(engine.view, values, id)
    const [a, b] = [steps.a!, steps.b!].map(({ status, success, value }) => [status, success, value])
    expect({ status, a, b }).toEqual({ status: 'running', a: ['running', null, null], b: ['queued', null, null] })
    held.release()
  })

  test('shows the problem of one that failed, and what it did not come to', async () => {
    const { run, engine, values } = openWorkshop()
    const { id } = await run('name: x\nsteps: [{ id: a, tool: fail }, { id: b, tool: say, depends_on: a }]')
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({
      status: 'failed',
      ...{ error_type: 'ToolError', error_code: 'tool_error', failed_step: 'a' },
      counts: { failed: 1, skipped: 1 },
    })
    expect(statusesIn(document)).toEqual(['failed', 'skipped'])
  })

  test('distinguishes cancelled steps from those that never began', async () => {
    const held = gate()
    const { start, events, engine, values } = openWorkshop({ tools: [tool('hold', () => held.arrive().then(() => 1))] })
    const id = await start('name: x\nsteps: [{ id: a, tool: hold }, { id: b, tool: say, depends_on: a }]')
    await held.reached
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    await events(id)
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({
      status: 'cancelled',
      success: false,
      error: 'enough',
      error_type: 'CancelledError',
    })
    expect(statusesIn(document)).toEqual(['cancelled', 'skipped'])
    held.release()
  })

  test('is not found when there is none', async () => {
    const { engine, values } = openWorkshop()
    await expect(readRun(engine.view, values, 'nope')).rejects.toMatchObject({ code: 'not_found' })
  })
})
