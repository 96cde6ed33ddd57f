import { expect, test } from 'vitest'
import { operationsForMessages, proposeOperations } from '../../../src/chain/context/retain.ts'

const about = { ask: 3, intents: ['What is the moon made of?'], drafts: [] }
const entry = (n: number, text: string) => ({ n, role: n % 2 ? ('user' as const) : ('assistant' as const), text })

test('D9 Pruning, the rules: unimportant answers are removed, less important ones summarised, others stay; a long text of a user changes only with consent', () => {
  const answers = [2, 4, 6].map((message, at) => ({ message, length: 400, relevance: [0.2, 0.5, 0.8][at]! }))
  expect(operationsForMessages([...answers, { message: 7, length: 1500, relevance: 0 }])).toEqual([
    { operation: 'PRUNE', target: 2, reason: 'low_relevance', relevance: 0.2 },
    {
      operation: 'TRANSFORM',
      transformation: 'summarize',
      target: 4,
      reason: 'low_relevance',
      relevance: 0.5,
      maxLength: 100,
      originalLength: 400,
    },
    {
      operation: 'TRANSFORM',
      transformation: 'summarize',
      target: 7,
      reason: 'length',
      maxLength: 200,
      originalLength: 1500,
      requiresConsent: true,
    },
  ])
})

test('the edges: 0.3 is summarised, 0.7 and a thousand characters are kept', () => {
  const edges = [
    { message: 2, length: 400, relevance: 0.3 },
    { message: 4, length: 400, relevance: 0.7 },
    { message: 5, length: 1000, relevance: 0 },
  ]
  expect(operationsForMessages(edges)).toMatchObject([{ operation: 'TRANSFORM', target: 2 }])
})

test('the newest answer is left alone, however little it says of the question', () => {
  const history = [entry(1, 'Hello.'), entry(2, 'Good day.'), entry(3, 'Bread?'), entry(4, 'Flour.')]
  expect(proposeOperations({ ...about, history }).map(({ target }) => target)).toEqual([2])
})

test('an answer is as important as it is about the question, and less with each ask; one that a draft quotes has the maximum', () => {
  const history = [entry(2, 'The moon is made of basalt.'), entry(4, 'Flour, water and salt, I think.'), entry(6, '.')]
  const relevances = (ask: number, drafts: readonly string[] = []) =>
    proposeOperations({ ...about, ask, drafts, history }).map(({ target, ...rest }) => [
      target,
      'relevance' in rest && rest.relevance,
    ])
  expect(relevances(3)).toEqual([[4, 0]])
  expect(relevances(11)).toEqual([
    [2, 0.5],
    [4, 0],
  ])
  expect(relevances(3, ['As said: flour, water and salt.'])).toEqual([[4, 0]])
  expect(relevances(3, ['As said: flour, water and salt, I think so.'])).toEqual([])
})

test('a text that was cut counts in its whole length; one without a number is left alone', () => {
  const cut = { ...entry(1, 'x'.repeat(900)), length: 5000 }
  expect(proposeOperations({ ...about, history: [cut] })).toMatchObject([{ target: 1, originalLength: 5000 }])
  expect(proposeOperations({ ...about, history: [{ role: 'user', text: 'x'.repeat(2000) }] })).toEqual([])
})
