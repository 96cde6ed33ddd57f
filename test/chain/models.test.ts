import { expect, test } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { setUp, stepOf } from './fixture.ts'

test('each phase asks the model chosen for it, and the events show which one answered', async () => {
  const steps = ['action', 'experience', 'intention', 'observation', 'understanding', 'yield'] as const
  const replies = {
    action: 'first',
    experience: 'more',
    intention: { explicitIntent: 'to know' },
    observation: {},
    understanding: { loop: false },
    yield: 'last',
  }
  const own = steps.map((step) => scriptedModel([{ reply: replies[step] }], `${step}/model`))
  const others = Object.fromEntries(own.map((model, at) => [`${steps[at]}/model`, model]))
  const { ask, events } = setUp({ others })
  const reply = await ask('why?', { models: Object.fromEntries(steps.map((step) => [step, `${step}/model`])) })
  expect(own.map((model) => model.calls.map(({ prompt }) => stepOf(prompt)))).toEqual(steps.map((step) => [step]))
  const shown = (await events()).flatMap(({ body }) => (body.type === 'phase-end' && body.model ? [body.model] : []))
  expect(shown).toEqual(steps.map((step) => `${step}/model`))
  expect(reply.model).toBe('yield/model')
})

test('`default` is for the phases that nobody chose a model for', async () => {
  const spare = scriptedModel([{ reply: 'from the spare' }], 'spare/model')
  const { ask, steps } = setUp({ others: { 'spare/model': spare } })
  const rest = { experience: [], intention: [], observation: [], understanding: [] }
  await ask('why?', { models: { ...rest, default: 'spare/model' } })
  expect(spare.calls.map(({ prompt }) => stepOf(prompt))).toEqual(['action', 'yield'])
  expect(steps()).toEqual(['experience', 'intention', 'observation', 'understanding'])
})

test('a phase whose texts are too long for its model goes on with less of them, and the answer says so', async () => {
  const error = new TerminalError('too long', { code: 'context_overflow' })
  const narrow = scriptedModel(
    [{ match: (prompt) => prompt.length < 1500, reply: 'from a part of it' }, { error }],
    'a/narrow',
  )
  const { ask } = setUp({
    others: { 'a/narrow': narrow },
    files: { 'moon.md': `# Moon\n\n${'Basalt is what it is made of. '.repeat(200)}\n` },
  })
  const reply = await ask('What is the moon made of?', { models: { experience: 'a/narrow' } })
  const reason = expect.stringMatching(/^a\/narrow was given \d+ % of the text: all of it is too long for this model$/)
  expect(reply.degraded).toEqual([{ phase: 'experience.vectors', reason }])
  expect(reply.answer).toMatch(/^the answer/)
})

test('tokens of all phases are counted', async () => {
  const usage = { input: 10, output: 1 }
  const { ask } = setUp({
    script: { action: { reply: 'a', usage }, yield: { reply: 'b', usage }, experience: { reply: 'c', usage } },
  })
  const { usage: total } = await ask('why?')
  expect(total.input).toBeGreaterThan(30)
})

test('the words of Action and Yield are shown as they come', async () => {
  const { ask, engine } = setUp({ script: { action: 'one two', yield: 'three four' } })
  const stop = new AbortController()
  const deltas: unknown[] = []
  const listening = (async () => {
    for await (const delta of engine.view.deltas('ask_1', stop.signal)) deltas.push(delta)
  })()
  await ask('why?', { id: 'ask_1' })
  stop.abort()
  await listening
  expect(deltas).toEqual([
    { type: 'text-delta', phase: 'action', text: 'one ' },
    { type: 'text-delta', phase: 'action', text: 'two' },
    { type: 'text-delta', phase: 'yield', text: 'three ' },
    { type: 'text-delta', phase: 'yield', text: 'four' },
  ])
})
