import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { type Ended, openWorkshop, tool } from './workshop.ts'

/** Steps, and what outputs of them are to be. */
type Vector = readonly [what: string, steps: string, outputs: { readonly [template: string]: Json }]

const count = () => tool('count', ({ from }) => ({ n: Number(from ?? 0) + 1 }), 'pure')
const picky = () =>
  tool('picky', ({ it }) => {
    if (it === 'bad') throw Object.assign(new Error('no good'), { code: 'tool_error', terminal: true })
    return { it: it! }
  })

async function runAll(steps: string, templates: readonly string[] = [], inputs = {}): Promise<Ended> {
  const outputs = Object.fromEntries(templates.map((template, n) => [`o${n}`, `{{ ${template} }}`]))
  const { run } = openWorkshop({ tools: [count(), picky()], seed: 5 })
  return run(
    `name: kinds\ninputs: { n: 3, xs: [a, b, c], empty: { type: array, default: [] } }\nsteps:${steps}\noutputs: ${JSON.stringify(outputs)}`,
    inputs,
  )
}

async function expectOutputs(steps: string, outputs: Vector[2]): Promise<void> {
  const templates = Object.keys(outputs)
  const end = await runAll(steps, templates)
  expect(end, JSON.stringify(end)).toMatchObject({ status: 'completed' })
  const { warnings } = end as { warnings?: Json }
  expect(warnings).toBeUndefined()
  const told = Object.values(end.outputs as { readonly [name: string]: Json })
  expect(Object.fromEntries(templates.map((template, n) => [template, told[n]]))).toEqual(outputs)
}

const FOREACH: readonly Vector[] = [
  [
    'the step itself for each item',
    `
  - { id: ask, foreach: "{{ xs }}", tool: say, parameters: { query: "{{ item }}", at: "{{ index }}" } }`,
    {
      'ask.results': [
        { query: 'a', at: 0 },
        { query: 'b', at: 1 },
        { query: 'c', at: 2 },
      ],
      'ask.results[1].query': 'b',
      'ask.results[1].result.at': 1,
      'ask.iterations': 3,
      'ask.succeeded': 3,
      'ask.failed': 0,
      'ask.success_rate': 1,
      ask: 'Completed 3 iterations',
    },
  ],
  [
    'with its result goes what it was called with',
    `
  - { id: ask, foreach: [5, 6], parallel: true, max_concurrent: 2, tool: count, parameters: { from: "{{ item }}", query: "q{{ item }}" } }
  - { id: all, tool: say, parameters: { it: "{% for r in ask.results %}{{ r.query }}={{ r.n }};{% endfor %}" } }`,
    {
      'all.it': 'q5=6;q6=7;',
      'ask.results': [
        { from: 5, query: 'q5', n: 6 },
        { from: 6, query: 'q6', n: 7 },
      ],
      'ask.results[1].result': { n: 7 },
      "ask.results | map(attribute='result') | list": [{ n: 6 }, { n: 7 }],
      'ask.results[1].ask.result': { n: 7 },
      'ask.results[1].status': 'completed',
      'ask.results[1].error': null,
      'all.error': null,
    },
  ],
  [
    'the condition is asked of each item',
    `
  - { id: ask, foreach: "{{ xs }}", condition: "{{ item != 'b' }}", tool: say, parameters: { it: "{{ item }}" } }`,
    { 'ask.succeeded': 2, 'ask.success_rate': 1, 'ask.results[1].status': 'skipped', 'ask.results[2].it': 'c' },
  ],
  [
    'items may fail',
    `
  - { id: ask, foreach: [a, bad, c, d], on_failure: continue, tool: picky, parameters: { it: "{{ item }}" } }`,
    {
      'ask.failed': 1,
      'ask.success_rate': 0.75,
      'ask.success': false,
      'ask.results[1].status': 'failed',
      'ask.results[1].error': 'no good',
    },
  ],
  [
    'type: parallel_map with items: is the same',
    `
  - { id: ask, type: parallel_map, items: "[x, y]", tool: say, parameters: { it: "{{ item }}" } }`,
    { 'ask.results': [{ it: 'x' }, { it: 'y' }] },
  ],
  [
    'each of its results can be read by its id too',
    `
  - { id: ask, foreach: "{{ xs }}", tool: say, parameters: { it: "{{ item }}" } }`,
    { 'ask.results[1].ask.it': 'b', 'ask.results[1].ask.status': 'completed', 'ask.results[1]': { it: 'b' } },
  ],
  [
    'with steps: it is a for_each',
    `
  - { id: ask, foreach: "{{ xs }}", parallel: true, steps: [{ id: one, tool: say, parameters: { it: "{{ item }}" } }] }`,
    { 'ask.results[2].one.it': 'c' },
  ],
]

const TURNS: readonly Vector[] = [
  [
    'A36: as often as it may, and counts as a number and as a list',
    `
  - id: l
    while: "true"
    max_iterations: "{{ n }}"
    steps: [{ id: child, tool: say, parameters: { result: "{{ iteration * 10 }}" } }]`,
    {
      'l.iterations ~ ""': '3',
      'l.iterations': 3,
      'l.iterations[-1].child.result': 20,
      'l.iterations | length': 3,
      'l.iterations | default(0) > 2': true,
      'l.iteration_count': 3,
      'l.completed': false,
      'l.terminated_by': 'max_iterations',
      'l.status': 'completed',
      l: 'Completed 3 iterations',
    },
  ],
  [
    'as long as it holds: iteration counts the turns that are done',
    `
  - { id: l, while: "{{ iteration < 2 }}", steps: [{ id: c, tool: say, parameters: { i: "{{ $iteration }}", p: "{{ position }}", f: "{{ is_first }}" } }] }`,
    {
      'l.results': [{ c: { i: 0, p: 1, f: true } }, { c: { i: 1, p: 2, f: false } }],
      'l.completed': true,
      'l.iteration_count': 2,
    },
  ],
  [
    'the steps of the turn before are known: to the conditions by their ids, to the body with prev_',
    `
  - id: l
    until: "{{ c.n >= 4 }}"
    max_iterations: 9
    steps: [{ id: c, tool: count, parameters: { from: "{{ prev_c.n | default(1) }}" } }]`,
    { 'l.iteration_count': 3, 'l.results[-1].c.n': 4, 'l.completed': true },
  ],
  [
    'while and until together',
    `
  - { id: l, while: "{{ iteration < 9 }}", until: "{{ iteration == 2 }}", steps: [{ id: c, tool: say }] }`,
    { 'l.iteration_count': 2 },
  ],
  [
    'what can be told before the first turn is',
    `
  - { id: l, while: "{{ n > 5 }}", steps: [{ id: c, tool: say }] }
  - { id: m, while: "{{ c.go | default(false) }}", steps: [{ id: c, tool: say }] }
  - { id: u, until: "{{ n == 3 }}", steps: [{ id: c, tool: say }] }`,
    { 'l.iteration_count': 0, 'm.iteration_count': 0, 'u.iteration_count': 0, 'l.completed': true, 'l.results': [] },
  ],
  [
    'a while that reads its body turns once at least',
    `
  - { id: l, while: "{{ c.go }}", steps: [{ id: c, tool: say, parameters: { go: "{{ iteration < 3 }}" } }] }`,
    { 'l.iteration_count': 4 },
  ],
  [
    'no turn at all',
    `
  - { id: l, while: "true", max_iterations: 0, steps: [{ id: c, tool: say }] }`,
    { 'l.iteration_count': 0, 'l.terminated_by': 'max_iterations' },
  ],
  [
    'in a for_each, by the name of each',
    `
  - id: outer
    for_each: "{{ xs }}"
    loop_name: letters
    max_parallel: 3
    steps:
      - id: inner
        while: "{{ iteration <= $letters.index }}"
        loop_name: turns
        steps: [{ id: c, tool: say, parameters: { v: "{{ item }}{{ $turns.iteration }}", was: "{{ prev_c.v | default('-') }}" } }]
      - { id: sum, tool: say, parameters: { n: "{{ inner.iteration_count }}" } }`,
    {
      'outer.results[2].inner.results': [
        { c: { v: 'c0', was: '-' } },
        { c: { v: 'c1', was: 'c0' } },
        { c: { v: 'c2', was: 'c1' } },
      ],
      'outer.results[2].sum.n': 3,
      'outer.results[0].inner.iterations[0].c.v': 'a0',
    },
  ],
  [
    'a for_each in a while',
    `
  - id: outer
    while: "{{ iteration < 2 }}"
    steps:
      - { id: all, for_each: "{{ xs }}", steps: [{ id: c, tool: say, parameters: { v: "{{ item }}{{ $outer.iteration }}{{ iteration }}" } }] }
      - { id: last, tool: say, parameters: { v: "{{ all.results[-1].c.v }}" } }`,
    { 'outer.results[1].last.v': 'c11', 'outer.iterations[0].all.results | length': 3 },
  ],
]

const ACTIONS: readonly Vector[] = [
  [
    'A37: until is asked after each turn',
    `
  - id: l
    action_loop: [{ name: tick, action: say, parameters: { i: "{{ iteration }}" } }]
    until: "{{ iteration >= 2 }}"`,
    {
      'l.terminated_by': 'condition',
      'l.iterations_completed': 2,
      'l.success': true,
      'l.final_results': { tick: { i: 1 } },
      'l.final_results.tick.i': 1,
      'l.all_results[0].results.tick.i': 0,
      'l.all_results[1].iteration': 1,
      'l.loop_statistics.total_actions_executed': 2,
      'l.loop_statistics.max_iterations': 100,
      'l.total_duration >= 0': true,
      'l.loop_id': 'l',
    },
  ],
  [
    'actions go in order, by their names, and know the turn before',
    `
  - id: l
    action_loop:
      - { name: draft, action: count, parameters: { from: "{{ prev_draft.n | default(10) }}" } }
      - { action: say, parameters: { v: "{{ draft.n }}", first: "{{ is_first }}", before: "{{ has_previous }}" } }
      - { id: third, tool: say, parameters: { v: "{{ action_1.v + 1 }}" } }
    while_condition: "{{ third.v < 14 }}"
    max_iterations: 9`,
    {
      'l.iterations_completed': 3,
      'l.all_results[0].results': {
        draft: { n: 11 },
        action_1: { v: 11, first: true, before: false },
        third: { v: 12 },
      },
      'l.final_results.third.v': 14,
    },
  ],
  [
    'as often as it may',
    `
  - { id: l, action_loop: [{ action: say }], until: "false", max_iterations: 2 }`,
    { 'l.terminated_by': 'max_iterations', 'l.iterations_completed': 2 },
  ],
  [
    'an action that fails does not end it',
    `
  - id: l
    action_loop: [{ name: x, action: picky, parameters: { it: bad } }, { name: y, action: say, parameters: { was: "{{ x.status }}" } }]
    until: "{{ iteration == 2 }}"`,
    { 'l.final_results.y.was': 'failed', 'l.success': false, 'l.loop_statistics.success_rate': 0.5 },
  ],
]

const QUEUES: readonly Vector[] = [
  [
    'actions in order for each item',
    `
  - id: q
    create_parallel_queue:
      on: "{{ xs }}"
      max_parallel: 2
      action_loop:
        - { name: one, action: say, parameters: { v: "{{ $item }}{{ index }}", of: "{{ queue_size }}", all: "{{ queue | join('') }}", by: "{{ parallel_queue_id }}{{ parent_task }}" } }
        - { name: two, action: say, parameters: { v: "{{ one.v }}!", last: "{{ is_last }}" } }`,
    {
      'q.parallel_queue_id': 'q',
      'q.total_items': 3,
      'q.successful_items': 3,
      'q.failed_items': 0,
      'q.completion_rate': 1,
      'q.failure_rate': 0,
      'q.results[0]': {
        queue_index: 0,
        item: 'a',
        result: { one: { v: 'a0', of: 3, all: 'abc', by: 'qq' }, two: { v: 'a0!', last: false } },
        status: 'completed',
      },
      'q.results[2].result.two.last': true,
    },
  ],
  [
    'of one action the result is that of the item; an item that fails leaves the others alone',
    `
  - id: q
    action: create_parallel_queue
    parameters:
      on: [a, bad, c]
      action_loop: [{ action: picky, parameters: { it: "{{ item }}" } }]`,
    {
      'q.results[0].result.it': 'a',
      'q.results[0].result.action_0.it': 'a',
      'q.results[1].result.action_0.error': 'no good',
      'q.results[1].status': 'failed',
      'q.results[1].item': 'bad',
      'q.results[1].result.error': 'no good',
      'q.results[2].status': 'completed',
      'q.failed_items': 1,
      'q.success': false,
    },
  ],
  [
    'an action that fails ends its item',
    `
  - id: q
    create_parallel_queue:
      true: "[bad, c]"
      tool: say
      action_loop: [{ name: one, tool: picky, parameters: { it: "{{ item }}" } }, { name: two, parameters: { v: "{{ item }}" } }]`,
    { 'q.results[0].result.one.status': 'failed', 'q.results[1].result.two.v': 'c', 'q.failed_items': 1 },
  ],
  [
    'the actions of an item may be repeated',
    `
  - id: q
    create_parallel_queue:
      on: [1, 2]
      task:
        action_loop: [{ name: up, action: count, parameters: { from: "{{ prev_up.n | default(item) }}" } }]
        until: "{{ up.n >= 4 }}"`,
    {
      'q.results[0].result.iterations_completed': 3,
      'q.results[1].result.iterations_completed': 2,
      'q.results[1].result.final_results.up.n': 4,
      'q.results[1].result': { n: 4 },
      'q.results[1].result.n': 4,
      'q.results[1].result.up.n': 4,
      'q.results[1].result.all_results | length': 2,
    },
  ],
  [
    'of several actions that are repeated the result is what they came to last, by their names',
    `
  - id: q
    create_parallel_queue:
      on: [x]
      task:
        action_loop: [{ name: one, action: say, parameters: { v: "{{ item }}{{ iteration }}" } }, { name: two, action: say, parameters: { was: "{{ one.v }}" } }]
        until: "{{ iteration >= 2 }}"`,
    {
      'q.results[0].result': { one: { v: 'x1' }, two: { was: 'x1' } },
      'q.results[0].result.terminated_by': 'condition',
    },
  ],
  [
    'over nothing',
    `
  - { id: q, create_parallel_queue: { on: "{{ empty }}", action_loop: [{ action: say }] } }`,
    { 'q.total_items': 0, 'q.results': [], 'q.completion_rate': 1, 'q.success': true },
  ],
]

describe('foreach', () => test.each(FOREACH)('%s', (_what, steps, outputs) => expectOutputs(steps, outputs)))
describe('while and until', () => test.each(TURNS)('%s', (_what, steps, outputs) => expectOutputs(steps, outputs)))
describe('action_loop', () => test.each(ACTIONS)('%s', (_what, steps, outputs) => expectOutputs(steps, outputs)))
describe('create_parallel_queue', () =>
  test.each(QUEUES)('%s', (_what, steps, outputs) => expectOutputs(steps, outputs)))

describe('a loop that fails', () => {
  test('while: with the step that failed, and keeps what it has', async () => {
    const end = await runAll(
      `
  - { id: l, while: "true", max_iterations: 5, on_failure: continue, steps: [{ id: c, tool: picky, parameters: { it: "{{ 'bad' if iteration == 2 else 'ok' }}" } }] }
  - { id: after, tool: say, parameters: { n: "{{ l.results | length }}", by: "{{ l.terminated_by }}", was: "{{ l.status }}", why: "{{ l.error }}" } }`,
      ['after'],
    )
    expect(end).toMatchObject({
      status: 'completed',
      outputs: { o0: { n: 3, by: 'error', was: 'failed', why: 'no good' } },
    })
  })

  test('action_loop: with break_on_error', async () => {
    const end = await runAll(
      `
  - { id: l, action_loop: [{ name: x, action: picky, parameters: { it: bad } }, { action: say }], until: "false", break_on_error: true }`,
    )
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'l_0_x', code: 'tool_error' } })
    expect(end.steps.l).toMatchObject({ status: 'failed' })
    expect(Object.keys(end.steps)).toEqual(['l_0_x', 'l'])
  })

  test('action_loop: when its actions together take too long, whatever they may do when they fail', async () => {
    const slow = tool('slow', (_, { signal }) => {
      const { promise, reject } = Promise.withResolvers<Json>()
      signal.addEventListener('abort', () => reject(signal.reason))
      return promise
    })
    const { run } = openWorkshop({ tools: [slow] })
    const end = await run(
      'name: x\nsteps: [{ id: l, on_failure: continue, action_loop: [{ action: slow }], until: "false", iteration_timeout: 0.05 }]\noutputs: { by: "{{ l.terminated_by }}", ok: "{{ l.success }}" }',
    )
    expect(end).toMatchObject({ status: 'completed', outputs: { by: 'timeout', ok: false } })
  })

  test.each([
    ['max_iterations: "{{ xs }}"', 'bad_value'],
    ['max_iterations: "-1"', 'bad_value'],
  ])('%s', async (most, code) => {
    const end = await runAll(`\n  - { id: l, while: "true", ${most}, steps: [{ id: c, tool: say }] }`)
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'l', code } })
  })
})

test('children go by the ids of all loops around them', async () => {
  const end = await runAll(`
  - { id: q, create_parallel_queue: { on: [1], action_loop: [{ name: up, action: say }], until: "{{ iteration == 1 }}" } }
  - { id: l, while: "{{ iteration < 1 }}", steps: [{ id: c, tool: say }] }
  - { id: m, foreach: [1], tool: say }`)
  expect(Object.keys(end.steps).toSorted()).toEqual([
    'l',
    'l_0_c',
    'm',
    'm_0_m',
    'q',
    'q_0_actions',
    'q_0_actions_0_up',
  ])
})
