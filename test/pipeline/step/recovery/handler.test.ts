import { describe, expect, test } from 'vitest'
import { RetryableError, TerminalError } from '../../../../src/errors.ts'
import type { ModelRequest } from '../../../../src/model/request/request.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { callbackTools } from '../../../../src/pipeline/tools/callback-tools.ts'
import { echoTools } from '../../../../src/tool/builtin/echo.ts'
import { ToolFailure } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { readRun } from '../../read-run.ts'
import { openWorkshop, tool } from '../../workshop.ts'

/** Fails so often, then answers with how often it was called. */
function flaky(times: number, error: () => Error = () => new TerminalError('no luck today', { code: 'tool_error' })) {
  let calls = 0
  return tool('flaky', () => {
    if (calls++ < times) throw error()
    return { calls }
  })
}

async function runAll(steps: string, { times = 1000, error = undefined as (() => Error) | undefined, head = '' } = {}) {
  const workshop = openWorkshop({ tools: [flaky(times, error), ...echoTools] })
  const { id } = await workshop.run(`name: x\n${head}steps:\n${steps}`)
  const document = await readRun(workshop.engine.view, workshop.values, id)
  return { document, steps: document.steps, calls: workshop.calls }
}

const AFTER = '  - { id: after, tool: say, parameters: { v: "{{ a.calls | default(a.error) }}" }, dependencies: [a] }'

describe('a handler', () => {
  test('is done only when its step fails, sees why, and then the run is successful', async () => {
    const steps = `
  - { id: a, tool: flaky, on_error: { handler_task_id: mend, retry_with_handler: false, log_level: warning } }
  - id: mend
    tool: say
    parameters: { of: "{{ error.failed_task_id }}", type: "{{ error.error_type }}", why: "{{ a.error }}" }
${AFTER}`
    const { document, steps: ended } = await runAll(steps)
    expect(document).toMatchObject({ status: 'completed', success: true, counts: { done: 1, failed: 1, skipped: 0 } })
    expect(ended.a).toMatchObject({ status: 'failed', handled: 'mend' })
    expect(ended.mend).toMatchObject({
      status: 'completed',
      value: { result: { of: 'a', type: 'ToolError', why: 'no luck today' } },
    })
    expect(ended.after).toMatchObject({ value: { result: { v: 'no luck today' } } })

    const undisturbed = await runAll(steps, { times: 0 })
    expect(undisturbed.document).toMatchObject({ success: true, counts: { done: 2, failed: 0 } })
    expect(undisturbed.steps.mend).toMatchObject({ status: 'skipped', skip_reason: 'not_reached' })
  })

  test('has its step tried again: the default for what may be repeated', async () => {
    const { steps, document } = await runAll(
      `
  - { id: a, tool: flaky, on_error: { handler_task_id: mend } }
  - { id: mend, tool: say }
${AFTER}`,
      { times: 1 },
    )
    expect(steps.a).toMatchObject({ status: 'completed', handled: 'mend', retries: 1, value: { result: { calls: 2 } } })
    expect(document).toMatchObject({ success: true, counts: { done: 2 } })
  })

  test('as often as it says', async () => {
    const mend = `
  - { id: mend, tool: say }`
    const on = (rounds: number) => `
  - { id: a, tool: flaky, on_error: { handler_task_id: mend, max_handler_retries: ${rounds}, propagate_error: true } }${mend}`
    expect((await runAll(on(3), { times: 3 })).steps.a).toMatchObject({ status: 'completed', retries: 3 })
    const short = await runAll(on(2), { times: 3 })
    expect(short.steps.a).toMatchObject({ status: 'failed', retries: 2 })
    expect(short.document).toMatchObject({ status: 'failed', success: false })
  })

  test('that fails leaves the failure as it was, unless that is said not to matter', async () => {
    const steps = (more: string) => `
  - { id: a, tool: flaky, on_error: { handler_task_id: mend${more} } }
  - { id: mend, tool: fail }
${AFTER}`
    const strict = await runAll(steps(''))
    expect(strict.document).toMatchObject({ status: 'failed', success: false })
    expect(strict.steps).toMatchObject({
      a: { status: 'failed' },
      mend: { status: 'failed' },
      after: { skip_reason: 'aborted' },
    })
    const lax = await runAll(steps(', continue_on_handler_failure: true'))
    expect(lax.document).toMatchObject({ status: 'completed', success: true })
    expect(lax.steps).toMatchObject({ a: { handled: 'mend' }, after: { status: 'completed' } })
  })

  test('that fails says why, beside the failure it was for: in the document and in the events of the step', async () => {
    const workshop = openWorkshop({ tools: [flaky(1000), ...echoTools] })
    const text = `name: x
steps:
  - id: a
    tool: flaky
    fallback: [mend]
    on_error:
      - { handler_action: fail }
      - { handler_action: "It was {{ error.context.result }}" }
      - { handler_action: fail, error_types: [TimeoutError] }
      - { fallback_value: "{{ error.context.result }}" }
  - { id: mend, tool: fail }
  - { id: b, tool: flaky, on_error: [{ handler_action: fail }, { handler_action: Never mind }] }`
    const { id } = await workshop.run(text)
    const { steps, error, failed_step } = await readRun(workshop.engine.view, workshop.values, id)
    expect({ error, failed_step }).toEqual({ error: 'no luck today', failed_step: 'a' })
    expect(steps.a).toMatchObject({ status: 'failed', error: 'no luck today', error_type: 'ToolError' })
    expect(steps.a!.failed_handlers).toMatchObject([
      { handler: 'mend', error: 'broken', error_type: 'ToolError' },
      { handler: 'fail', error: 'broken', error_code: 'tool_error' },
      { handler: 'It was {{ error.context.result }}', error_code: 'unresolved_template' },
      { handler: 'fallback_value', error_code: 'unresolved_template' },
    ])
    expect(steps.b).toMatchObject({ handled: 'Never mind', failed_handlers: [{ handler: 'fail', error: 'broken' }] })
    expect(steps.mend).not.toHaveProperty('failed_handlers')
    const told = await workshop.events(id)
    const toldOf = (step: string) => told.find((event) => event.type === 'step-end' && event.step === step)
    expect(toldOf('a')).toMatchObject({
      problem: { message: 'no luck today' },
      failedHandlers: [{ by: 'mend' }, {}, {}, {}],
    })
    expect(toldOf('b')).toMatchObject({ failedHandlers: [{ by: 'fail', problem: { message: 'broken' } }] })
  })

  test('may stand for every step', async () => {
    const { steps, document } = await runAll(
      `
  - { id: a, tool: flaky }
  - { id: each, for_each: [1, 2], tool: flaky }
  - { id: mend, tool: say, parameters: { of: "{{ error.failed_task_id }}" } }`,
      { head: 'global_error_handlers:\n  - { handler_task_id: mend, retry_with_handler: false }\n' },
    )
    expect(document).toMatchObject({ success: true, counts: { failed: 3 } })
    expect(steps).toMatchObject({ a: { handled: 'mend' }, each_1_each: { handled: 'mend' } })
  })

  test('of a step in a loop is one of its siblings, and counts for no iteration', async () => {
    const { steps, document } = await runAll(`
  - id: each
    for_each: [1, 2]
    steps:
      - { id: a, tool: flaky, on_error: { handler_task_id: mend, fallback_value: none } }
      - { id: mend, tool: say, parameters: { n: "{{ item }}" } }
      - { id: b, tool: say, parameters: { v: "{{ a }}" } }`)
    expect(document).toMatchObject({ success: true, degraded: true, counts: { done: 5, failed: 0 } })
    expect(steps).toMatchObject({
      each_0_a: { status: 'completed', degraded: true },
      each_1_mend: { value: { result: { n: 2 } } },
      each_1_b: { value: { result: { v: 'none' } } },
    })
  })
})

describe('the choice of a handler', () => {
  const exit = () => new ToolFailure('exit 3: disk full', { result: { return_code: 3 } })
  const handled = async (handlers: string, error: () => Error = exit) => {
    const { steps, document } = await runAll(`\n  - { id: a, tool: flaky, on_error: ${handlers} }`, {
      error,
      head: INPUTS,
    })
    return steps.a!.handled ?? document.status
  }
  const INPUTS = 'inputs: { on: true }\n'
  const note = (name: string, more: string) => `{ handler_action: ${name}, ${more} }`

  test.each([
    ['any', `[${note('x', 'error_types: ["*"]')}]`, 'x'],
    ['by type', `[${note('x', 'error_types: [TimeoutError]')}, ${note('y', 'error_types: [ToolError]')}]`, 'y'],
    ['by pattern, in any case', `[${note('x', 'error_patterns: ["DISK +full$"]')}]`, 'x'],
    ['not by another pattern', `[${note('x', 'error_patterns: ["^disk"]')}]`, 'failed'],
    ['by number', `[${note('x', 'error_codes: [4]')}, ${note('y', 'error_codes: [3]')}]`, 'y'],
    ['by code', `[${note('x', 'error_codes: [tool_failed]')}]`, 'x'],
    ['all that is asked holds', `[${note('x', 'error_codes: [3], error_types: [TimeoutError]')}]`, 'failed'],
    [
      'the first by priority',
      `[${note('x', 'priority: 200')}, ${note('y', 'priority: 10')}, ${note('z', 'priority: 20')}]`,
      'y',
    ],
    [
      'none that is off',
      `[${note('x', 'enabled: false')}, ${note('y', 'enabled: "{{ not on }}"')}, ${note('z', 'enabled: off')}]`,
      'failed',
    ],
    ['one that is on', `[${note('y', 'enabled: "{{ on }}"')}]`, 'y'],
    ['a sentence is a note', '"Use cached data"', 'Use cached data'],
    ['a word of on_failure is that', 'continue', 'completed'],
  ])('%s', async (_name, handlers, expected) => {
    expect(await handled(handlers)).toBe(expected)
  })

  test('by a name of another language', async () => {
    const missing = () => new TerminalError('File not found: x', { code: 'not_found' })
    expect(await handled(`[${note('x', 'error_types: [FileNotFoundError]')}]`, missing)).toBe('x')
  })
})

describe('the texts of a handler', () => {
  const handled = async (action: string, { more = '', times = 1000 } = {}) => {
    const steps = `\n  - { id: a, tool: flaky, on_error: { handler_action: "${action}"${more} } }`
    const { steps: ended, document, calls } = await runAll(steps, { times })
    return { handled: ended.a!.handled, status: ended.a!.status, success: document.success, calls }
  }
  const once = { more: ', retry_with_handler: false' }

  test('is rendered: a sentence, and the line of an action that echoes one', async () => {
    const why = '{{ error.error_message }}'
    expect(await handled(`Went on after ${why}`)).toMatchObject({
      handled: 'Went on after no luck today',
      success: true,
    })
    expect(await handled(`echo saved ${why}`, once)).toMatchObject({ handled: 'saved no luck today', success: true })
    expect(await handled(`print ${why} of {{ error.failed_task_id }}`, once)).toMatchObject({
      handled: 'no luck today of a',
    })
    const { steps } = await runAll('\n  - { id: a, tool: flaky, on_error: "Without it: {{ error.error_message }}" }')
    expect(steps.a).toMatchObject({ handled: 'Without it: no luck today' })
  })

  test('may name the step that failed, in every spelling; also that of a loop over its own action', async () => {
    const { steps } = await runAll(`
  - { id: a, tool: flaky, on_error: "{{ a.error }}, {{ steps.a.status }}, {{ results['a'].error }}" }
  - { id: b, tool: flaky, on_error: { handler_action: Instead, fallback_value: "not {{ b.error }}" } }
  - { id: l, for_each: [x], tool: flaky, on_error: "{{ l.error }} at {{ l.item }}, {{ steps.l.error }}" }
  - { id: m, for_each: [x], steps: [{ id: d, tool: flaky, on_error: "{{ d.error }} at {{ m.item }}" }] }`)
    expect(steps).toMatchObject({
      a: { handled: 'no luck today, failed, no luck today' },
      b: { status: 'completed', value: { result: 'not no luck today' } },
      l_0_l: { handled: 'no luck today at x, no luck today' },
      m_0_d: { handled: 'no luck today at x' },
    })
  })

  test('of every step names what failed by error alone', () => {
    const refusedFor = (text: string) => {
      const pipeline = `name: x\nglobal_error_handlers: [{ handler_action: "It was ${text}" }]\nsteps:\n  - { id: a, tool: say }`
      const { findings } = compileText(pipeline, { file: 'p.yaml', toolbox: createToolbox([tool('say', () => null)]) })
      return findings.map(({ code, message, hint }) => [code, message, hint])
    }
    expect(refusedFor('{{ error.failed_task_id }}')).toEqual([])
    for (const text of ['{{ a.error }}', '{{ steps.a.error }}'])
      expect(refusedFor(text)).toEqual([
        ['undefined_variable', expect.stringContaining('`a`'), expect.stringContaining('error.error_message')],
      ])
  })

  test('can be read of the step: a sentence, of what stood in, of a loop', async () => {
    const { steps, document } = await runAll(`
  - { id: a, tool: flaky, on_error: "Use cached data" }
  - { id: b, tool: flaky, on_error: { handler_action: "Of {{ error.failed_task_id }}", fallback_value: { n: 1 } } }
  - { id: l, for_each: [1], on_error: Nothing came, steps: [{ id: d, tool: flaky }] }
  - { id: told, tool: say, parameters: { v: "{{ a.handled }}, {{ a.error }}; {{ b.handled }}; {{ l.handled }}" } }
  - { id: fine, tool: say, parameters: { v: "{{ told.handled | default('-') }}" } }`)
    expect(document).toMatchObject({ success: true, degraded: true })
    expect(steps).toMatchObject({
      told: { value: { result: { v: 'Use cached data, no luck today; Of b; Nothing came' } } },
      fine: { value: { result: { v: '-' } } },
    })
  })

  test('may be an action, after which the step is tried again, as after a step', async () => {
    expect(await handled('say', once)).toMatchObject({ handled: 'say', success: true, calls: [{ tool: 'say' }] })
    expect(await handled('echo again', { times: 1 })).toMatchObject({ status: 'completed', handled: 'again' })
  })

  test('that cannot be rendered, or an action that fails, helps nobody', async () => {
    for (const action of ['It was {{ error.context.result.x }}', 'fail'])
      expect(await handled(action, once)).toMatchObject({ status: 'failed', success: false })
  })

  test('that does nothing is warned of once, also where it stands for every step; a sentence is not', () => {
    const warned = (head: string, more = '') => {
      const text = `name: x\n${head}steps:\n  - { id: a, tool: say${more} }\n  - { id: b, tool: say }`
      const { findings } = compileText(text, {
        file: 'p.yaml',
        toolbox: createToolbox([tool('say', () => null), ...callbackTools]),
      })
      return findings.map(({ code, severity, path }) => [code, severity, path])
    }
    const path = 'global_error_handlers[0].handler_action'
    const one = [['handler_does_nothing', 'warning', path]]
    expect(warned('global_error_handlers: [{ handler_action: sya }]\n')).toEqual(one)
    expect(warned('global_error_handlers: [{ handler_action: say }]\n', ', on_error: Use cached data')).toEqual([])
    expect(warned('', ', on_error: { handler_action: user-prompt }')).toMatchObject([
      ['handler_does_nothing', 'warning', expect.anything()],
    ])
    expect(warned('', ', on_error: { handler_action: "{{error.error_message}}" }')).toEqual([])
  })
})

describe('fallback results', () => {
  test('is a value, which may be a template', async () => {
    const { steps, document } = await runAll(`
  - { id: a, tool: flaky, on_error: { fallback_value: { calls: "{{ 3 + 4 }}", why: "{{ error.error_message }}" } } }
${AFTER}`)
    expect(document).toMatchObject({ success: true, degraded: true, counts: { failed: 0 } })
    expect(steps.a).toMatchObject({
      ...{ status: 'completed', degraded: true, error: 'no luck today' },
      value: { result: { calls: 7, why: 'no luck today' } },
    })
    expect(steps.after).toMatchObject({ value: { result: { v: 7 } } })
  })

  test('is a step, or the next one', async () => {
    const { steps, document } = await runAll(`
  - { id: a, tool: flaky, fallback: [b, c] }
  - { id: b, tool: fail }
  - { id: c, tool: say, parameters: { calls: "c for {{ error.failed_task_id }}" } }
${AFTER}`)
    expect(document).toMatchObject({ success: true, degraded: true, counts: { done: 2, failed: 0 } })
    expect(steps).toMatchObject({
      a: { status: 'completed', degraded: true, handled: 'c', value: { result: { calls: 'c for a' } } },
      ...{ b: { status: 'failed' }, c: { status: 'completed' } },
    })
  })

  test('is another model', async () => {
    const asked: (string | undefined)[] = []
    const { run, engine, values } = openWorkshop({
      async generate({ model }: ModelRequest) {
        asked.push(model)
        if (model !== 'small') throw new TerminalError('no such model', { code: 'model_unavailable' })
        return { text: 'hello', model } as never
      },
    })
    const { id } = await run(`
name: x
steps: [{ id: a, action: generate, parameters: { prompt: hi, model: big }, fallback: [medium, small] }]
outputs: { o: "{{ a }}" }`)
    expect(await readRun(engine.view, values, id)).toMatchObject({
      ...{ success: true, degraded: true, outputs: { o: 'hello' } },
      steps: { a: { handled: 'small', degraded: true } },
    })
    expect(asked).toEqual(['big', 'medium', 'small'])
  })

  test('comes after all attempts', async () => {
    const { steps, calls } = await runAll(
      `
  - { id: a, tool: flaky, retry: 1, fallback: b }
  - { id: b, tool: say }`,
      { error: () => new RetryableError('shaky', { delay: 1 }) },
    )
    expect(steps.a).toMatchObject({ degraded: true, retries: 1 })
    expect(calls).toHaveLength(1)
  })
})

describe('a loop that fails', () => {
  const LOOP = (more: string) => `
  - id: l
    for_each: [1, 2, 3]
    steps:
      - { id: c, tool: say, parameters: { n: "{{ item }}" } }
      - { id: d, tool: fail, condition: "{{ item == 2 }}", dependencies: [c] }
    ${more}
  - { id: after, tool: say, parameters: { v: "{{ l.n | default(l.error) | default('-') }}" }, dependencies: [l] }`
  const MEND = `
  - { id: mend, tool: say, parameters: { of: "{{ error.failed_task_id }}", why: "{{ error.error_message }}", had: "{{ l.results | length }}" } }`

  test('has handlers of its own, which see what it came to; then what it failed with is dealt with', async () => {
    const { document, steps } = await runAll(LOOP('on_error: { handler_task_id: mend }') + MEND)
    expect(document).toMatchObject({ status: 'completed', success: true, counts: { failed: 2 } })
    expect(steps.l).toMatchObject({ status: 'failed', handled: 'mend' })
    expect(steps.mend).toMatchObject({ value: { result: { of: 'l', why: 'broken', had: 2 } } })
    expect(steps.after).toMatchObject({ value: { result: { v: 'broken' } } })
    expect(steps.l_2_c).toBeUndefined()
  })

  test('waits for what its handlers read, and what they misspell is refused', async () => {
    const steps = (id: string) => `
  - { id: said, tool: say, parameters: { v: hello } }
  - { id: l, for_each: [1], steps: [{ id: d, tool: fail }], on_error: "{{ ${id}.v }}, {{ l.error }}" }`
    expect((await runAll(steps('said'))).steps.l).toMatchObject({ handled: 'hello, broken' })
    await expect(runAll(steps('siad'))).rejects.toThrow(/`siad`/)
  })

  test('is stood in for', async () => {
    const valued = await runAll(LOOP('on_error: { fallback_value: { n: 5 } }'))
    expect(valued.document).toMatchObject({ success: true, degraded: true })
    expect(valued.steps).toMatchObject({
      l: { status: 'completed', degraded: true },
      after: { value: { result: { v: 5 } } },
    })
    const replaced = await runAll(LOOP('fallback: [mend]') + MEND)
    expect(replaced.document).toMatchObject({ success: true, degraded: true })
    expect(replaced.steps.l).toMatchObject({ status: 'completed', value: { result: { of: 'l' } } })
  })

  test('with a sentence has failed and is dealt with; without anything is not', async () => {
    expect((await runAll(LOOP('on_error: Nothing can be done'))).document).toMatchObject({
      success: true,
      counts: { failed: 2 },
    })
    expect((await runAll(LOOP('on_failure: continue'))).document).toMatchObject({
      status: 'completed',
      success: false,
    })
  })

  test('within a loop counts with what that fails with, and what may fail does not', async () => {
    const { document, steps } = await runAll(`
  - id: outer
    while: "true"
    max_iterations: 2
    on_error: { handler_action: It was to be expected }
    steps:
      - { id: may, tool: fail, on_failure: continue }
      - { id: l, for_each: [1], dependencies: [may], steps: [{ id: d, tool: fail }] }`)
    expect(steps).toMatchObject({ outer: { handled: 'It was to be expected' }, outer_0_l: { status: 'failed' } })
    // only what went on because of `continue` is left
    expect(document).toMatchObject({ status: 'completed', success: false, counts: { failed: 4 } })
    const { document: clean } = await runAll(`
  - id: outer
    while: "true"
    on_error: { handler_action: It was to be expected }
    steps: [{ id: l, for_each: [1], steps: [{ id: d, tool: fail }] }]`)
    expect(clean).toMatchObject({ status: 'completed', success: true, counts: { failed: 3 } })
  })

  test('before it began, as where there is no list, has handlers too', async () => {
    const { document, steps } = await runAll(`
  - { id: l, for_each: "{{ 5 }}", steps: [{ id: d, tool: say }], on_error: { fallback_value: none } }`)
    expect(document).toMatchObject({ success: true })
    expect(steps.l).toMatchObject({ status: 'completed', value: { result: 'none' } })
  })

  test('is not tried again', async () => {
    const again = 'on_error: { handler_task_id: mend, retry_with_handler: true }'
    await expect(runAll(LOOP(again) + MEND)).rejects.toThrow(/`l` is a loop, and a loop is not retried/)
  })
})
