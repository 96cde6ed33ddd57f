import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scripted } from './scripted.ts'

test('a loop turns until the model says so, which sees what the body came to; each turn is asked once', async () => {
  const { run, requests, calls } = scripted({ 'good enough': [false, false, true], 'how many': 7 })
  const end = await run(`name: x
steps:
  - id: better
    until: <AUTO>Is {{ draft.n }} good enough?</AUTO>
    max_iterations: <AUTO>how many turns?</AUTO>
    steps: [{ id: draft, tool: say, parameters: { n: "{{ iteration + 1 }}" } }]
outputs: { turns: "{{ better.iteration_count }}", done: "{{ better.completed }}" }`)
  expect(end).toMatchObject({ status: 'completed', outputs: { turns: 3, done: true } })
  expect(calls.map(({ input }) => input)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  const asked = requests.map(({ documents }) => documents.map(({ text }) => text).join())
  expect(asked).toEqual(['', '1', '2', '3'])
  expect(end.steps.better).toMatchObject({
    models: [
      { for: 'steps[0].max_iterations', input: 2 },
      { for: 'steps[0].until', input: 6, output: 3 },
    ],
  })
})

test('as long as the model says so; an answer that is none is no', async () => {
  const { run, calls } = scripted({ 'go on': [true, true, false] })
  await run(`name: x
steps:
  - { id: w, while: "<AUTO>go on after {{ iteration }}?</AUTO>", steps: [{ id: s, tool: say, parameters: { n: "{{ iteration }}" } }] }`)
  expect(calls.map(({ input }) => input)).toEqual([{ n: 0 }, { n: 1 }])
})

test('a question that names nothing is about what the body came to', async () => {
  const { run, requests } = scripted({ finished: [false, true] })
  const end = await run(`name: x
steps:
  - id: tries
    action_loop:
      - { name: roll, tool: say, parameters: { n: "{{ iteration }}" } }
    until: <AUTO>finished?</AUTO>
outputs: { n: "{{ tries.iterations_completed }}" }`)
  expect(end.outputs).toEqual({ n: 2 })
  expect(requests.map(({ documents }) => documents)).toEqual([
    [{ name: 'roll', text: '{"n":0}' }],
    [{ name: 'roll', text: '{"n":1}' }],
  ])
})

test('in a loop within a loop each iteration asks for itself', async () => {
  const { run, calls } = scripted({ 'enough of a': true, 'enough of b': [false, true] })
  const end = await run(`name: x
steps:
  - id: outer
    for_each: [a, b]
    steps:
      - id: inner
        until: "<AUTO>enough of {% if item == 'a' %}a{% else %}b{% endif %}{{ s.n }}?</AUTO>"
        steps: [{ id: s, tool: say, parameters: { n: "{{ $outer.item }}{{ iteration }}" } }]`)
  expect(end.status).toBe('completed')
  expect(calls.map(({ input }) => (input as { n: string }).n)).toEqual(['a0', 'b0', 'b1'])
})

test('where a file is kept and of which kind it is; what it makes goes with the prompt', async () => {
  const root = mkdtempSync(join(tmpdir(), 'antiphon-auto-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { run, requests } = scripted(
    { 'file name': 'out/tides', 'which kind': 'markdown', Summarise: '# Tides' },
    {
      root,
      roots: [root],
    },
  )
  const end = await run(`name: x
inputs: { topic: tides }
steps:
  - id: a
    action: generate
    produces: <AUTO>a report about {{ topic }}</AUTO>
    location: <AUTO>a file name for {{ topic }}</AUTO>
    format: <AUTO>which kind?</AUTO>
    parameters: { prompt: Summarise it. }
outputs: { file: "{{ a.location }}" }`)
  expect(end).toMatchObject({ status: 'completed', outputs: { file: 'out/tides' } })
  expect(readFileSync(join(root, 'out/tides'), 'utf8')).toBe('# Tides')
  expect(end.steps.a).toMatchObject({
    models: [{ for: 'steps[0].location' }, { for: 'steps[0].format' }, { for: 'step' }],
  })
  const prompt = requests.at(-1)!
  expect(prompt.instruction).toMatch(/^Summarise it\.\n\n\(This makes: a report about tides\)$/)
})
