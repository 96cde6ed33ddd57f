import { expect, test } from 'vitest'
import { reduceTreatments } from '../../../src/thread/actor/treatments.ts'
import {
  CONSENT_ANSWERS,
  type ContextOperation,
  consentOperation,
  type Treatments,
} from '../../../src/thread/protocol/context-operations.ts'
import { fc } from '../../property.ts'

const scope = { known: new Set([1, 2, 3, 4]), looked: new Set([1, 2, 3, 4]), ask: 'ask_3', at: 7 }
const prune = (target: number): ContextOperation => ({
  operation: 'PRUNE',
  target,
  reason: 'low_relevance',
  relevance: 0.1,
})
const shorten = (target: number): ContextOperation => ({
  operation: 'TRANSFORM',
  transformation: 'summarize',
  target,
  reason: 'low_relevance',
  maxLength: 100,
  relevance: 0.5,
})
const ask = (target: number): ContextOperation => ({
  operation: 'TRANSFORM',
  transformation: 'summarize',
  target,
  reason: 'length',
  maxLength: 200,
  originalLength: 1500,
  requiresConsent: true,
})
const after = (operations: readonly ContextOperation[], context: Treatments = []) =>
  reduceTreatments(context, operations, scope).context

test('a request for an answer is noted, a request for a text of the user becomes a question: neither changes anything yet', () => {
  expect(after([prune(2), shorten(4), ask(1)])).toEqual([
    { message: 1, inPrompts: 'whole', question: { ask: 'ask_3', at: 7, length: 1500 } },
    { message: 2, inPrompts: 'whole', wanted: { as: 'removed', relevance: 0.1 } },
    { message: 4, inPrompts: 'whole', wanted: { as: 'summary', size: 100, relevance: 0.5 } },
  ])
})

test('requests for an unknown message or without consent are rejected, and the others apply', () => {
  const { context, rejected, changes } = reduceTreatments([], [prune(99), prune(1), shorten(3), prune(2)], scope)
  expect(rejected.map(({ operation, why }) => [operation.target, why])).toEqual([
    [99, 'prompts contain no such message'],
    [1, 'only the user may decide about a message of the user'],
    [3, 'only the user may decide about a message of the user'],
  ])
  expect(changes).toEqual([prune(2)])
  expect(context.map(({ message }) => message)).toEqual([2])
})

test.each([
  ['keep', { inPrompts: 'whole' }],
  ['summarise', { inPrompts: 'summary', size: 200 }],
  ['remove', { inPrompts: 'removed' }],
  ['restore', { inPrompts: 'whole' }],
] as const)('a user says %s: it is done, asked no more, and the rules leave it alone', (answer, done) => {
  const answered = after([consentOperation(1, answer)], after([ask(1)]))
  expect(answered).toEqual([{ message: 1, ...done, decided: true }])
  expect(after([ask(1)], answered)).toEqual(answered)
})

test('a removed treatment comes back', () => {
  const removed = after([consentOperation(1, 'remove'), consentOperation(2, 'remove')])
  expect(removed.map(({ inPrompts }) => inPrompts)).toEqual(['removed', 'removed'])
  const back = after([consentOperation(1, 'restore'), consentOperation(2, 'restore')], removed)
  expect(back.map(({ inPrompts }) => inPrompts)).toEqual(['whole', 'whole'])
})

test('a request that is not repeated lapses, unless its message was not examined; only changes are reported', () => {
  const before = after([prune(2), prune(4)])
  const { context, changes } = reduceTreatments(before, [prune(4)], scope)
  expect(context.map(({ message }) => message)).toEqual([4])
  expect(changes).toEqual([])
  expect(
    reduceTreatments(before, [], { ...scope, looked: new Set([4]) }).context.map(({ message }) => message),
  ).toEqual([2])
  expect(reduceTreatments(after([prune(2)]), [shorten(2)], scope).changes).toEqual([shorten(2)])
})

test('a question stays open until it is answered or its message is removed', () => {
  const asked = after([ask(1)])
  expect(reduceTreatments(asked, [ask(1)], { ...scope, ask: 'ask_4', at: 9 })).toMatchObject({
    context: asked,
    changes: [],
  })
  expect(reduceTreatments(asked, [], { ...scope, known: new Set([3, 4]) }).context).toEqual([])
})

test('for any events in any order: each known message has one treatment, unknown ones none, and no text of a user changes without consent', () => {
  const operation = fc.oneof(
    fc.integer({ min: 0, max: 6 }).chain((n) => fc.constantFrom(prune(n), shorten(n), ask(n))),
    fc
      .tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom(...CONSENT_ANSWERS))
      .map(([n, answer]) => consentOperation(n, answer)),
  )
  fc.assert(
    fc.property(fc.array(fc.array(operation)), (rounds) => {
      const context = rounds.reduce<Treatments>((so, operations) => reduceTreatments(so, operations, scope).context, [])
      const messages = context.map(({ message }) => message)
      expect(messages).toEqual([...new Set(messages)].toSorted().filter((message) => scope.known.has(message)))
      for (const { inPrompts, decided } of context) expect(inPrompts === 'whole' || decided === true).toBe(true)
      expect(
        rounds.reduce<Treatments>((so, operations) => reduceTreatments(so, operations, scope).context, []),
      ).toEqual(context)
    }),
  )
})
