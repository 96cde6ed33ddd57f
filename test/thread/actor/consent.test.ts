import { expect, test } from 'vitest'
import { createPhases, registerPhase } from '../../../src/chain/phases/registry.ts'
import { understandingPhase } from '../../../src/chain/phases/understanding.ts'
import { gate } from '../../../src/testing/gate.ts'
import type { ChainEvent, ThreadState } from '../../../src/thread/protocol/ask-state.ts'
import type { ConsentReply, ContextOperation } from '../../../src/thread/protocol/context-operations.ts'
import { type Setup, setUp, stepOf } from '../../chain/fixture.ts'

const LONG = `NINE-THOUSAND. ${'The ship of the harbour is old. '.repeat(50)}`.slice(0, 1500)
const CHAIN = { kind: 'chain', key: 't' }

function openThread(setup: Setup = {}) {
  const opened = setUp(setup)
  const { engine, model, events } = opened
  const say = (message: number, answer: ConsentReply) =>
    engine.ask(CHAIN, { type: 'consent', answers: [{ message, answer }] })
  const state = async () => (await engine.view.peek(CHAIN)) as unknown as ThreadState
  const lastAction = () => model.calls.filter(({ prompt }) => stepOf(prompt) === 'action').at(-1)!.prompt
  const told = async (asks: number) => (await events('t', asks)).map(({ body }) => body)
  const changes = async (asks: number) => (await told(asks)).filter(isChange)
  const listed = async () =>
    (await engine.view.list('chain', { where: { inbox: 1 }, sort: 'since' })).map(({ key }) => key)
  return { ...opened, say, state, lastAction, changes, listed }
}

const isChange = (event: ChainEvent): event is Extract<ChainEvent, { type: 'context-change' }> =>
  event.type === 'context-change'

const WORDS = ['alder', 'birch', 'cedar', 'doum', 'elm', 'fir', 'guava', 'hazel', 'ivy', 'juniper']
/** Answers that have so many of the ten words. */
const answersWith = (...counts: readonly number[]) => [
  ...counts.map((count) => ({ reply: `${WORDS.slice(0, count).join(' ')} ok. <vid>v1</vid>`, times: 1 })),
  { reply: 'so <vid>v1</vid>' },
]
/** What is wanted of answers, by the numbers of their messages. */
const wantedIn = ({ context = [] }: ThreadState) =>
  context.flatMap(({ message, wanted }) => (wanted ? [[message, wanted.as, wanted.size]] : []))

test('D9 Pruning: unimportant messages are removed, less important ones shortened, a long text of a user only with consent; a removed one comes back on request', async () => {
  const { ask, say, changes, lastAction, state, listed } = openThread({ script: { yield: answersWith(2, 5, 9, 0) } })
  for (const prompt of [LONG, 'And?', 'And?', 'And?', WORDS.join(' ')]) await ask(prompt)
  // with ages of four, three and two asks: .15, .41 and .78
  expect(wantedIn(await state())).toEqual([
    [2, 'removed', undefined],
    [4, 'summary', 100],
  ])
  const asked = { operation: 'TRANSFORM', target: 1, maxLength: 200, originalLength: 1500, requiresConsent: true }
  expect((await changes(5)).flatMap(({ operations }) => operations.filter(({ target }) => target === 1))).toMatchObject(
    [asked],
  )
  expect(await listed()).toEqual(['t'])
  await ask('And now?')
  expect(lastAction()).toContain(LONG)
  expect(await say(1, 'remove')).toEqual([{ message: 1, inPrompts: 'removed' }])
  expect(await listed()).toEqual([])
  await ask('And now?')
  expect(lastAction()).not.toContain('NINE-THOUSAND')
  expect(await say(1, 'restore')).toEqual([{ message: 1, inPrompts: 'whole' }])
  await ask('And now?')
  expect(lastAction()).toContain(LONG)
  expect(await listed()).toEqual([])
})

test('with their consent a summary of it is in prompts, in its own words; the row stays', async () => {
  const { ask, say, lastAction, record } = openThread()
  await ask(LONG)
  await ask('And?')
  expect(await say(1, 'summarise')).toEqual([{ message: 1, inPrompts: 'summary' }])
  await ask('And?')
  expect(lastAction()).not.toContain(LONG)
  expect(lastAction()).toContain('The ship of the harbour is old.')
  expect((await record(1)).prompt).toBe(LONG)
})

test('if the user keeps it, the text stays whole and the user is not asked again', async () => {
  const { ask, say, lastAction, listed } = openThread()
  await ask(LONG)
  await ask('And?')
  await say(1, 'keep')
  await ask('And?')
  expect(lastAction()).toContain(LONG)
  expect(await listed()).toEqual([])
})

test('an ask does not wait for the consent of its user; an answer given meanwhile applies from the next ask on', async () => {
  const held = gate()
  const { ask, say, lastAction } = openThread({
    script: {
      yield: [
        { reply: 'y <vid>v1</vid>', times: 1 },
        { reply: 'y <vid>v1</vid>', gate: held.pass() },
      ],
    },
  })
  await ask(LONG)
  const second = ask('And?')
  await held.started
  await say(1, 'remove')
  expect(lastAction()).toContain(LONG)
  held.release()
  await second
  await ask('And?')
  expect(lastAction()).not.toContain('NINE-THOUSAND')
})

/** A thread whose second ask makes two cycles; its first Understanding waits at the gate. */
function openLoop() {
  const held = gate()
  const again = { loop: true, confidence: 0.4, gaps: ['the sea'], target: 'action', synthesis: 'a' }
  const done = { loop: false, synthesis: 'b', confidence: 0.8 }
  const script = {
    understanding: [{ reply: done, times: 1 }, { reply: again, times: 1, gate: held.pass() }, { reply: done }],
  }
  return { held, ...openThread({ script }) }
}

test.each<[ConsentReply, boolean]>([
  ['summarise', true],
  ['remove', false],
])('an answer during a cycle counts from the next one on: %s', async (answer, isSummary) => {
  const { held, ask, say, lastAction, steps } = openLoop()
  await ask(LONG)
  const second = ask('And?')
  await held.started
  expect(lastAction()).toContain(LONG)
  await say(1, answer)
  held.release()
  await second
  expect(steps().filter((step) => step === 'action')).toHaveLength(3)
  expect(lastAction()).not.toContain(LONG)
  expect(lastAction().includes('The ship of the harbour is old.')).toBe(isSummary)
})

test('without room for all answers, an unimportant one is left out, and it returns when a question is about it', async () => {
  const bread = `Bread is flour. ${'Really so. '.repeat(30)}`
  const yields = [bread, 'Of the moon: basalt.', bread.replace('Bread', 'Dough'), 'so'].map((reply) => ({
    reply: `${reply} <vid>v1</vid>`,
    times: 1,
  }))
  const limits = { historySize: 2 * bread.length }
  const { ask, lastAction, state } = openThread({
    script: { yield: [...yields, { reply: 'so <vid>v1</vid>' }] },
    limits,
  })
  for (const prompt of ['Bread?', 'The moon?', 'The moon again?', 'And the far side of the moon?']) await ask(prompt)
  expect(lastAction()).toContain('Bread?')
  expect(lastAction()).toContain('Of the moon: basalt.')
  expect(lastAction()).not.toContain('Bread is flour.')
  expect((await state()).context![0]).toMatchObject({ message: 2, inPrompts: 'removed' })
  await ask('And the near side of it?')
  await ask('What is bread?')
  expect(lastAction()).toContain('Bread is flour.')
  expect(lastAction()).not.toContain('Dough is flour.')
  expect((await state()).context!.some(({ message }) => message === 2)).toBe(false)
})

test('an impossible request of a phase is reported, and the ask goes on', async () => {
  const operations: readonly ContextOperation[] = [
    { operation: 'PRUNE', target: 1, reason: 'low_relevance' },
    { operation: 'PRUNE', target: 40, reason: 'low_relevance' },
  ]
  const odd: typeof understandingPhase = {
    ...understandingPhase,
    modality: 'text',
    domain: 'odd',
    run: async (state, input, context) => ({ ...(await understandingPhase.run(state, input, context)), operations }),
  }
  const phases = registerPhase(createPhases(), odd)
  const { ask, changes, lastAction } = openThread({ phases })
  await ask('NINE-THOUSAND')
  await ask('And?', { domain: 'odd' })
  expect((await changes(2))[0]!.rejected!.map(({ operation }) => operation.target)).toEqual([1, 40])
  await ask('And?')
  expect(lastAction()).toContain('NINE-THOUSAND')
})

test('a consent about an unknown or removed message is refused as a whole', async () => {
  const { ask, engine, say, state } = openThread({ limits: { remembered: 2 } })
  await expect(say(1, 'keep')).rejects.toMatchObject({ code: 'not_found' })
  expect(await engine.view.peek(CHAIN)).toBeUndefined()
  for (const prompt of [LONG, 'two', 'three']) await ask(prompt)
  const both = [3, 1].map((message) => ({ message, answer: 'remove' }))
  await expect(engine.ask(CHAIN, { type: 'consent', answers: both })).rejects.toMatchObject({ code: 'not_found' })
  await expect(say(7, 'keep')).rejects.toMatchObject({ code: 'not_found' })
  expect((await state()).context).toBeUndefined()
})

test('the stored state does not grow with the thread, and a question is removed with its message', async () => {
  const { ask, state, listed } = openThread({ limits: { remembered: 3 } })
  const sizes: number[] = []
  for (let n = 0; n < 12; n++) {
    await ask(LONG)
    sizes.push(JSON.stringify((await state()).context ?? []).length)
  }
  expect((await state()).context!.length).toBeLessThanOrEqual(6)
  expect(Math.max(...sizes.slice(6))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 6)) + 20)
  expect(await listed()).toEqual(['t'])
  for (let n = 0; n < 3; n++) await ask('short')
  expect(await listed()).toEqual([])
})

test('a thread that remembers no exchange keeps none in view', async () => {
  const { ask, state } = openThread({ limits: { remembered: 0 } })
  for (const prompt of ['one', 'two']) await ask(prompt)
  expect((await state()).remembered).toEqual([])
})
