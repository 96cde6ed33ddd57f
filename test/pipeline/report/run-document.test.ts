import { describe, expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import type { RunDocument, StepDocument } from '../../../src/run/document.ts'
import { ToolFailure } from '../../../src/tool/tool.ts'
import { readRun } from '../read-run.ts'
import { openWorkshop, tool } from '../workshop.ts'

const report = tool('report', () => {
  throw new ToolFailure('it says so', { code: 'tool_error', result: { code: 3 } })
})
const never = tool('never', (_, { signal }) => new Promise((_resolve, reject) => (signal.onabort = () => reject(0))))

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/

/** The document of a run of those steps. */
async function documentOf(steps: string, more = ''): Promise<RunDocument> {
  let calls = 0
  const shaky = tool('shaky', () => {
    if (calls++ === 0) throw new RetryableError('not yet', { delay: 1 })
    return calls
  })
  const generate = async () =>
    ({ text: ' high\n', model: 'acme/large', usage: { input: 5, output: 2 }, cost: 0.25 }) as never
  const { run, engine, values } = openWorkshop({ tools: [report, never, shaky], generate })
  const { id } = await run(`name: A try\nsteps:\n${steps}\n${more}`)
  return readRun(engine.view, values, id)
}

/** What those keys of a step say. */
const told = ({ steps }: RunDocument, step: string, ...keys: readonly (keyof StepDocument)[]) =>
  Object.fromEntries(keys.map((key) => [key, steps[step]![key]]))

describe('the document of a run', () => {
  test('has these keys, whatever became of it', async () => {
    const fine = await documentOf('  - { id: a, tool: say, parameters: { v: 1 } }', 'outputs: { o: "{{ a.v }}" }')
    expect(fine).toEqual({
      ...{ pipeline_id: 'a-try', id: expect.any(String), execution_id: fine.id, status: 'completed', success: true },
      steps: { a: expect.anything() },
      outputs: { o: 1 },
      ...{ execution_order: ['a'], execution_levels: [['a']] },
      started_at: expect.stringMatching(MOMENT),
      completed_at: expect.stringMatching(MOMENT),
      duration: expect.any(Number),
      ...{ error: null, error_type: null, artifacts: [] },
      ...{
        name: 'A try',
        pipeline_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        counts: { done: 1, failed: 0, skipped: 0 },
      },
    })
    expect(fine.steps.a).toEqual({
      ...{ id: 'a', action: 'say', status: 'completed', success: true },
      value: { result: { v: 1 }, success: true, error: null },
      ...{ error: null, error_type: null, tool: 'say', model: null, provider: null },
      ...{
        started_at: expect.stringMatching(MOMENT),
        completed_at: expect.stringMatching(MOMENT),
        duration: expect.any(Number),
      },
      ...{ retries: 0, timed_out: false, dependencies: [], skip_reason: null },
      idempotency_key: expect.any(String),
    })
    const failed = await documentOf('  - { id: a, tool: report }')
    expect(Object.keys(failed)).toEqual([
      ...Object.keys(fine).slice(0, 15),
      'error_code',
      'error_at',
      'error_stack',
      'failed_step',
      ...Object.keys(fine).slice(15),
    ])
    expect(Object.keys(failed.steps.a!).slice(0, 17)).toEqual(Object.keys(fine.steps.a!).slice(0, 17))
  })

  test('a loop says what the steps of its iterations took together, at any depth', async () => {
    const ask = '{ id: ask, action: generate_text, parameters: { prompt: hi } }'
    const inner = `{ id: inner, for_each: "[1, 2]", steps: [${ask}] }`
    const { steps, usage } = await documentOf(
      `  - { id: outer, for_each: "[1, 2, 3]", steps: [{ id: note, tool: say, parameters: { v: 1 } }, ${inner}] }`,
    )
    const took = (...ids: readonly string[]) =>
      ids.reduce((sum, id) => sum + Math.round(steps[id]!.duration! * 1000), 0) / 1000
    const asks = ['outer_0_inner_0_ask', 'outer_0_inner_1_ask']
    expect(steps.outer_0_inner!.inside).toEqual({ steps: 2, duration: took(...asks), input: 10, output: 4, cost: 0.5 })
    const leaves = Object.keys(steps).filter((id) => /ask|note/.test(id))
    expect(steps.outer!.inside).toEqual({ steps: 9, duration: took(...leaves), ...usage })
    expect(usage).toMatchObject({ input: 30, cost: 1.5 })
    expect(asks.map((id) => steps[id]!.inside)).toEqual([undefined, undefined])
  })

  test('says why it failed, of which kind that was and in which step; what did not run was aborted', async () => {
    const document = await documentOf('  - { id: a, tool: report }\n  - { id: b, tool: say, dependencies: [a] }')
    expect(document).toMatchObject({
      ...{ status: 'failed', success: false, error: 'it says so', error_type: 'ToolError', failed_step: 'a' },
      counts: { done: 0, failed: 1, skipped: 1 },
    })
    expect(told(document, 'a', 'value', 'error', 'error_type', 'error_code')).toEqual({
      value: { result: { code: 3 }, success: false, error: 'it says so' },
      ...{ error: 'it says so', error_type: 'ToolError', error_code: 'tool_error' },
    })
    expect(told(document, 'b', 'status', 'success', 'value', 'skip_reason', 'dependencies', 'duration')).toEqual({
      ...{
        status: 'skipped',
        success: false,
        value: null,
        skip_reason: 'aborted',
        dependencies: ['a'],
        duration: null,
      },
    })
  })

  test('gives what a condition skipped another value than what a route passed over', async () => {
    const document = await documentOf(`
  - { id: no, tool: say, condition: "false" }
  - { id: a, tool: say, goto: c }
  - { id: b, tool: say, dependencies: [a] }
  - { id: c, tool: say, dependencies: [b] }`)
    expect(document).toMatchObject({ status: 'completed', success: true, error: null })
    expect(told(document, 'no', 'value', 'skip_reason', 'success')).toEqual({
      ...{ value: { status: 'skipped', reason: 'condition_false' }, skip_reason: 'condition_false', success: false },
    })
    expect(told(document, 'b', 'value', 'skip_reason', 'skipped_by')).toEqual({
      ...{ value: null, skip_reason: 'route', skipped_by: 'a' },
    })
  })

  test('counts attempts after the first, and tells what ran out of time', async () => {
    const document = await documentOf(`
  - { id: again, tool: shaky, retry: 3 }
  - { id: late, tool: never, timeout: 0.01, on_failure: continue }`)
    expect(document).toMatchObject({ status: 'completed', success: false, error: null })
    expect(told(document, 'again', 'retries', 'success', 'timed_out')).toEqual({
      retries: 1,
      success: true,
      timed_out: false,
    })
    expect(told(document, 'late', 'error_type', 'timed_out', 'success')).toEqual({
      ...{ error_type: 'TimeoutError', timed_out: true, success: false },
    })
  })

  test('names who answered, what that took, and what stood in for a step', async () => {
    const document = await documentOf(`
  - { id: ask, action: generate_text, parameters: { prompt: How high? } }
  - { id: a, tool: report, on_error: { fallback_value: instead } }`)
    expect(document).toMatchObject({
      success: true,
      degraded: true,
      usage: { input: 5, output: 2, cost: 0.25 },
    })
    expect(told(document, 'ask', 'action', 'tool', 'model', 'provider', 'value')).toEqual({
      ...{ action: 'generate', tool: null, model: 'acme/large', provider: 'acme' },
      value: { action: 'generate', model_used: 'acme/large', result: ' high\n', success: true, error: null },
    })
    const loss = 'a substitute (fallback_value) gave the result, because the step failed: it says so'
    expect(told(document, 'a', 'status', 'success', 'value', 'error', 'degraded', 'lacks')).toEqual({
      ...{ status: 'completed', success: true, value: { result: 'instead', success: true, error: null } },
      ...{ error: 'it says so', degraded: true, lacks: [loss] },
    })
    expect(document.lacks).toEqual([`a: ${loss}`])
  })

  test('has the steps of a loop under ids of their own, and in its value as they are there', async () => {
    const document = await documentOf(`
  - id: each
    for_each: [1, 2]
    steps:
      - { id: b, tool: say, parameters: { n: "{{ item }}" } }
      - { id: c, tool: report, depends_on: b, condition: "{{ item == 2 }}", on_failure: continue }
  - { id: map, foreach: [x], tool: say, parameters: { v: "{{ item }}" } }
  - { id: turn, while: "{{ iteration < 1 }}", steps: [{ id: t, tool: say }] }
  - { id: act, action_loop: [{ name: q, tool: say }], until: "{{ iteration >= 1 }}" }
  - { id: one, create_parallel_queue: { on: [1], action_loop: [{ name: q, tool: say }] } }
  - { id: two, create_parallel_queue: { on: [1], action_loop: [{ name: q, tool: say }, { name: r, tool: say }] } }`)
    const { steps } = document
    expect(document.execution_order).toEqual(['each', 'map', 'turn', 'act', 'one', 'two'])
    expect(Object.keys(steps).slice(0, 6)).toEqual(['each', 'each_0_b', 'each_0_c', 'each_1_b', 'each_1_c', 'map'])
    expect(steps.each_1_c!.dependencies).toEqual(['each_1_b'])
    expect(steps.each).toMatchObject({ action: 'for_each', tool: null, status: 'completed', success: false })
    const said = (step: string) => steps[step]!.value
    expect(said('each')).toMatchObject({
      ...{ iterations: 2, completed: true, success: false },
      results: [
        { b: said('each_0_b'), c: said('each_0_c') },
        { b: said('each_1_b'), c: said('each_1_c') },
      ],
    })
    expect(said('each_1_c')).toEqual({ result: { code: 3 }, success: false, error: 'it says so' })
    expect(said('map')).toMatchObject({ results: [said('map_0_map')], succeeded: 1 })
    expect(said('turn')).toMatchObject({ results: [{ t: said('turn_0_t') }], iteration_count: 1 })
    expect(said('act')).toMatchObject({
      all_results: [{ results: { q: said('act_0_q') } }],
      final_results: { q: said('act_0_q') },
    })
    expect(steps.one).toMatchObject({
      action: 'create_parallel_queue',
      value: { results: [{ result: said('one_0_q') }] },
    })
    expect(said('two')).toMatchObject({ results: [{ result: { q: said('two_0_q'), r: said('two_0_r') } }] })
  })
})
