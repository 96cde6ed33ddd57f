import { describe, expect, test } from 'vitest'
import { readRun } from '../../src/pipeline/read.ts'
import { gate, openWorkshop, tool } from './workshop.ts'

const text = `
name: shown
steps:
  - { id: z, tool: say, parameters: { v: 1 } }
  - id: each
    for_each: [1, 2]
    steps: [{ id: b, tool: say, parameters: { n: "{{ item }}" } }, { id: a, tool: say, depends_on: b }]
  - { id: no, tool: say, if: "false" }
outputs: { o: "{{ z.v }}" }`

describe('a run as a document', () => {
  test('shows its steps in the order of the pipeline, a loop before its iterations', async () => {
    const { run, engine, values } = openWorkshop()
    const { id } = await run(text)
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({
      id,
      name: 'shown',
      status: 'completed',
      outputs: { o: 1 },
      done: 6,
      failed: 0,
      skipped: 1,
    })
    expect(document.finishedAt).toBeGreaterThanOrEqual(document.startedAt)
    expect(document.steps.map((step) => step.id)).toEqual([
      'z',
      'each',
      'each_0_b',
      'each_0_a',
      'each_1_b',
      'each_1_a',
      'no',
    ])
    expect(document.steps[0]).toEqual({
      id: 'z',
      status: 'completed',
      attempts: 1,
      ms: expect.any(Number),
      key: expect.any(String),
      result: { v: 1 },
    })
    expect(document.steps.at(-1)).toMatchObject({ id: 'no', status: 'skipped', reason: 'condition_false' })
  })

  test('shows what runs and what waits while it is under way', async () => {
    const held = gate()
    const { start, engine, values } = openWorkshop({ tools: [tool('hold', () => held.arrive().then(() => 1))] })
    const id = await start('name: x\nsteps: [{ id: a, tool: hold }, { id: b, tool: say, depends_on: a }]')
    await held.reached
    const { status, steps } = await readRun(engine.view, values, id)
    expect({ status, steps }).toEqual({
      status: 'running',
      steps: [
        { id: 'a', status: 'running' },
        { id: 'b', status: 'queued' },
      ],
    })
    held.release()
  })

  test('shows the problem of one that failed, and what it did not come to', async () => {
    const { run, engine, values } = openWorkshop()
    const { id } = await run('name: x\nsteps: [{ id: a, tool: fail }, { id: b, tool: say, depends_on: a }]')
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({
      status: 'failed',
      problem: { step: 'a', code: 'tool_error' },
      failed: 1,
      skipped: 1,
    })
    expect(document.steps.map(({ status }) => status)).toEqual(['failed', 'skipped'])
  })

  test('tells what was called off from what never began', async () => {
    const held = gate()
    const { start, events, engine, values } = openWorkshop({ tools: [tool('hold', () => held.arrive().then(() => 1))] })
    const id = await start('name: x\nsteps: [{ id: a, tool: hold }, { id: b, tool: say, depends_on: a }]')
    await held.reached
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    await events(id)
    const document = await readRun(engine.view, values, id)
    expect(document).toMatchObject({ status: 'cancelled', problem: { code: 'cancelled' } })
    expect(document.steps.map(({ status }) => status)).toEqual(['cancelled', 'skipped'])
    held.release()
  })

  test('is not found when there is none', async () => {
    const { engine, values } = openWorkshop()
    await expect(readRun(engine.view, values, 'nope')).rejects.toMatchObject({ code: 'not_found' })
  })
})
