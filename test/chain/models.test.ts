import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import { type ScriptedModel, scriptedModel } from '../../src/testing/scripted-model.ts'
import { scriptFor, setUp, stepOf } from './fixture.ts'

test('each phase asks the model chosen for it, and the events show which one answered', async () => {
  const steps = ['action', 'experience', 'intention', 'observation', 'understanding', 'yield'] as const
  const replies = {
    action: 'first',
    experience: 'more',
    intention: { explicitIntent: 'to know' },
    observation: {},
    understanding: { loop: false },
    yield: 'last <vid>v1</vid>',
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
  const spare = scriptedModel([{ reply: 'from the spare <vid>v1</vid>' }], 'spare/model')
  const { ask, steps } = setUp({ others: { 'spare/model': spare } })
  const rest = { experience: [], intention: [], observation: [], understanding: [] }
  await ask('why?', { models: { ...rest, default: 'spare/model' } })
  expect(spare.calls.map(({ prompt }) => stepOf(prompt))).toEqual(['action', 'yield'])
  expect(steps()).toEqual(['experience', 'intention', 'observation', 'understanding'])
})

test('a phase whose texts are too long for its model continues with shorter texts, and the answer says so', async () => {
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
  expect(reply.degraded).toEqual([{ phase: 'experience.vectors', reason, completed: true }])
  expect(reply.answer).toMatch(/^the answer/)
})

test('extra output of a model does no harm, and the model is not asked again', async () => {
  const more = { thoughts: 'none of yours' }
  const { ask, steps } = setUp({
    script: {
      intention: { explicitIntent: 'to know', priorities: [{ id: 'v1', alignment: 1, why: 'it says so' }], ...more },
      observation: { observations: ['noted'], ...more },
      understanding: { loop: false, synthesis: 'draft', ...more },
    },
  })
  expect(await ask('why?')).toMatchObject({ status: 'completed', degraded: [] })
  expect(steps()).toEqual(['action', 'experience', 'intention', 'observation', 'understanding', 'yield'])
})

test('tokens of all phases are counted', async () => {
  const usage = { input: 10, output: 1 }
  const { ask } = setUp({
    script: {
      action: { reply: 'a', usage },
      yield: { reply: 'b <vid>v1</vid>', usage },
      experience: { reply: 'c', usage },
    },
  })
  const { usage: total } = await ask('why?')
  expect(total.input).toBeGreaterThan(30)
})

type Delta = { readonly phase: string; readonly text: string; readonly at: number }

/** What is shown of an ask while it is at work. */
async function deltasOf({ ask, engine }: ReturnType<typeof setUp>, given: object = {}): Promise<readonly Delta[]> {
  const stop = new AbortController()
  const deltas: Delta[] = []
  const listening = (async () => {
    for await (const delta of engine.view.deltas('ask_1', stop.signal)) deltas.push(delta as Delta)
  })()
  await ask('why?', { id: 'ask_1', ...given })
  stop.abort()
  await listening
  return deltas
}

test('the words of Action and Yield are shown as they come', async () => {
  expect(await deltasOf(setUp({ script: { action: 'one two', yield: 'three four' } }), { files: [] })).toEqual([
    { type: 'text-delta', phase: 'action', text: 'one ', at: 0 },
    { type: 'text-delta', phase: 'action', text: 'two', at: 4 },
    { type: 'text-delta', phase: 'yield', text: 'three ', at: 0 },
    { type: 'text-delta', phase: 'yield', text: 'four', at: 6 },
  ])
})

test('the partial text of an abandoned model is not shown beside that of the next model', async () => {
  const scripted = scriptedModel(scriptFor({ action: 'the tide comes' }))
  const broken: ScriptedModel = {
    ...scripted,
    async doStream(options) {
      const { stream, ...rest } = await scripted.doStream(options)
      const cut = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
        transform(part, to) {
          if (part.type === 'text-end') to.error(new TerminalError('broken', { code: 'model_rejected' }))
          else to.enqueue(part)
        },
      })
      return { stream: stream.pipeThrough(cut), ...rest }
    },
  }
  const chain = setUp({ script: { action: 'one two' }, others: { 'a/broken': broken } })
  const deltas = await deltasOf(chain, { models: { action: ['a/broken', 'scripted/model'] } })
  const said = deltas.filter(({ phase }) => phase === 'action')
  expect(said.map(({ text }) => text)).toEqual(['the ', 'tide ', 'comes', 'one ', 'two'])
  expect(said.reduce((shown, { text, at }) => shown.slice(0, at) + text, '')).toBe('one two')
})
