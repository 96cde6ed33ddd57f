import { describe, expect, test } from 'vitest'
import type { ScriptedTurn } from '../../src/testing/scripted-model.ts'
import { answer, CLERK, openGoals } from '../agent/goal/folder.ts'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'

const usage = { input: 10, output: 1 }
const cut = (reply: string, times = 1): ScriptedTurn => ({ reply, finish: 'length', times, usage })
const LACK = 'the reply of lab/one ended at its limit of tokens, so its end is missing'

const ONE = (more = '', parameters = '{ prompt: Go. }', action = 'generate') => `
name: one
steps:
  - { id: a, action: ${action}, parameters: ${parameters}${more} }
outputs: { a: "{{ a.result | default('none') }}" }`

async function run(script: readonly ScriptedTurn[], yaml: string, settings = '') {
  const opened = await openGoals(script, settings)
  opened.write('one.yaml', yaml)
  const { id } = await opened.runtime.runs.start({ file: opened.path('one.yaml') })
  await opened.runtime.idle()
  const events: { readonly [field: string]: unknown }[] = []
  for await (const { body } of opened.runtime.runs.events(id)) events.push(body as (typeof events)[number])
  return { ...opened, id, run: await opened.runtime.runs.get(id), events }
}

describe('a text that the limit of tokens cut off', () => {
  test('is the result of its step, which is degraded and names the missing part', async () => {
    const { run: done, events } = await run([cut('Half a')], ONE())
    expect(done).toMatchObject({
      status: 'completed',
      degraded: true,
      lacks: [`a: ${LACK}`],
      outputs: { a: 'Half a' },
      steps: { a: { status: 'completed', degraded: true, lacks: [LACK] } },
    })
    expect(events).toContainEqual(expect.objectContaining({ type: 'step-end', step: 'a', degraded: true }))
  })

  test('fails its step if the author says so; the error quotes it, and the step keeps all of it', async () => {
    const text = `${'word '.repeat(1000)}end`
    const { run: done, runtime, id } = await run([cut(text)], ONE(', on_truncated: fail'))
    const { steps, status } = done
    expect([status, steps.a?.error_code, steps.a?.retries]).toEqual(['failed', 'model_truncated_output', 0])
    expect(steps.a?.error).toMatch(/its end is missing: «word word .*…» \(the first 2000 of 5003 characters\)$/)
    expect((await runtime.runs.step(id, 'a')).reply).toBe(text)
  })

  test('is continued if the author says so, with all parts counted and paid', async () => {
    const script = [
      cut('One, two'),
      { ...cut(', three'), match: /One, two$/m },
      { ...answer(', four.'), match: /exactly where it ends/ },
    ]
    const { run: done, model } = await run(script, ONE(', on_truncated: continue'))
    expect(done).toMatchObject({ outputs: { a: 'One, two, three, four.' }, usage: { input: 30, output: 3 } })
    expect(done).not.toHaveProperty('degraded')
    expect(done.usage?.cost).toBeCloseTo(33e-6)
    expect(model.calls).toHaveLength(3)
  })

  test('stays degraded if the model never finishes', async () => {
    const { run: done, model } = await run([cut('again. ', 100)], ONE(', on_truncated: continue'))
    expect(done).toMatchObject({ status: 'completed', degraded: true, steps: { a: { lacks: [LACK] } } })
    expect(model.calls).toHaveLength(9)
  })

  test('is continued as JSON, too', async () => {
    const schema = '{ prompt: Go., schema: { type: object, properties: { a: { type: string } }, required: [a] } }'
    const script = [cut('{"a": "on'), answer('e"}')]
    const whole = await run(script, ONE(', on_truncated: continue', schema, 'generate_structured'))
    expect(whole.run.steps.a).toMatchObject({ status: 'completed', value: { result: { a: 'one' } } })
    expect(whole.model.calls[1]?.options).not.toHaveProperty('responseFormat')
    const kept = await run([cut('{"a": "on')], ONE('', schema, 'generate_structured'))
    expect(kept.run.steps.a).toMatchObject({ status: 'failed', error_code: 'model_truncated_output' })
    expect(kept.run.steps.a?.error).toContain('its JSON is not complete: «{"a": "on»')
  })

  test('is the answer to a tag, and its step says so', async () => {
    const { run: done } = await run([cut('Half')], ONE('', '{ message: "<AUTO>a greeting</AUTO>" }', 'debug'))
    expect(done.steps.a).toMatchObject({ status: 'completed', degraded: true, lacks: [LACK] })
  })

  test('fails a tag where it is wrong; the error quotes it, and the step has all of it', async () => {
    const text = `${'word '.repeat(1000)}end`
    const yaml = ONE('', '{ message: "<AUTO type=\\"integer\\">how many</AUTO>" }', 'debug')
    const { run: done, runtime, id } = await run([answer(text)], yaml)
    expect(done.steps.a).toMatchObject({ status: 'failed', error_code: 'auto_invalid' })
    expect(done.steps.a?.error).toMatch(/«word word .*…» \(the first 2000 of 5003 characters\)$/)
    expect((await runtime.runs.step(id, 'a')).reply).toBe(text)
  })

  test('shows in the items of a loop, and in the parent of a child run', async () => {
    const items = `
name: one
steps:
  - { id: each, for_each: [1, 2], steps: [{ id: a, action: generate, parameters: { prompt: "Go {{ item }}." } }] }`
    const loop = await run([cut('Half', 1), answer('Whole')], items)
    expect(loop.run).toMatchObject({ degraded: true, lacks: [expect.stringContaining(LACK)] })
    const above = `
name: one
steps:
  - { id: below, tool: pipeline-executor, parameters: { pipeline: { name: two, steps: [{ id: a, action: generate, parameters: { prompt: Go. } }] } } }`
    const { run: done } = await run([cut('Half')], above)
    expect(done.steps.below).toMatchObject({
      degraded: true,
      lacks: [expect.stringMatching(/^the child run .* is degraded$/)],
    })
  })

  test('says so again from the cache', async () => {
    const { runtime, path } = await run([cut('Half'), answer('other')], ONE(', cache: true'))
    const { id } = await runtime.runs.start({ file: path('one.yaml') })
    await runtime.idle()
    const again = await runtime.runs.get(id)
    expect(again).toMatchObject({ outputs: { a: 'Half' }, steps: { a: { lacks: [LACK] } } })
    expect(again.steps.a?.models?.[0]?.cached).toBe(true)
  })
})

describe('an answer of a goal that the limit of tokens cut off', () => {
  test('is continued', async () => {
    const { runtime } = await openGoals([cut('One, two'), answer(', three.')])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Count.' })
    await runtime.idle()
    const goal = await runtime.goals.get(id)
    expect(goal).toMatchObject({ status: 'completed', answer: 'One, two, three.', tokens: 22 })
    expect(goal).not.toHaveProperty('degraded')
  })

  test('is degraded if it has no end, for its reader and for the step that asked', async () => {
    const { runtime, path, write } = await openGoals([cut('again. ', 100)])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Count.' })
    await runtime.idle()
    const told = [expect.stringContaining('so its end is missing')]
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', degraded: true, lacks: told })
    write('one.yaml', ONE(', tools: [filesystem:read]'))
    const { id: asked } = await runtime.runs.start({ file: path('one.yaml') })
    await runtime.idle()
    expect((await runtime.runs.get(asked)).steps.a).toMatchObject({ degraded: true, lacks: told })
  })
})

test('an error quotes a reply of the wrong form, and its step keeps all of it', async () => {
  const schema = '{ prompt: Go., schema: { type: object, properties: { a: { type: integer } }, required: [a] } }'
  const {
    run: done,
    runtime,
    id,
  } = await run([answer('I am sorry, it is closed.')], ONE('', schema, 'generate_structured'))
  expect(done.steps.a?.error).toContain('it is not JSON: «I am sorry, it is closed.»')
  expect((await runtime.runs.step(id, 'a')).reply).toBe('I am sorry, it is closed.')
})

test.each(['\ud83d', '\ufffd'])('half of a character at the end of a cut text does not stay (%j)', async (half) => {
  const script = [cut(`One ${half}`), cut('😀 two '), answer('three.')]
  const { run: done } = await run(script, ONE(', on_truncated: continue'))
  expect(done).toMatchObject({ outputs: { a: 'One 😀 two three.' } })
})

describe('a reply that cannot be read', () => {
  const responseBody = `${'word '.repeat(1000)}end`
  const unread: ScriptedTurn = { error: { statusCode: 200, message: 'Invalid JSON response', responseBody } }

  test('stays whole with the goal that waits, and with the goal that fails', async () => {
    const { runtime, folder, write } = await openGoals([unread])
    const { id } = await runtime.goals.start({ agent: { ...CLERK, patience: 0 }, goal: 'Count.' })
    await runtime.idle()
    const { wait } = await runtime.goals.get(id)
    expect(wait).toMatchObject({ type: 'model', title: expect.stringContaining('«word word'), reply: responseBody })
    await runtime.stop()
    write('antiphon.yaml', '')
    expect((await runHere(REAL, ['agent', 'show', id], { folder })).out).toContain(
      `  The reply of the model:\n  ${responseBody}\n`,
    )
  })

  test('stays whole with the question that fails', async () => {
    const { runtime } = await openGoals([unread], 'patience: 0\n')
    const asked = runtime.threads.ask({ thread: 't', prompt: 'Why?' })
    await expect(asked).rejects.toMatchObject({ data: { reply: responseBody } })
  })
})

test('an answer that is too long for its thread loses its end, without a word of ours in it, and says so', async () => {
  const text = `${'😀'.repeat(20_000)}end`
  const { runtime } = await openGoals([answer(text)])
  const { answer: kept, degraded } = await runtime.threads.ask({ thread: 't', prompt: 'Why?' })
  expect(kept).toBe('😀'.repeat(16_384))
  expect(JSON.stringify(degraded)).toContain(
    'the reply of lab/one has 40003 characters, and only the first 32768 are kept',
  )
})

test('the note names a limit that the author sets', async () => {
  const { run: done } = await run([cut('Half')], ONE('', '{ prompt: Go., max_tokens: 7 }'))
  expect(done.steps.a?.lacks).toEqual([LACK.replace('tokens,', 'tokens (7),')])
})
