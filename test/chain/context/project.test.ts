import { expect, test } from 'vitest'
import { projectContext } from '../../../src/chain/context/project.ts'
import type { MessageTreatment } from '../../../src/thread/protocol/context-operations.ts'

const QUESTION = { question: 'What of the moon?', size: 10_000 }
const exchanges = [
  { n: 1, prompt: 'Bread?', answer: `Flour. ${'It is good. '.repeat(10)}` },
  { n: 2, prompt: 'Moon?', answer: `The moon. ${'It is far. '.repeat(10)}` },
  { n: 3, prompt: 'Wine?', answer: `Grapes. ${'It is red. '.repeat(10)}` },
  { n: 4, prompt: 'Now?', answer: `Noon. ${'It is late. '.repeat(10)}` },
]
const all = exchanges.flatMap(({ prompt, answer }) => [prompt, answer])
const wanted = (message: number, relevance: number, as: 'removed' | 'summary' = 'removed'): MessageTreatment => ({
  message,
  inPrompts: 'whole',
  wanted: { as, relevance, ...(as === 'summary' && { size: 20 }) },
})
const decided = (message: number, inPrompts: MessageTreatment['inPrompts'], size?: number): MessageTreatment => ({
  message,
  inPrompts,
  decided: true,
  ...(size !== undefined && { size }),
})
const textsOf = (context: readonly MessageTreatment[], size = 10_000) =>
  projectContext(exchanges, context, { ...QUESTION, size }).history.map(({ text }) => text)
const sizeOf = (texts: readonly string[]) => texts.join('').length

test('with room for all messages, messages without a decision of the user stay whole', () => {
  const context = [wanted(2, 0.1), wanted(6, 0.2)]
  expect(textsOf(context)).toEqual(all)
  expect(projectContext(exchanges, context, QUESTION).context).toEqual(context)
})

test('a decision of the user is applied, with or without room', () => {
  const texts = textsOf([decided(1, 'removed'), decided(2, 'summary', 20)])
  expect(texts.slice(0, 2)).toEqual(['Flour. It is good.', 'Moon?'])
})

test('without room, the least important answers go first, and only as many as necessary', () => {
  const [, bread, , , , wine] = all
  const context = [wanted(2, 0.2), wanted(6, 0.1)]
  const once = all.filter((text) => text !== wine)
  expect(textsOf(context, sizeOf(all) - 1)).toEqual(once)
  expect(textsOf(context, sizeOf(once) - 1)).toEqual(once.filter((text) => text !== bread))
  const shown = projectContext(exchanges, context, { ...QUESTION, size: sizeOf(all) - 1 }).context
  expect(shown.map(({ message, inPrompts }) => [message, inPrompts])).toEqual([
    [2, 'whole'],
    [6, 'removed'],
  ])
})

test('an answer about the question stays, and so do the newest one and one that its user keeps', () => {
  const context = [decided(2, 'whole'), wanted(4, 0.1), wanted(6, 0.2, 'summary'), wanted(8, 0)]
  const texts = textsOf(context, sizeOf(all) - 1)
  expect(texts).toEqual(all.with(5, 'Grapes. It is red.'))
})

test('a message left out for lack of room returns when there is room', () => {
  const short = projectContext(exchanges, [wanted(2, 0.1)], { ...QUESTION, size: sizeOf(all) - 1 })
  expect(short.context[0]).toMatchObject({ inPrompts: 'removed' })
  const roomy = projectContext(exchanges, short.context, QUESTION)
  expect(roomy.context).toEqual([wanted(2, 0.1)])
  expect(roomy.history.map(({ text }) => text)).toEqual(all)
})

test('texts have the numbers of their messages, and a cut text its original length', () => {
  const { history } = projectContext([{ n: 7, prompt: 'x'.repeat(500), answer: 'y' }], [], { ...QUESTION, size: 100 })
  expect(history).toMatchObject([
    { n: 13, length: 500 },
    { n: 14, text: 'y' },
  ])
})
