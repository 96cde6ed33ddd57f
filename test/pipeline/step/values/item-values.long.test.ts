import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { readStepPart } from '../../../../src/step/messages/step-parts.ts'
import { resultOf } from '../../../../src/step/record/outcome.ts'
import { readRef } from '../../../../src/step/values.ts'
import { readRun } from '../../read-run.ts'
import { openWorkshop } from '../../workshop.ts'

const LARGE = 'x'.repeat(20_000)
const inputs = { q: LARGE, xs: ['a', 'b', 'c'] }
const pipeline = (loop: string, outputs: string) => `
name: x
inputs: { q: { type: string }, xs: { type: array } }
steps:
${loop}
outputs: ${outputs}
`
const SAY = '{ id: go, tool: say, parameters: { text: "{{ q }}{{ item }}", small: "{{ item }}" } }'
const EACH = `  - { id: each, for_each: "{{ xs }}", steps: [${SAY}] }`

describe('the result of a loop', () => {
  test('names the large values of its steps: it holds neither their results nor their parameters', async () => {
    const { run, engine, values } = openWorkshop()
    const { id } = await run(pipeline(EACH, '{ n: "{{ each.iterations }}" }'), inputs)
    const part = await readStepPart(engine.view.parts, id, 'each')
    expect(JSON.stringify(await readRef(values, resultOf(part)!)).length).toBeLessThan(1500)
  })

  test.each([
    ['for_each', EACH, '{{ each.results | map(attribute="go") | map(attribute="text") | list }}'],
    ['foreach', `  - { id: each, foreach: "{{ xs }}", ${SAY.replace('{ id: go, ', '')} `, '{{ each.results | list }}'],
  ])('%s: later steps read all of it', async (_, loop, all) => {
    const { run } = openWorkshop()
    const end = await run(
      pipeline(
        loop,
        `{ all: '${all}', first: "{{ each.results[0].small }}", last: "{{ each.results[2].text | length }}" }`,
      ),
      inputs,
    )
    const { all: texts, first, last } = end.outputs as { all: Json[]; first: string; last: number }
    expect([first, last]).toEqual(['a', 20_001])
    expect(JSON.stringify(texts)).toContain(`${LARGE}c`)
  })

  test('of loops in a loop and of a queue is whole for its readers', async () => {
    const { run } = openWorkshop()
    const nested = `
  - id: outer
    for_each: [1, 2]
    steps: [{ id: inner, for_each: "{{ xs }}", steps: [${SAY}] }]
  - id: queue
    create_parallel_queue: { on: "{{ xs }}", max_parallel: 2, action_loop: [${SAY}] }`
    const end = await run(
      pipeline(nested, '{ text: "{{ outer.results[1].inner.results[2].go.text | length }}" }'),
      inputs,
    )
    expect(end).toMatchObject({ status: 'completed', outputs: { text: 20_001 } })
  })

  test('is whole in the document of its run, up to 8 MiB; what comes later is named by its hash', async () => {
    const { run, engine, values } = openWorkshop()
    const small = await run(pipeline(EACH, '{}'), inputs)
    const shown = await readRun(engine.view, values, small.id)
    const results = (shown.steps.each!.value as { results: { go: { result: { text: string } } }[] }).results
    expect(results.map(({ go }) => go.result.text.length)).toEqual([20_001, 20_001, 20_001])
    const large = openWorkshop()
    const { id } = await large.run(pipeline(EACH, '{}'), { ...inputs, q: 'y'.repeat(2_500_000) })
    const document = await readRun(large.engine.view, large.values, id)
    const named = (document.steps.each!.value as { results: { go: Json }[] }).results
    expect(named.map(({ go }) => Object.keys(go as object).includes('blob'))).toEqual([false, false, true])
    expect(JSON.stringify(document).length).toBeLessThan(16 * 1024 * 1024)
  })
})
