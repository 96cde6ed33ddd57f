import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { openWorkshop, tool } from './workshop.ts'

const GRID = `
name: grid
inputs:
  rows: { type: array, default: [a, b] }
  columns: { type: array, default: [1, 2, 3] }
steps:
  - id: outer
    for_each: "{{ rows }}"
    loop_var: row
    loop_name: lines
    max_parallel: 2
    steps:
      - { id: head, tool: say, parameters: { v: "{{ row }}" } }
      - id: inner
        for_each: "{{ columns }}"
        max_parallel: 2
        steps:
          - id: cell
            tool: say
            parameters: { v: "{{ head.v }}{{ item }}", at: "{{ $lines.index }}.{{ index }}", by: "{{ loop_var('outer', 'item') }}{{ row }}" }
          - { id: twice, tool: say, parameters: { v: "{{ cell.v ~ cell.v }}" } }
      - { id: tail, tool: say, parameters: { n: "{{ inner.iterations }}", last: "{{ inner.results[-1].twice.v }}" } }
outputs:
  rows: "{{ outer.results }}"
  text: "{{ outer }}"
  one: "{{ outer.results[1].inner.results[2].cell.by }}"`

describe('a loop in a loop', () => {
  test('sees its own iteration, its siblings of that, and by name what the loop around it binds', async () => {
    const { run } = openWorkshop({ seed: 3 })
    const end = await run(GRID)
    const row = (name: string, index: number) => ({
      head: { v: name },
      inner: [1, 2, 3].map((column, at) => ({
        cell: { v: `${name}${column}`, at: `${index}.${at}`, by: `${name}${name}` },
        twice: { v: `${name}${column}${name}${column}` },
      })),
      tail: { n: 3, last: `${name}3${name}3` },
    })
    expect(end).toMatchObject({ status: 'completed', done: 1 + 2 * (3 + 3 * 2) })
    expect(end.outputs).toEqual({ rows: [row('a', 0), row('b', 1)], text: 'Completed 2 iterations', one: 'bb' })
    expect(Object.keys(end.steps)).toContain('outer_1_inner_2_cell')
  })

  test('a step of the body that fails for good fails all loops around it, and names itself', async () => {
    const { run } = openWorkshop()
    const end = await run(GRID.replace('"{{ cell.v ~ cell.v }}" }', '"{{ 1 / (index - 1) }}" }'))
    expect(end).toMatchObject({
      status: 'failed',
      problem: { step: expect.stringMatching(/^outer_\d_inner_1_twice$/) },
    })
    expect(end.steps.outer).toMatchObject({ status: 'failed' })
    expect(Number(end.done) + Number(end.failed) + Number(end.skipped)).toBeGreaterThan(0)
  })

  test('an outer loop continues if its inner loop may fail, and has the results so far', async () => {
    const { run } = openWorkshop()
    const text = `
name: x
steps:
  - id: outer
    for_each: [1, 2]
    steps:
      - id: inner
        for_each: [1, 0, 3]
        on_failure: continue
        steps: [{ id: cell, tool: say, parameters: { v: "{{ 6 / item * $outer.item }}" } }]
      - { id: after, tool: say, parameters: { was: "{{ inner.status }}", n: "{{ inner.results | length }}", ok: "{{ inner.success }}" } }
outputs: { first: "{{ outer.results[1].inner.results[0].cell.v }}", after: "{{ outer.results[0].after }}", ok: "{{ outer.success }}" }`
    const end = await run(text)
    expect(end).toMatchObject({ status: 'completed', failed: 4 })
    expect(end.outputs).toEqual({ first: 12, after: { was: 'failed', n: 2, ok: false }, ok: false })
  })

  test('thirty by thirty through windows of thirty, with a small cell', async () => {
    const { run, engine } = openWorkshop()
    const thirty = JSON.stringify(Array.from({ length: 30 }, (_, n) => n))
    const end = await run(`
name: x
steps:
  - id: rows
    for_each: ${thirty}
    max_parallel: 30
    steps:
      - id: columns
        for_each: ${thirty}
        max_parallel: 30
        steps: [{ id: cell, tool: say, parameters: { v: "{{ $rows.item * 30 + item }}" } }]
outputs: { last: "{{ rows.results[29].columns.results[29].cell.v }}" }`)
    expect(end).toMatchObject({ status: 'completed', done: 931, outputs: { last: 899 } })
    expect(JSON.stringify(await engine.view.peek({ kind: 'run', key: end.id })).length).toBeLessThan(1000)
  })

  test('a thousand items of a map at once', async () => {
    const { run, engine } = openWorkshop()
    const items = Array.from({ length: 1000 }, (_, n) => n)
    const end = await run(
      'name: x\ninputs: { items: { type: array } }\nsteps: [{ id: each, foreach: "{{ items }}", parallel: true, max_concurrent: 1000, tool: say, parameters: { n: "{{ item }}" } }]\noutputs: { last: "{{ each.results[999].n }}", all: "{{ each.succeeded }}" }',
      { items },
    )
    expect(end).toMatchObject({ status: 'completed', done: 1001, outputs: { last: 999, all: 1000 } })
    expect(JSON.stringify(await engine.view.peek({ kind: 'run', key: end.id })).length).toBeLessThan(1000)
  })

  test.each([8, 9])('%i in each other', (depth) => {
    const nest = (left: number): object =>
      left === 0 ? { id: 'leaf', tool: 'say' } : { id: `l${left}`, for_each: [1], steps: [nest(left - 1)] }
    const text = JSON.stringify({ name: 'x', steps: [nest(depth)] })
    const { pipeline, findings } = compileText(text, { file: 'x', toolbox: createToolbox([tool('say', () => null)]) })
    if (depth === 8) expect(pipeline).toBeDefined()
    else
      expect(findings).toMatchObject([
        { code: 'too_large', message: expect.stringContaining('more than 8 nested loops') },
      ])
  })
})
