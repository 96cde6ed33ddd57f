import { expect, test } from 'vitest'
import { vectorsPhase } from '../../src/chain/phases/experience.ts'
import { createPhases, registerPhase } from '../../src/chain/phases/registry.ts'
import { RetryableError, TerminalError } from '../../src/errors.ts'
import { textDocument } from '../../src/source/split.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { brief, setUp } from './fixture.ts'

const broken = { error: new TerminalError('SECRET-FAULT', { code: 'model_rejected' }) }

test.each(['experience', 'intention', 'observation', 'understanding'] as const)(
  'C1: a failing %s degrades and the ask goes on; the error is in no answer and no prompt',
  async (step) => {
    const { ask, events, model } = setUp({ script: { [step]: broken } })
    const reply = await ask('why?')
    expect(reply.status).toBe('completed')
    expect(reply.degraded.map(({ phase }) => phase.split('.')[0])).toEqual([step])
    expect(reply.answer).toBe('the answer <vid>v1</vid>')
    expect(brief(await events()).filter((line) => line.startsWith('degraded'))).toHaveLength(1)
    expect(model.calls.some(({ prompt }) => prompt.includes('SECRET-FAULT'))).toBe(false)
  },
)

test('without a first answer the ask fails, and the thread forgets it', async () => {
  const { ask, events, record, steps, model } = setUp({
    script: { action: [{ ...broken, times: 1 }, { reply: 'first answer' }] },
  })
  await expect(ask('UNANSWERED')).rejects.toMatchObject({ code: 'model_rejected' })
  expect(steps()).toEqual(['action'])
  expect(brief(await events())).toEqual(['ask-start', 'start action 1', 'failed action 1', 'ask-end failed'])
  expect(await record(1)).toMatchObject({ status: 'failed', answer: '', problem: { code: 'model_rejected' } })
  await ask('and now?')
  expect(model.calls.filter(({ prompt }) => prompt.includes('UNANSWERED'))).toHaveLength(1)
})

test('C4: when the search of Experience fails, its web leg still reports, and texts that nobody searched answer nothing', async () => {
  const run = () => Promise.reject(new TerminalError('the index is gone', { code: 'broken' }))
  const phases = registerPhase(createPhases(), { ...vectorsPhase, modality: 'text', run })
  const { ask, events, record } = setUp({ phases })
  await expect(ask('why?')).rejects.toMatchObject({ code: 'refused' })
  expect(brief(await events())).toEqual(
    expect.arrayContaining(['skipped experience.web 1', 'degraded experience.vectors 1', 'completed intention 1']),
  )
  expect(await record(1)).toMatchObject({ citations: [], degraded: [{ phase: 'experience.vectors' }] })
  expect(await ask('why?', { files: [], thread: 'other' })).toMatchObject({
    answer: expect.stringContaining('the answer'),
    citations: [],
  })
})

test("when Yield fails and no text was given, Action's answer stands, without citations", async () => {
  const { ask, events } = setUp({ script: { yield: broken } })
  const reply = await ask('why?', { files: [] })
  expect(reply).toMatchObject({ status: 'completed', answer: 'first answer', citations: [], model: 'scripted/model' })
  expect(reply.degraded).toMatchObject([{ phase: 'yield' }])
  expect(brief(await events()).slice(-2)).toEqual(['failed yield 1', 'ask-end completed'])
})

test.each([
  ['fails', broken, { code: 'model_rejected' }],
  [
    'names none of them',
    'It is basalt.',
    { code: 'refused', message: expect.stringContaining('the answer is "It is basalt."') },
  ],
  ['names one that was not retrieved', 'So <vid>v9</vid>.', { code: 'refused' }],
])('where texts were given and Yield %s, there is no answer', async (_, reply, problem) => {
  const { ask, record } = setUp({ script: { yield: reply } })
  await expect(ask('why?')).rejects.toMatchObject(problem)
  expect(await record(1)).toMatchObject({ status: 'failed', answer: '', citations: [] })
})

test('an answer that cites no text says how the text was read', async () => {
  const moon = textDocument('moon.md', 'The moon is made of basalt.')
  const readFile = async () => ({ ...moon, gaps: ['it was read as windows-1252.'] })
  const { ask } = setUp({ script: { yield: 'It is basalt.' }, readFile })
  await expect(ask('why?')).rejects.toMatchObject({
    message: expect.stringMatching(/none of the given texts; moon\.md was read as windows-1252; the answer is/),
  })
})

test('a follow-up without files uses the files last given on its thread', async () => {
  const { ask } = setUp({ script: { yield: [{ reply: 'Basalt [v1].', times: 1 }, { reply: 'Paris.' }] } })
  expect(await ask('What is it made of?')).toMatchObject({ citations: [{ file: 'moon.md' }] })
  await expect(ask('What is the capital of France?', { files: [] })).rejects.toMatchObject({ code: 'refused' })
  expect(await ask('What is the capital of France?', { files: [], thread: 'other' })).toMatchObject({
    answer: 'Paris.',
    citations: [],
  })
})

test('in a later cycle a failing Action does not undo the first answer', async () => {
  const { ask } = setUp({
    script: {
      action: [{ reply: 'first answer', times: 1 }, broken],
      understanding: [{ reply: { loop: true, gaps: ['x'], target: 'action' }, times: 1 }, { reply: { loop: false } }],
      yield: broken,
    },
  })
  const reply = await ask('why?', { files: [] })
  expect(reply.answer).toBe('first answer')
  expect(reply.degraded.map(({ phase }) => phase)).toEqual(['action', 'yield'])
})

test('C2: three attempts with growing pauses, then the fallback model once; a permanent error is not retried', async () => {
  const clock = simulatedClock()
  const at: number[] = []
  const flaky = scriptedModel(
    [{ match: () => at.push(clock.now()) > 0, error: new RetryableError('status 503') }],
    'flaky/model',
  )
  const wrong = scriptedModel([{ error: new TerminalError('status 400') }], 'wrong/model')
  const spare = scriptedModel([{ reply: 'from the spare <vid>v1</vid>' }], 'spare/model')
  const others = { 'flaky/model': flaky, 'wrong/model': wrong, 'spare/model': spare }
  const { ask, events } = setUp({ clock, others })
  const models = { action: ['flaky/model', 'spare/model'], yield: ['wrong/model', 'spare/model'] }
  const asked = ask('why?', { models })
  await until(async () => {
    await clock.advance(1000)
    return spare.calls.length === 2
  })
  expect(await asked).toMatchObject({ answer: 'from the spare <vid>v1</vid>', model: 'spare/model', degraded: [] })
  expect([flaky.calls.length, wrong.calls.length]).toEqual([3, 1])
  const pauses = at.slice(1).map((time, index) => time - at[index]!)
  expect(pauses[0]).toBeGreaterThanOrEqual(200)
  expect(pauses[1]).toBeGreaterThanOrEqual(400)
  const shown = (await events()).flatMap(({ body }) =>
    body.type === 'phase-end' && body.phase === 'action' ? [body.model] : [],
  )
  expect(shown).toEqual(['spare/model'])
})

test('a prompt that a provider filtered is not sent to another model', async () => {
  const filter = scriptedModel([{ error: new TerminalError('filtered', { code: 'model_filtered' }) }], 'strict/model')
  const spare = scriptedModel([{ reply: 'from the spare' }], 'spare/model')
  const { ask } = setUp({ others: { 'strict/model': filter, 'spare/model': spare } })
  const models = { action: ['strict/model', 'spare/model'] }
  await ask('why?', { models }).catch(() => {})
  expect([filter.calls.length, spare.calls.length]).toEqual([1, 0])
})

test('a file that cannot be read is named and does not stop the others', async () => {
  const { ask } = setUp()
  const reply = await ask('What is the moon made of?', { files: ['gone.md', 'moon.md'] })
  expect(reply.citations).toMatchObject([{ file: 'moon.md' }])
  expect(reply.degraded).toEqual([{ phase: 'experience.vectors', reason: 'gone.md: gone.md: no such file' }])
})

test.each([
  ['an empty prompt', ' ', {}, 'invalid_input'],
  ['a prompt beyond the limit', 'x'.repeat(40_000), {}, 'too_large'],
  [
    'a list of files beyond the limit',
    'why?',
    { files: ['x'.repeat(4000)].flatMap((name) => Array(10).fill(name)) },
    'too_large',
  ],
  ['a model for a phase nobody knows', 'why?', { models: { reflection: 'a/b' } }, 'invalid_input'],
  ['a modality nobody knows', 'why?', { modality: 'smell' }, 'invalid_input'],
])('%s is refused: no model is asked and nothing is kept', async (_, prompt, given, code) => {
  const { ask, engine, model } = setUp()
  await expect(ask(prompt, given)).rejects.toMatchObject({ code })
  expect(model.calls).toEqual([])
  expect(await engine.view.peek({ kind: 'chain', key: 't' })).toBeUndefined()
  expect(await engine.deadLetters.list()).toEqual([])
})

test('a modality no phase is registered for fails the ask by name', async () => {
  const phases = new Map([...createPhases()].filter(([, { modality }]) => modality === 'text'))
  const { ask } = setUp({ phases })
  await expect(ask('listen', { modality: 'audio' })).rejects.toMatchObject({
    code: 'actor_not_found',
    hint: expect.stringContaining('It can be asked about text'),
  })
})
