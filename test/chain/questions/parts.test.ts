import { expect, test } from 'vitest'
import { continuationPrompt } from '../../../src/chain/protocol/recursion.ts'
import { answeredParts, composeAnswer, partsInstruction } from '../../../src/chain/questions/answer.ts'
import { gapsOf, partsAfter, partsOf, placesLeft, searchFor } from '../../../src/chain/questions/parts.ts'
import type { PhaseOutputs, SearchPlace } from '../../../src/thread/protocol/phase-types.ts'
import { hit } from '../phases/fixture.ts'

const ROOF = 'Who pays for the roof?'
const NOTICE = 'How long is notice?'
const prompt = 'Who pays for the roof, and how long is notice?'
const found = (more: Partial<PhaseOutputs['experience.vectors']> = {}) => ({
  summary: '',
  hits: [],
  sources: [],
  ...more,
})
const intended = (parts?: PhaseOutputs['intention']['parts'], priorities: readonly string[] = []) => ({
  explicitIntent: '',
  implicitIntent: '',
  goal: 'answer' as const,
  confidence: 0,
  priorities: priorities.map((id) => ({ id, alignment: 1 })),
  ...(parts && { parts }),
})

test('the parts come from Intention, else from the search, else from the words', () => {
  const bySearch = [{ question: ROOF, hits: ['v1'] }]
  const byIntention = [{ question: NOTICE, hits: [] }]
  expect(partsOf({ prompt, outputs: {} })).toEqual([ROOF, NOTICE].map((question) => ({ question, hits: [] })))
  const outputs = { 'experience.vectors': found({ parts: bySearch }) }
  expect(partsOf({ prompt, outputs })).toBe(bySearch)
  expect(partsOf({ prompt, outputs: { ...outputs, intention: intended(byIntention) } })).toBe(byIntention)
})

test('a gap is a part without a hit, or a question with one part and no relevant text', () => {
  const parts = [
    { question: ROOF, hits: ['v1'] },
    { question: NOTICE, hits: [] },
  ]
  expect(gapsOf({ prompt, outputs: { intention: intended(parts, ['v1']) } })).toEqual([NOTICE])
  expect(gapsOf({ prompt: ROOF, outputs: { intention: intended(undefined, ['v1']) } })).toEqual([])
  expect(gapsOf({ prompt: ROOF, outputs: { intention: intended() } })).toEqual([ROOF])
})

test.each<
  [vectors: Partial<PhaseOutputs['experience.vectors']>, web: readonly SearchPlace[], left: readonly SearchPlace[]]
>([
  [{}, [], []],
  [{ looked: ['texts'], left: ['rest'] }, [], ['rest']],
  [{ looked: ['texts'], left: ['rest', 'wider'] }, ['web'], ['rest', 'wider', 'web']],
  [{ looked: ['texts', 'rest'], left: ['rest', 'wider'] }, [], ['wider']],
  [{ looked: ['texts', 'rest', 'wider'], left: ['rest', 'wider'] }, [], []],
])('places left: %#', (vectors, web, left) => {
  const outputs = { 'experience.vectors': found(vectors), 'experience.web': { summary: '', sources: [], left: web } }
  expect(placesLeft(outputs)).toEqual(left)
})

test('a first search is for the question as it is, or for its parts', () => {
  expect(searchFor({ prompt: ROOF, continuation: '', outputs: {} })).toEqual({ question: ROOF })
  expect(searchFor({ prompt, continuation: '', outputs: {} })).toEqual({ question: prompt, parts: [ROOF, NOTICE] })
})

test('a further search looks for the open parts, in places not yet searched', () => {
  const parts = [
    { question: ROOF, hits: ['v1'] },
    { question: NOTICE, hits: [] },
  ]
  const outputs = { 'experience.vectors': found({ left: ['rest'] }), intention: intended(parts, ['v1']) }
  const own = continuationPrompt([NOTICE])
  expect(searchFor({ prompt, continuation: own, outputs })).toEqual({
    question: prompt,
    parts: [NOTICE],
    places: ['rest'],
  })
  const given = searchFor({ prompt, continuation: 'Look for the date.', outputs })
  expect(given.parts).toEqual([NOTICE, 'Look for the date.'])
  // a question of one part is searched for with the task of the cycle, as ever
  const single = { prompt: ROOF, continuation: 'Still open: x', outputs: { 'experience.vectors': found() } }
  expect(searchFor(single)).toEqual({ question: `${ROOF}\nStill open: x` })
})

test('parts keep the hits that are left', () => {
  const before = [
    { question: ROOF, hits: ['v1', 'v2'] },
    { question: NOTICE, hits: [] },
  ]
  const retrieval = { hits: [hit('v1'), hit('v9')], sources: [], parts: [{ question: NOTICE, hits: ['v9'] }] }
  expect(partsAfter(before, retrieval)).toEqual([
    { question: ROOF, hits: ['v1'] },
    { question: NOTICE, hits: ['v9'] },
  ])
})

test('an answer names the parts that nothing answers, and says the same thing once', () => {
  const replies = [
    { question: ROOF, text: 'The landlord pays. <vid>v1</vid>', cites: ['v1'] },
    { question: NOTICE, cites: [] },
    { question: 'Who pays?', text: 'The landlord pays. <vid>v1</vid>', cites: ['v1'] },
  ]
  expect(composeAnswer(replies)).toBe(`The landlord pays. <vid>v1</vid>\nThe texts do not say: ${NOTICE}`)
})

test('the parts that a model declines are known by its line, also in other words', () => {
  const parts = [
    { question: ROOF, hits: ['v1', 'v2'] },
    { question: NOTICE, hits: ['v3'] },
  ]
  expect(partsInstruction(parts)).toContain(`(1) ${ROOF} (2) ${NOTICE}`)
  const said = 'The landlord does. <vid>v1</vid>\nthe texts do not say: the length of notice.'
  expect(answeredParts(parts, said, ['v1'])).toEqual([
    { question: ROOF, answered: true, cites: ['v1'] },
    { question: NOTICE, answered: false, cites: [] },
  ])
  const other = 'Both. <vid>v1</vid> <vid>v3</vid> The texts do not say: why the sky is blue'
  expect(answeredParts(parts, other, ['v1', 'v3']).map(({ answered }) => answered)).toEqual([true, true])
})
