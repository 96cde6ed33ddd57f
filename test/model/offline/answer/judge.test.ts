import { describe, expect, it } from 'vitest'
import { answerQuestion } from '../../../../src/model/offline/answer/answer.ts'
import { indexDocuments } from '../../../../src/model/offline/reading/reading.ts'
import { documentOfReading } from '../../../../src/source/media/document-of.ts'

const answer = (question: string, ...texts: readonly string[]) =>
  answerQuestion(
    { kind: 'answer' },
    question,
    indexDocuments(
      texts.map((text) => ({ name: 'a.md', text })),
      {},
    ),
  )
/** Whether an answer claims to be sure. A refusal does not. */
const isSure = ({ unsure, refused }: Awaited<ReturnType<typeof answer>>) => !unsure && refused === undefined

describe('a statement with the words of the question is not sure without a fitting value', () => {
  it.each([
    ['When was version 3 published?', 'You may use this text under version 3 or any later version.'],
    ['When was version 3 published?', 'This licence refers to version 3 as it was published.'],
    ['When was the pier built?', 'The pier was built before the storm.'],
    ['Who built the pier?', 'Other people built the pier.'],
    ['How many boats does the club have?', 'Members come in 3 groups and the boats of the club are old.'],
    ['Where should I send the form?', 'The form that you send is read within days, as a rule.'],
    ['Which form should I send?', 'The form should not have to be sent again.'],
  ])('%s %s', async (question, text) => {
    expect(isSure(await answer(question, text))).toBe(false)
  })

  it.each([
    ['When was version 3 published?', 'Version 3 was published on 4 May 2019.'],
    ['Who built the pier?', 'The pier was built by Ole Dahl.'],
    ['How many boats does the club have?', 'The club has boats for everybody, in all 12.'],
    ['Where should I send the form?', 'You should send the form to the office.'],
  ])('and with one it is: %s %s', async (question, text) => {
    expect(isSure(await answer(question, text))).toBe(true)
  })
})

describe('a question in another language than English', () => {
  const text = 'Die alte Brücke verbindet seit 1901 den Hafen mit der Insel und dem Markt.'
  it.each([
    ['Wer strich die alte Brücke zum Hafen, zur Insel und zum Markt blau?', false],
    ['Seit wann verbindet die alte Brücke den Hafen mit dem Markt?', true],
  ])('is surely answered only by a statement with nearly all its words: %s', async (question, sure) => {
    const found = await answer(question, `${text} Der Verein hat ein Boot.`)
    expect([found.text, isSure(found)]).toEqual([expect.stringContaining(text), sure])
  })
})

describe('the usual words of questions', () => {
  const { text: IMAGE } = documentOfReading(
    { name: 'a.png', type: 'image/png', bytes: 3000 },
    { facts: { kind: 'image', format: 'png', width: 640, height: 480 }, passages: [], gaps: [] },
  )
  const MODEL = 'The name of the model is Skua.\nIts context length in tokens is 4096.'
  it.each([
    ['How wide is the image?', IMAGE, '640 pixels wide'],
    ['How high is the picture?', IMAGE, '480 pixels high'],
    ['What size is the image?', IMAGE, '640 × 480 pixels'],
    ['What are the dimensions of the picture?', IMAGE, '640 × 480 pixels'],
    ['What size is the file?', IMAGE, '2.9 KiB'],
    ['What is the context length?', MODEL, '4096'],
    ['Who opens the bridge?', 'The mayor opens the bridge.', 'mayor'],
    ['Who may open the bridge?', 'The bridge may be opened by the mayor.', 'mayor'],
    [
      'Who designed the crane?',
      'Oslo was small when its crane was designed. The crane was designed by a baker.',
      'baker',
    ],
  ])('%s', async (question, text, words) => {
    const found = await answer(question, text)
    expect([found.text, isSure(found)]).toEqual([expect.stringContaining(words), true])
  })
})

describe('an answer that is not sure', () => {
  it('shows the next places too, each on its line', async () => {
    const places = ['The yearly fee was discussed by members before the vote.', 'The fee was discussed again.']
    const found = await answer('When was the yearly fee discussed?', [...places, 'The club has a boat.'].join('\n\n'))
    expect(found).toMatchObject({ text: places.join('\n'), unsure: true })
    expect(found.quotes.map(({ at }) => found.text.slice(at!.start, at!.end))).toEqual(places)
  })
})

describe('a newer statement answers, and the older one stands as earlier', () => {
  it.each([
    [
      'How much is the yearly fee?',
      'The yearly fee is 40 crowns.',
      'In May the board raised the yearly fee from 40 crowns to 50 crowns.',
    ],
    ['Who is the chair?', 'Ana Berg is the chair of the club.', 'Ole Dahl is the new chair of the club.'],
    ['Which car does Mira drive?', 'Mira drives a red car.', 'Mira sold the red car and bought a van.'],
    ['How long is the lease?', 'The lease runs for 5 years.', 'The lease was extended to 8 years.'],
  ])('%s', async (question, older, newer) => {
    const { text, unsure } = await answer(question, `${older}\n\n${newer}`)
    expect([text, unsure]).toEqual([`${newer}\nEarlier: ${older}`, undefined])
  })

  it('and I, who have moved, live elsewhere', async () => {
    const [lived, moved] = ['I live in Lisbon.', 'I moved to Porto.']
    const both = { text: `${moved}\nEarlier: ${lived}`, quotes: [{}, {}] }
    expect(await answer('Where do I live?', lived, moved)).toMatchObject(both)
    expect(await answer('Where do I live?', moved, lived)).toMatchObject(both)
    expect((await answer('Where do we live?', lived, 'We moved to Porto.')).text).not.toContain('Earlier')
    expect((await answer('Where do I live?', lived, 'Mira moved to Porto.')).text).toBe(lived)
  })

  it('unless it is known to be older', async () => {
    const [moved, lives] = [
      { name: 'a.md', text: 'I moved to Porto.', at: 1 },
      { name: 'b.md', text: 'I live in Lisbon.', at: 2 },
    ]
    const { text } = await answerQuestion({ kind: 'answer' }, 'Where do I live?', indexDocuments([moved, lives], {}))
    expect(text).toBe('I live in Lisbon.')
  })

  it('by the days of the headings above them', async () => {
    const minutes =
      '# Minutes of 3 May\n\nThe club has 40 members.\n\n# Minutes of 7 June\n\nThe club has 44 members.\n'
    const { text, unsure } = await answer('How many members has the club?', minutes)
    expect([text, unsure]).toEqual(['The club has 44 members.\nEarlier: The club has 40 members.', undefined])
  })

  it('two texts that differ without a day are both shown, and not sure', async () => {
    const [one, other] = ['The boiler is checked every two years.', 'The boiler is checked every year.']
    const { text, unsure } = await answer('How often is the boiler checked?', one, other)
    expect([text.includes(one), text.includes(other), unsure]).toEqual([true, true, true])
  })

  it('a statement about something else is never the earlier one', async () => {
    const { text } = await answer(
      'What does a kayak cost?',
      'A kayak costs 30 crowns now.\n\nA kayak with a hole was dropped from the list.',
    )
    expect(text).not.toContain('Earlier')
  })
})

describe('an answer shows what it leans on', () => {
  it.each([
    ['When was the boat line added?', '2.1 (4 May 2023): The boat line was added.'],
    ['In which version was the bus line dropped?', '2.0 (1 March 2022): The bus line was dropped.'],
  ])('the heading that has the value: %s', async (question, text) => {
    const log =
      '# 2.1 (4 May 2023)\n\n- The boat line was added.\n\n# 2.0 (1 March 2022)\n\n- The bus line was dropped.\n'
    expect((await answer(question, log)).text).toBe(text)
  })

  it('the paragraph above that names its subject', async () => {
    const text = '# Birds\n\nThe heron is a grey bird.\n\nIt was fed with fish in winter.\n'
    expect((await answer('What was it fed with in winter?', text)).text).toBe(
      'The heron is a grey bird. It was fed with fish in winter.',
    )
  })
})

it('a wide row shows its first cells and those that were asked', async () => {
  const cells = (first: string, asked: string) =>
    Array.from({ length: 70 }, (_, at) => (at === 0 ? first : at === 40 ? asked : `x${at}`)).join(',')
  const text = `${cells('bird', 'harbour')}\n${cells('Skua', 'Bergen').replaceAll('x', 'v')}\n`
  const { text: told } = await answerQuestion(
    { kind: 'answer' },
    'Which harbour has Skua?',
    indexDocuments([{ name: 'birds.csv', text }], {}),
  )
  expect(told).toBe('bird: Skua, x1: v1, harbour: Bergen (67 more columns)')
})
