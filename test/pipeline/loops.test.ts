import { describe, expect, test } from 'vitest'
import { parseListText, parseYieldedList } from '../../src/pipeline/language/parse/inputs/list-text.ts'
import { type Ended, openWorkshop, tool } from './workshop.ts'

const each = (rest: string, body: string) => `
name: loops
inputs:
  xs: { type: array, default: [a, b, c] }
steps:
  - id: each
    for_each: "{{ xs }}"
    ${rest}
${body}
`
const BODY = `    steps:
      - { id: one, tool: say, parameters: { it: "{{ item }}{{ index }}" } }
      - { id: two, tool: say, parameters: { was: "{{ one.it }}", last: "{{ $is_last }}" } }
`

describe('for_each', () => {
  test('runs its body for each item, and its results come in the order of the list', async () => {
    const { run } = openWorkshop({ seed: 7 })
    const end = await run(
      `${each('max_parallel: 3', BODY)}outputs: { rows: "{{ each.results }}", n: "{{ each.iterations }}", text: "{{ each }}" }`,
    )
    expect(end).toMatchObject({ status: 'completed', done: 7 })
    expect(end.outputs).toEqual({
      n: 3,
      text: 'Completed 3 iterations',
      rows: [
        { one: { it: 'a0' }, two: { was: 'a0', last: false } },
        { one: { it: 'b1' }, two: { was: 'b1', last: false } },
        { one: { it: 'c2' }, two: { was: 'c2', last: true } },
      ],
    })
  })

  test('children go by the ids <loop>_<index>_<child>, and the loop says how much there is to do', async () => {
    const { run, events } = openWorkshop()
    const end = await run(each('', BODY))
    expect(Object.keys(end.steps)).toEqual([
      'each_0_one',
      'each_0_two',
      'each_1_one',
      'each_1_two',
      'each_2_one',
      'each_2_two',
      'each',
    ])
    expect((await events(end.id)).find(({ type }) => type === 'loop-start')).toEqual({
      type: 'loop-start',
      step: 'each',
      iterations: 3,
      steps: 6,
    })
  })

  test('binds item, its own name for it, position and neighbours; $ in front is the same (A28)', async () => {
    const { run } = openWorkshop()
    const end = await run(
      `${each('loop_var: $thing', '    steps: [{ id: b, tool: say, parameters: { v: "{{ thing }}{{ ($index + 1) * 2 }}", p: "{{ position }}/{{ length }}", n: ["{{ has_next }}", "{{ has_prev }}", "{{ remaining }}", "{{ is_first }}"], l: "{{ loop_id }}" } }]')}outputs: { o: "{{ each.results[1].b }}" }`,
    )
    expect(end.outputs).toEqual({ o: { v: 'b4', p: '2/3', n: [true, true, 1, false], l: 'each' } })
  })

  test('takes a single action as its body', async () => {
    const { run } = openWorkshop()
    const end = await run(
      `${each('tool: say', '    parameters: { v: "{{ item }}" }')}outputs: { o: "{{ each.results[2].each.v }}" }`,
    )
    expect(end).toMatchObject({ outputs: { o: 'c' }, done: 4 })
    expect(Object.keys(end.steps)).toContain('each_0_each')
  })

  test('of a single action, and foreach, are read and print alike', async () => {
    const read = tool('read', ({ it }) => ({ content: `<${it}>`, size: 3 }))
    const step = (key: string) =>
      `  - { id: ${key}, ${key}: "{{ xs }}", tool: read, parameters: { it: "{{ item }}" }, condition: "{{ xs | length > 1 }}" }`
    const told = async (key: string) => {
      const parts = ['', '[1]', `[1].${key}.content`, '[1].content', '[1].result.size', '[1].status', '[1].it']
      const templates = [...parts.map((part) => `${key}.results${part}`), `${key}.results | join('')`]
      const outputs = Object.fromEntries(templates.map((template, n) => [`o${n}`, `{{ ${template} }}`]))
      const text = `name: x\ninputs: { xs: [a, b] }\nsteps:\n${step(key)}\noutputs: ${JSON.stringify(outputs)}`
      return Object.values((await openWorkshop({ tools: [read] }).run(text)).outputs as object)
    }
    const expected = [['<a>', '<b>'], '<b>', '<b>', '<b>', 3, 'completed', 'b', '<a><b>']
    expect(await told('for_each')).toEqual(expected)
    expect(await told('foreach')).toEqual(expected)
  })

  test('under steps: of one step its fields can be read without its id', async () => {
    const { run } = openWorkshop()
    const end = await run(
      `${each('', '    steps: [{ id: b, tool: say, parameters: { v: "{{ item }}" } }]')}outputs: { o: "{{ each.results[1].v }}", r: "{{ each.results[1] }}", s: "{{ each.results[1].status }}" }`,
    )
    expect(end.outputs).toEqual({ o: 'b', r: { b: { v: 'b' } }, s: 'completed' })
  })

  test('over nothing completes with no iterations (A34)', async () => {
    const { run } = openWorkshop()
    const end = await run(
      `${each('', BODY)}outputs: { n: "{{ each.iterations }}", r: "{{ each.results }}", s: "{{ each.status }}" }`,
      { xs: [] },
    )
    expect(end).toMatchObject({ status: 'completed', done: 1, outputs: { n: 0, r: [], s: 'completed' } })
  })

  test('keeps to its iterations in flight (A35), one if nothing is said', async () => {
    expect(await peakOf('max_parallel: 2', 4)).toBe(2)
    expect(await peakOf('', 4)).toBe(1)
    expect(await peakOf('max_parallel: "{{ xs | length - 1 }}"', 4)).toBe(3)
  })

  test('fails where a template tells no number of iterations in flight', async () => {
    const { run } = openWorkshop()
    const end = await run(each('max_parallel: "{{ xs }}"', BODY))
    expect(end).toMatchObject({
      status: 'failed',
      problem: { code: 'bad_value', message: expect.stringMatching(/max_parallel: .* 1 to 1000/) },
    })
  })

  test('of a thousand goes through a window of eight', async () => {
    const { run, calls } = openWorkshop()
    const xs = Array.from({ length: 1000 }, (_, n) => n)
    const end = await run(
      `${each('max_parallel: 8', '    steps: [{ id: b, tool: say, parameters: { n: "{{ item }}" } }]')}outputs: { last: "{{ each.results[999].b.n }}" }`,
      { xs },
    )
    expect(end).toMatchObject({ status: 'completed', done: 1001, outputs: { last: 999 } })
    expect(new Set(calls.map(({ input }) => JSON.stringify(input))).size).toBe(1000)
  })

  test('is skipped as a whole by its condition', async () => {
    const { run, calls } = openWorkshop()
    expect(await run(each('condition: "{{ xs | length > 5 }}"', BODY))).toMatchObject({
      status: 'completed',
      skipped: 1,
      done: 0,
    })
    expect(calls).toEqual([])
  })

  test('skips single steps of an iteration by theirs', async () => {
    const { run } = openWorkshop()
    const end = await run(
      `${each('', '    steps:\n      - { id: b, tool: say, if: "{{ item != \'b\' }}", parameters: { v: 1 } }\n      - { id: c, tool: say, parameters: { was: "{{ b.status }}" } }')}outputs: { o: "{{ each.results }}", s: "{{ each.results[1].b.status }}" }`,
    )
    expect(end.outputs).toEqual({
      s: 'skipped',
      o: [
        { b: { v: 1 }, c: { was: 'completed' } },
        { c: { was: 'skipped' } },
        { b: { v: 1 }, c: { was: 'completed' } },
      ],
    })
  })

  test('ends with its first failed step, those in flight finish, the run names the step', async () => {
    const end = await failing('')
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'each_1_b', code: 'tool_error', message: 'no b' } })
    expect(end.steps.each).toMatchObject({ status: 'failed' })
    expect(end.steps.after).toBeUndefined()
  })

  test('goes on where its steps may fail, and shows only what there is', async () => {
    const end = await failing(', on_failure: continue')
    expect(end).toMatchObject({
      status: 'completed',
      failed: 1,
      outputs: { rows: [{ b: 'a' }, {}, { b: 'c' }], bad: 'failed', ok: false },
    })
    expect(end.steps.after).toMatchObject({ status: 'completed' })
  })

  test('fails when there is no list', async () => {
    const { run } = openWorkshop()
    const end = await run('name: x\nsteps: [{ id: each, for_each: "{{ 5 }}", tool: say }]')
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'each', code: 'loop_list' } })
  })
})

async function peakOf(parallel: string, count: number): Promise<number> {
  let now = 0
  let peak = 0
  const busy = tool('busy', async () => {
    peak = Math.max(peak, ++now)
    await new Promise(setImmediate)
    now--
    return null
  })
  const { run } = openWorkshop({ tools: [busy], workers: 100 })
  await run(each(parallel, '    steps: [{ id: b, tool: busy }]'), { xs: Array.from({ length: count }, (_, n) => n) })
  return peak
}

function failing(policy: string): Promise<Ended> {
  const { run } = openWorkshop({
    tools: [
      tool('check', ({ it }) => {
        if (it === 'b') throw Object.assign(new Error('no b'), { code: 'tool_error', terminal: true })
        return it!
      }),
    ],
  })
  return run(
    `${each('', `    steps: [{ id: b, tool: check, parameters: { it: "{{ item }}" }${policy} }]`)}  - { id: after, tool: say, depends_on: each }
outputs: { rows: "{{ each.results }}", bad: "{{ each.results[1].b.status }}", ok: "{{ each.success }}" }`,
  )
}

describe('the list that a template yields', () => {
  test.each([
    [['a'], ['a']],
    [' ["a", 1] ', ['a', 1]],
    [{ k: 1 }, [{ key: 'k', value: 1 }]],
  ])('%j', (value, list) => expect(parseYieldedList(value, 'for_each')).toEqual(list))

  test.each(['[1, 2,]', 'a, b', 'single', '', '{"a": 1}', 5, null])('not %j', (value) =>
    expect(() => parseYieldedList(value, 'for_each')).toThrow(/^for_each: expected a list, got/),
  )
})

describe('the list that an author writes', () => {
  test.each([
    [['a'], ['a']],
    ['["a", 1]', ['a', 1]],
    ['[a, b]', ['a', 'b']],
    ['a, b ,c', ['a', 'b', 'c']],
    ['single', ['single']],
    ['', []],
    [
      { k: 1, l: null },
      [
        { key: 'k', value: 1 },
        { key: 'l', value: null },
      ],
    ],
  ])('%j', (value, list) => expect(parseListText(value)).toEqual(list))

  test.each([5, true, null])('not %j', (value) =>
    expect(() => parseListText(value)).toThrow(/for_each: expected a list, got/),
  )

  test('a list that is not closed is not a list of its pieces', () =>
    expect(() => parseListText('[1, 2')).toThrow(/for_each: the text is not a list: line 1, column 6/))
})
