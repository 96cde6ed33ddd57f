import { describe, expect, it } from 'vitest'
import { answerQuestion } from '../../../../src/model/offline/answer/answer.ts'
import { indexDocuments } from '../../../../src/model/offline/reading/reading.ts'
import type { Document } from '../../../../src/model/prompt/task.ts'

const answer = (question: string, ...documents: readonly Document[]) =>
  answerQuestion({ kind: 'answer', question }, question, indexDocuments(documents, {}))
const doc = (text: string, more: Partial<Document> = {}): Document => ({ name: 'a.md', text, ...more })

const OVEN = doc(`# Oven

## Options

#### rise

The \`rise\` option controls for how many minutes the dough rests before it is baked. A text names a stored time.
Defaults to \`45\`.

## Recipes

The oven will by default not replace a recipe that exists. If you want this to happen, use the -o flag.

## Trays

The old tray holds 12 loaves. The new tray holds 18 loaves.
Before the repair, a batch took 50 minutes. After the repair it takes 35 minutes.
Bakers pay 4 crowns for a tray. Guests pay 7 crowns.
Knives are not allowed on the belt. Knives are allowed on the bench.
`)

describe('the answer is the sentence that has what was asked', () => {
  it.each([
    ['What is the default of rise?', 'Defaults to 45.'],
    ['Which flag makes the oven replace a recipe that exists?', 'use the -o flag.'],
    ['How much does the new tray hold?', 'The new tray holds 18 loaves.'],
    ['How much does the old tray hold?', 'The old tray holds 12 loaves.'],
    ['How long did a batch take before the repair?', 'Before the repair, a batch took 50 minutes.'],
    ['How long does a batch take after the repair?', 'After the repair it takes 35 minutes.'],
    ['How much does a guest pay for a tray?', 'Guests pay 7 crowns.'],
    ['Where are knives allowed?', 'Knives are allowed on the bench.'],
  ])('%s', async (question, sentence) => {
    const { text, unsure } = await answer(question, OVEN)
    expect(text).toContain(sentence)
    expect(unsure).toBeUndefined()
  })

  it('says that it is not sure if the subject of the question stands nowhere', async () => {
    expect(await answer('How much does the steel tray hold?', OVEN)).toMatchObject({ unsure: true })
  })

  it('shows both lines of two numbers that nothing in the question tells apart', async () => {
    const { text, unsure } = await answer(
      'How many loaves does the tray hold?',
      doc('The tray of the bakery holds 12 loaves.\n\nThe tray of the mill holds 18 loaves.'),
    )
    expect(text).toMatch(/12 loaves[\s\S]*18 loaves|18 loaves[\s\S]*12 loaves/)
    expect(unsure).toBe(true)
  })
})

describe('the definition is that of the word that was asked', () => {
  const TERMS = doc(`To "lend" a tool means to hand it over for a time.

To "pass on" a tool means any lending by a member to somebody else.

A "Plain" return of a tool means one in a clean state. A return that is not "Plain" is called "Loose".`)

  it.each([
    ['What does it mean to lend a tool?', 'To "lend" a tool means to hand it over for a time.'],
    ['What does "pass on" mean?', 'To "pass on" a tool means any lending by a member to somebody else.'],
    ['What is a "Plain" return?', 'A "Plain" return of a tool means one in a clean state.'],
  ])('%s', async (question, text) => {
    expect(await answer(question, TERMS)).toMatchObject({ text })
  })
})

describe('two notes that contradict each other', () => {
  it.each([
    ['Where does Mira live?', 'Mira lives in Graz.', 'Mira moved to Porto in May.'],
    ['Does Mira like olives?', 'Mira likes olives.', 'Mira no longer likes olives.'],
    ['Where does Mira work?', 'Mira works at Holm.', 'Mira now works at Berg.'],
  ])('and the one that tells of a change comes first: %s', async (question, older, newer) => {
    const forward = await answer(question, doc(older), doc(newer))
    const backward = await answer(question, doc(newer), doc(older))
    expect([forward.text, backward.text]).toEqual(Array(2).fill(`${newer}\nEarlier: ${older}`))
    expect([forward.unsure, forward.quotes.length]).toEqual([undefined, 2])
  })

  it('are shown from one text, too', async () => {
    const { text } = await answer('Where is the office?', doc('The office is in Turku. In 2024 it moved to Vaasa.'))
    expect(text).toBe('In 2024 it moved to Vaasa.\nEarlier: The office is in Turku.')
  })

  const KEYS = ['The spare key hangs at the Holms.', 'The spare key hangs at the Bergs.'] as const

  it('begin with the newer one if their order is known', async () => {
    const { text, unsure } = await answer(
      'Where does the spare key hang?',
      doc(KEYS[0], { at: 1 }),
      doc(KEYS[1], { at: 2 }),
    )
    expect(text).toBe(`${KEYS[1]}\nEarlier: ${KEYS[0]}`)
    expect(unsure).toBeUndefined()
  })

  it('make the answer unsure if their order is unknown', async () => {
    const { text, unsure } = await answer('Where does the spare key hang?', doc(KEYS[0]), doc(KEYS[1]))
    expect(text).toBe(KEYS.join('\n'))
    expect(unsure).toBe(true)
  })

  it('begin with the older one if the question asks for it', async () => {
    const { text } = await answer(
      'Where was the office before?',
      doc('The office was in Turku before. In 2024 it moved to Vaasa.'),
    )
    expect(text).not.toContain('Earlier')
  })
})

it('two people with one name are both shown, with what tells them apart', async () => {
  const { text } = await answer(
    'Who is Jan Holm?',
    doc('Jan Holm is the baker.\n\nJan Holm of the mill repairs the belts.'),
  )
  expect(text).toBe('- Jan Holm is the baker.\n- Jan Holm of the mill repairs the belts.')
})

it('a comment answers together with the code that it is about', async () => {
  const code = '// The most loaves in one batch.\n\nconst MAX_LOAVES = 36\n\nconst other = 1\n'
  const { text } = await answer('What is the most loaves in a batch?', { name: 'oven.js', text: code })
  expect(text).toContain('MAX_LOAVES = 36')
})

it('a row without a cell in the column that was asked does not answer for sure', async () => {
  const table = 'bird,ringed,released\nSkua,2024-05-01,2024-05-03\nPetrel,2024-06-02,\n'
  expect(await answer('When was Petrel released?', { name: 'birds.csv', text: table })).toMatchObject({ unsure: true })
  expect((await answer('When was Skua released?', { name: 'birds.csv', text: table })).unsure).toBeUndefined()
})
