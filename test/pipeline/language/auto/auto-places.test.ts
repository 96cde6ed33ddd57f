import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inlineDisk } from '../../../../src/engine/inline/disk.ts'
import { until } from '../../../../src/testing/index.ts'
import { scripted } from '../../scripted.ts'
import { gate, memoryValues, openWorkshop, tool } from '../../workshop.ts'

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

test('a tag may choose the place and the kind of a file; its result goes with the prompt', async () => {
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

const FORK = (goto: string) => `name: x
steps:
  - { id: check, tool: say, parameters: { score: 3 }, ${goto} }
  - { id: improve, tool: say, parameters: { t: improve } }
  - { id: review, tool: say, dependencies: [improve], parameters: { t: review } }
  - { id: publish, tool: say, dependencies: [review], parameters: { t: publish } }`

test('a route is chosen when its step has ended, from its result, and leads only to a later step', async () => {
  const { run, requests, calls } = scripted({ 'Where to': 'review' })
  const end = await run(FORK('goto: "<AUTO>Where to with {{ check.score }}?</AUTO>"'))
  expect(end.status).toBe('completed')
  expect(calls.map(({ input }) => input)).toEqual([{ score: 3 }, { t: 'review' }, { t: 'publish' }])
  expect(end.steps).toMatchObject({
    check: { goto: 'review', models: [{ for: 'steps[0].goto' }] },
    improve: { status: 'skipped', reason: 'route', by: 'check' },
  })
  expect(requests[0]).toMatchObject({
    documents: [{ name: 'check.score', text: '3' }],
    schema: { properties: { answer: { enum: ['improve', 'review', 'publish'] } } },
  })
})

test('a step after the chosen one that waits for nothing is not skipped', async () => {
  const { run, calls } = scripted({ Where: 'publish' })
  const end = await run(`${FORK('goto: <AUTO>Where?</AUTO>')}
  - { id: besides, tool: say, parameters: { t: besides } }`)
  expect(end.status).toBe('completed')
  expect(calls.map(({ input }) => (input as { t?: string }).t).sort()).toEqual(['besides', 'publish', undefined])
})

test('a question of the way that names nothing is about what the step came to', async () => {
  const { run, requests } = scripted({ way: 'publish' })
  const end = await run(FORK('on_success: <AUTO>Which way?</AUTO>'))
  expect(end.steps.check).toMatchObject({ goto: 'publish' })
  expect(requests[0]!.documents).toEqual([{ name: 'check', text: '{"score":3}' }])
})

test('also when its condition does not hold', async () => {
  const { run, calls } = scripted({ else: 'publish' })
  const end = await run(FORK('condition: "false", on_false: <AUTO>else?</AUTO>'))
  expect(end).toMatchObject({ status: 'completed', steps: { check: { status: 'skipped', goto: 'publish' } } })
  expect(calls.map(({ input }) => input)).toEqual([{ t: 'publish' }])
})

test('a way that leads to no step behind it fails the step that asks', async () => {
  const { run, calls } = scripted({ Where: 'check' })
  const end = await run(FORK('goto: "{{ \'\' }}<AUTO>Where?</AUTO>"'))
  expect(end).toMatchObject({
    status: 'failed',
    problem: { code: 'auto_invalid', step: 'check', message: expect.stringContaining('improve, review, publish') },
  })
  expect(calls).toHaveLength(1)
})

test('in the body of a loop each iteration goes its own way', async () => {
  const { run, calls } = scripted({ Where: ['b', 'c'] })
  const end = await run(`name: x
steps:
  - id: each
    for_each: [1, 2]
    steps:
      - { id: a, tool: say, parameters: { t: "a{{ item }}" }, goto: <AUTO>Where?</AUTO> }
      - { id: b, tool: say, parameters: { t: "b{{ item }}" }, dependencies: [a] }
      - { id: c, tool: say, parameters: { t: "c{{ item }}" }, dependencies: [b] }`)
  expect(end.status).toBe('completed')
  expect(calls.map(({ input }) => (input as { t: string }).t)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2'])
})

test('a step waits only for the steps it names, and the others go on beside it', async () => {
  const held = gate()
  const { start, events, requests, calls } = scripted({ 'wait for': [['fast']] }, {}, [
    tool('slow', async () => {
      await held.arrive()
      return { t: 'slow' }
    }),
  ])
  const id = await start(`name: x
steps:
  - { id: slow, tool: slow }
  - { id: fast, tool: say, parameters: { t: fast } }
  - { id: last, tool: say, depends_on: <AUTO>What does it wait for?</AUTO>, parameters: { t: last } }
  - { id: after, tool: say, dependencies: [last], parameters: { t: after } }
  - { id: all, tool: say, dependencies: [after] }`)
  await held.reached
  await until(async () => calls.length >= 4)
  expect(calls.map(({ input }) => input)).toEqual([{ t: 'fast' }, { t: 'last' }, { t: 'after' }, {}])
  held.release()
  const end = (await events(id)).at(-1)
  expect(end).toMatchObject({ status: 'completed', done: 6 })
  expect(requests[0]!.schema).toMatchObject({ properties: { answer: { items: { enum: ['slow', 'fast'] } } } })
})

test('a step waits for what it reads, whatever it names; a list with commas is one', async () => {
  const { run } = scripted({ 'wait for': 'a' })
  const end = await run(`name: x
steps:
  - { id: a, tool: say, parameters: { n: 1 } }
  - { id: b, tool: say, parameters: { n: 2 } }
  - { id: c, tool: say, depends_on: "<AUTO type='string'>wait for</AUTO>", parameters: { n: "{{ b.n }}" } }
outputs: { n: "{{ c.n }}", on: "{{ c_dependencies.result }}" }`)
  expect(end).toMatchObject({ status: 'completed', outputs: { n: 2, on: ['a'] } })
})

test('an answer that names no step above fails the step that asks', async () => {
  const { run } = scripted({ 'wait for': [['nobody']] })
  const end = await run(`name: x
steps:
  - { id: a, tool: say }
  - { id: c, tool: say, depends_on: <AUTO>wait for</AUTO> }`)
  expect(end).toMatchObject({ status: 'failed', problem: { code: 'auto_invalid', step: 'c_dependencies' } })
})

const TOLD = `name: x
inputs:
  topic: tides
  title: { type: string, default: <AUTO>A title for {{ topic }}</AUTO> }
  count: { type: integer, range: [1, 9], default: <AUTO>How many?</AUTO> }
steps:
  - { id: other, tool: say, parameters: { t: "{{ topic }}" } }
  - { id: a, tool: say, parameters: { t: "{{ title }}, {{ inputs.count + 1 }}" } }
  - { id: each, for_each: [1], steps: [{ id: one, tool: say, parameters: { t: "{{ item }} {{ parameters.title }}" } }] }
outputs: { all: "{{ a.t }} {{ title }}" }`

test('a missing input is reported once for the whole run, and checked as if it had been given', async () => {
  const { run, requests, calls } = scripted({ title: 'High Water', many: '7' })
  const end = await run(TOLD)
  expect(end).toMatchObject({ status: 'completed', outputs: { all: 'High Water, 8 High Water' } })
  expect(calls.map(({ input }) => (input as { t: string }).t).sort()).toEqual([
    '1 High Water',
    'High Water, 8',
    'tides',
  ])
  expect(requests).toHaveLength(2)
  expect(requests[0]!.documents).toEqual([{ name: 'topic', text: 'tides' }])
  expect(requests[1]!.schema).toMatchObject({ properties: { answer: { type: 'integer', minimum: 1, maximum: 9 } } })
  expect(end.steps.inputs).toMatchObject({ models: [{ for: 'inputs.title.default' }, { for: 'inputs.count.default' }] })
})

test('one that is given is not asked for', async () => {
  const { run, requests } = scripted({ many: 3 })
  const end = await run(TOLD, { title: 'Mine' })
  expect(end.outputs).toEqual({ all: 'Mine, 4 Mine' })
  expect(requests).toHaveLength(1)
})

test('one that will not do fails the run before anything reads it', async () => {
  const { run } = scripted({ title: 'T', many: 12 })
  const end = await run(TOLD)
  expect(end).toMatchObject({
    status: 'failed',
    problem: { code: 'auto_invalid', step: 'inputs', message: 'inputs.count: expected at most 9, got 12' },
  })
})

test('a process that dies while a step asks where it goes on: neither the step nor what it was told is done again', async () => {
  const text = `name: x
steps:
  - { id: a, tool: act, goto: "<AUTO>Where after <AUTO>which mood?</AUTO></AUTO>" }
  - { id: b, tool: say, parameters: { t: b } }
  - { id: c, tool: say, parameters: { t: c } }`
  const shared = { disk: inlineDisk(), values: memoryValues() }
  const asked: string[] = []
  const death = gate()
  const open = (dies: boolean) =>
    openWorkshop({
      ...shared,
      tools: [tool('act', () => asked.push('act'), 'at-most-once')],
      async generate({ instruction }) {
        const what = instruction.startsWith('Where') ? 'where' : 'mood'
        if (what === 'where' && dies) await death.arrive()
        asked.push(what)
        const answer = what === 'where' ? 'c' : 'calm'
        return { text: answer, object: { answer }, citations: [], usage: { input: 1, output: 1 }, model: 'test/model' }
      },
    })
  await open(true).start(text)
  await death.reached
  const second = open(false)
  await second.engine.start()
  const seen = await second.events('run_1')
  expect(seen.at(-1)).toMatchObject({ status: 'completed', done: 2, skipped: 1 })
  expect(asked).toEqual(['act', 'mood', 'where'])
})
