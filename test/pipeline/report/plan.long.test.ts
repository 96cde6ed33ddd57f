import { expect, it } from 'vitest'
import { levelsOf, planOf, rangeOf } from '../../../src/pipeline/report/plan.ts'
import { openWorkshop } from '../workshop.ts'

const { compile } = openWorkshop()

const PIPELINE = compile(`name: x
steps:
  - { id: a, tool: say }
  - { id: c, tool: say, depends_on: [b] }
  - { id: b, tool: say, depends_on: [a], condition: "{{ a }}" }
  - id: each
    for_each: [1, 2]
    steps: [{ id: one, tool: say }, { id: two, tool: say, depends_on: [one] }]
  - { id: last, tool: say, depends_on: [c, each] }
outputs: { o: "{{ last }}" }
`)

it('a step is one level below the deepest it waits for; a level is in the order of the file', () => {
  expect(levelsOf(PIPELINE)).toEqual([['a', 'each'], ['b'], ['c'], ['last']])
})

it('a chain of thousands has as many levels', () => {
  const steps = Array.from(
    { length: 5_000 },
    (_, n) => `  - { id: s${n}, tool: say${n > 0 ? `, depends_on: [s${n - 1}]` : ''} }`,
  )
  const levels = levelsOf(compile(`name: x\nsteps:\n${steps.reverse().join('\n')}`))
  expect([levels.length, levels[0], levels.at(-1)]).toEqual([5_000, ['s0'], ['s4999']])
})

it('says what does a step, what it waits for, and what is known of it beside', () => {
  const plan = planOf(PIPELINE, (node) => (node === 'each.two' ? { taken: { times: 3 } } : {}))
  const [first, second] = plan.levels
  expect([plan.pipeline, first, second]).toMatchObject([
    'x',
    [
      { id: 'a', does: 'say', needs: [] },
      { id: 'each', does: 'for_each' },
    ],
    [{ id: 'b', needs: ['a'], condition: '{{ a }}' }],
  ])
  expect(plan.levels[0]![1]!.body).toMatchObject([
    { id: 'one', needs: [] },
    { id: 'two', needs: ['one'], taken: { times: 3 } },
  ])
  expect(plan.levels.flat().map(({ id }) => id)).not.toContain('outputs')
})

it('tells what stands in for a step when it fails: steps and models, in their order; handlers do not', () => {
  const pipeline = compile(`name: x
steps:
  - { id: a, tool: say, fallback: [b] }
  - { id: b, tool: say }
  - { id: ask, action: generate, parameters: { prompt: hi, model: big }, fallback: [medium, b], on_error: Nothing came }
`)
  const [steps] = planOf(pipeline, () => ({})).levels
  expect(steps!.map(({ fallback }) => fallback)).toEqual([['b'], undefined, ['medium', 'b']])
})

it('draws the graph, loops around their bodies', () => {
  const { mermaid } = planOf(PIPELINE, () => ({}))
  expect(mermaid.split('\n')).toEqual([
    'flowchart TD',
    '  s_a["a<br/>say"]',
    '  s_c["c<br/>say"]',
    '  s_b["b<br/>say"]',
    '  subgraph s_each["each<br/>for_each"]',
    '    s_each__one["one<br/>say"]',
    '    s_each__two["two<br/>say"]',
    '  end',
    '  s_last["last<br/>say"]',
    '  s_b --> s_c',
    '  s_a --> s_b',
    '  s_each__one --> s_each__two',
    '  s_c --> s_last',
    '  s_each --> s_last',
  ])
})

it.each([
  [[], undefined],
  [[3], { least: 3, median: 3, most: 3 }],
  [[9, 1, 5, 7], { least: 1, median: 5, most: 9 }],
])('the range of %j', (numbers, range) => {
  expect(rangeOf(numbers)).toEqual(range)
})
