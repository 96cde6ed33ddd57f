import { describe, expect, test } from 'vitest'
import { readRun } from './read-run.ts'
import { openWorkshop } from './workshop.ts'

const FAIL = 'tool: fail, parameters: { message: no luck }'

type Case = readonly [name: string, steps: string, ended: { readonly [step: string]: string }, success?: boolean]

/** What each step came to; `-` before the reason of those that were skipped. */
async function outcomeOf(steps: string, head = '') {
  const { run, engine, values } = openWorkshop()
  const { id } = await run(`name: x\n${head}steps:\n${steps}`)
  const document = await readRun(engine.view, values, id)
  const ended = Object.values(document.steps).map(({ id, status, skip_reason: reason }) => [
    id,
    reason === null ? status : `-${reason}`,
  ])
  return { document, ended: Object.fromEntries(ended) as { readonly [step: string]: string } }
}

const [done, failed] = ['completed', 'failed'] as const
const [passed, unreached, aborted, isFalse] = ['-route', '-not_reached', '-aborted', '-condition_false'] as const

const CASES: readonly Case[] = [
  [
    'goto passes over the steps between (A38)',
    `
  - { id: a, tool: say, goto: d }
  - { id: b, tool: say, dependencies: [a] }
  - { id: c, tool: say, dependencies: [b] }
  - { id: d, tool: say, dependencies: [c] }
  - { id: e, tool: say, dependencies: [d] }`,
    { a: done, b: passed, c: passed, d: done, e: done },
  ],
  [
    'goto passes over steps that wait for nothing, as they are written',
    `
  - { id: before, tool: say }
  - { id: a, tool: say, on_success: c }
  - { id: b, tool: say }
  - { id: c, tool: say }
  - { id: after, tool: say }`,
    { before: done, a: done, b: passed, c: done, after: done },
  ],
  [
    'what also waits for the end of a route runs after it',
    `
  - { id: a, tool: say, goto: d }
  - { id: b, tool: say, dependencies: [a] }
  - { id: d, tool: say, dependencies: [a] }
  - { id: join, tool: say, dependencies: [b, d] }`,
    { a: done, b: passed, d: done, join: done },
  ],
  [
    'other branches are left alone',
    `
  - { id: a, tool: say, goto: c }
  - { id: b, tool: say, dependencies: [a, free] }
  - { id: c, tool: say, dependencies: [b, free] }
  - { id: free, tool: say }
  - { id: more, tool: say, dependencies: [free] }`,
    { a: done, b: passed, c: done, free: done, more: done },
  ],
  [
    'a failed step does not go where success leads',
    `
  - { id: a, ${FAIL}, on_failure: continue, goto: c }
  - { id: b, tool: say, dependencies: [a] }
  - { id: c, tool: say, dependencies: [b] }`,
    { a: failed, b: done, c: done },
    false,
  ],
  [
    'a failure leads to a step, and the run is not successful (A40)',
    `
  - { id: fetch, ${FAIL}, on_failure: recover }
  - { id: work, tool: say, dependencies: [fetch] }
  - { id: recover, tool: say, parameters: { v: "{{ error.failed_task_id }}: {{ error.error_message }}" } }
  - { id: report, tool: say, dependencies: [work, recover] }`,
    { fetch: failed, work: passed, recover: done, report: done },
    false,
  ],
  [
    'without the failure that step does not run, nor what only follows it',
    `
  - { id: fetch, tool: say, on_failure: recover }
  - { id: work, tool: say, dependencies: [fetch] }
  - { id: recover, tool: say }
  - { id: notify, tool: say, dependencies: [recover] }
  - { id: report, tool: say, dependencies: [work, recover] }`,
    { fetch: done, work: done, recover: unreached, notify: unreached, report: done },
  ],
  [
    'one step may be there for the failure of several',
    `
  - { id: a, tool: say, on_failure: tidy }
  - { id: b, ${FAIL}, on_failure: tidy }
  - { id: c, tool: say, on_failure: tidy }
  - { id: tidy, tool: say, parameters: { v: "{{ error.failed_task_id }}" } }`,
    { a: done, b: failed, c: passed, tidy: done },
    false,
  ],
  [
    'on_error with the id of a step is a route',
    `
  - { id: a, ${FAIL}, on_error: b }
  - { id: b, tool: say }`,
    { a: failed, b: done },
    false,
  ],
  [
    'a false condition leads elsewhere',
    `
  - { id: check, tool: say, if: "false", on_false: small }
  - { id: big, tool: say }
  - { id: small, tool: say }
  - { id: end, tool: say, dependencies: [big, small] }`,
    { check: isFalse, big: passed, small: done, end: done },
  ],
  [
    'and a true one does not (else is the same)',
    `
  - { id: check, tool: say, if: "true", else: small }
  - { id: big, tool: say }
  - { id: small, tool: say }
  - { id: end, tool: say, dependencies: [big, small] }`,
    { check: done, big: done, small: unreached, end: done },
  ],
  [
    'a step that is skipped leads nowhere',
    `
  - { id: a, tool: say, if: "no", goto: c }
  - { id: b, tool: say, dependencies: [a] }
  - { id: c, tool: say, dependencies: [b] }`,
    { a: isFalse, b: done, c: done },
  ],
  [
    'a route may lead over a loop, and out of one that failed',
    `
  - { id: a, tool: say, goto: c }
  - { id: l, for_each: [1, 2], tool: say, dependencies: [a] }
  - { id: c, for_each: [1], ${FAIL}, on_failure: d, dependencies: [l] }
  - { id: e, tool: say, dependencies: [c] }
  - { id: d, tool: say }`,
    { a: done, l: passed, c: failed, c_0_c: failed, e: passed, d: done },
    false,
  ],
  [
    'skip passes over all that waits for the step (A41)',
    `
  - { id: a, ${FAIL}, on_failure: skip }
  - { id: b, tool: say, dependencies: [a] }
  - { id: c, tool: say, dependencies: [b] }
  - { id: other, tool: say }`,
    { a: failed, b: passed, c: passed, other: done },
    false,
  ],
  [
    'retry goes on when all attempts failed',
    `
  - { id: a, ${FAIL}, on_failure: retry }
  - { id: b, tool: say, dependencies: [a] }`,
    { a: failed, b: done },
    false,
  ],
  [
    'an end of the run skips the rest, and the document tells all',
    `
  - { id: a, ${FAIL} }
  - { id: b, tool: say, dependencies: [a] }
  - { id: l, for_each: [1, 2], tool: say, dependencies: [b] }`,
    { a: failed, b: aborted, l: aborted },
    false,
  ],
  [
    'routes hold within the body of a loop',
    `
  - id: each
    for_each: [1, 2]
    steps:
      - { id: a, tool: say, goto: c, if: "{{ item == 1 }}" }
      - { id: b, tool: say, dependencies: [a] }
      - { id: c, tool: say, dependencies: [b] }
      - { id: bad, ${FAIL}, on_failure: skip, dependencies: [c] }
      - { id: late, tool: say, dependencies: [bad] }
  - { id: after, tool: say, dependencies: [each] }`,
    {
      ...{ each: done, each_0_a: done, each_0_b: passed, each_0_c: done, each_0_bad: failed, each_0_late: passed },
      ...{ each_1_a: isFalse, each_1_b: done, each_1_c: done, each_1_bad: failed, each_1_late: passed, after: done },
    },
    false,
  ],
]

describe.each([
  ['parallel', ''],
  ['sequential', 'strategy: sequential\n'],
])('%s: where a run goes on', (_strategy, head) => {
  const cases = CASES.map(([name, steps, expected, success = true]) => [name, steps, expected, success] as const)
  test.each(cases)('%s', async (_name, steps, expected, success) => {
    const { document, ended } = await outcomeOf(steps, head)
    expect(ended).toEqual(expected)
    expect(document.success).toBe(success)
    const { done, failed, skipped } = document.counts
    expect(done + failed + skipped).toBe(Object.keys(document.steps).length)
  })
})

describe('a condition', () => {
  test.each(['false', '"0"', '""', 'no', '"None"', '{{ [] }}', '{{ {} }}', '{{ 0 }}', '{{ none }}', '{{ "" }}'])(
    '%s does not hold (A12)',
    async (condition) => {
      const quoted = condition.startsWith('{') ? `'${condition}'` : condition
      expect((await outcomeOf(`  - { id: a, tool: say, condition: ${quoted} }`)).ended).toEqual({ a: isFalse })
    },
  )

  test('that cannot be told fails its step, and with it the run', async () => {
    const { document } = await outcomeOf(`
  - { id: a, tool: say }
  - { id: b, tool: say, condition: "{{ a.nothing > 1 }}", on_failure: c }
  - { id: c, tool: say, parameters: { v: "{{ error.error_message }}" } }`)
    expect(document.success).toBe(false)
    expect(document.steps).toMatchObject({
      b: { status: 'failed' },
      c: { value: { result: { v: expect.stringContaining('condition') } } },
    })
  })
})

describe('a sequential run', () => {
  test('does one step at a time, level by level, as they are written', async () => {
    const { run, calls } = openWorkshop()
    await run(`
name: x
strategy: sequential
steps:
  - { id: a, tool: say, parameters: { v: a } }
  - { id: b, tool: say, parameters: { v: b } }
  - { id: d, tool: say, parameters: { v: d }, dependencies: [b] }
  - { id: c, tool: say, parameters: { v: c }, dependencies: [a] }`)
    expect(calls.map(({ input }) => (input as { v: string }).v)).toEqual(['a', 'b', 'd', 'c'])
  })
})
