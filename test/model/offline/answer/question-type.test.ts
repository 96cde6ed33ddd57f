import { describe, expect, it } from 'vitest'
import { answerQuestion } from '../../../../src/model/offline/answer/answer.ts'
import { questionTypeOf } from '../../../../src/model/offline/answer/question-type.ts'
import { indexDocuments } from '../../../../src/model/offline/reading/reading.ts'

describe('the form of a question shows the kind of its answer', () => {
  it.each<[question: string, has: string, lacks: string]>([
    ['How much does a water butt cost?', 'A water butt costs 30 pounds.', 'A water butt holds 200 litres.'],
    ['What does a second key cost?', 'A second one costs twelve pounds.', 'Each plot has one key.'],
    ['How long do samples keep?', 'They keep for two weeks.', 'They are kept at 4 °C.'],
    ['How often is it defrosted?', 'It is defrosted twice a year.', 'It is defrosted by Marit.'],
    ['How tall may a shed be?', 'It may be two metres tall.', 'It has a water butt of 200 litres.'],
    ['How heavy is the boiler?', 'It weighs 31 kg.', 'It burns natural gas.'],
    ['How cold is the room?', 'It is kept at 4 °C.', 'It has two doors.'],
    ['How many books does it own?', 'It owns ninety books.', 'Books are lent for four weeks.'],
    ['How many books are new?', 'Of 12 books, 3 are new.', 'Books cost £4 or 5 euros, 8 % less at 14:00.'],
    ['How many euros is a key?', 'It is €40.', 'It is on the wall.'],
    ['How much may she spend?', 'She may spend 250 euros.', 'She spends it.'],
    ['When is the dividend paid?', 'It is paid on 30 June.', 'The dividend is 4 %, or 80 euros.'],
    ['How large is the room?', 'It has 12 square metres.', 'It is kept at 4 °C.'],
    ['When was it repaired?', 'It was repaired in May.', 'The compressor sparks.'],
    ['When do you close?', 'We close at five.', 'We close the door.'],
    ['When does the ferry leave?', 'The ferry leaves at 9:40.', 'The ferry has version 9.40.1.'],
    ['Who made the clock?', 'The clock was made by Amos Kell.', 'The clock stands in the cellar.'],
    ['Who bought the freezer?', 'The team bought it.', 'It was bought in January.'],
  ])('%s', (question, has, lacks) => {
    const { isIn } = questionTypeOf(question)
    expect([isIn?.(has), isIn?.(lacks)]).toEqual([true, false])
  })

  it.each([
    ['How large is a plot?', 'is a plot?'],
    ['What does E160 mean?', 'E160'],
    ['What does it cost to hire a bicycle?', 'it to hire a bicycle?'],
    ['Where is the hut?', 'Where is the hut?'],
  ])('and not by the words that say so: %s', (question, rest) => {
    const words = questionTypeOf(question).rest.replace(/[?]/g, '').split(/\s+/).filter(Boolean)
    expect(words.join(' ')).toContain(rest.replace('?', ''))
  })
})

describe('an answer', () => {
  const reading = indexDocuments(
    [
      {
        name: 'a.md',
        text: 'Hens may be kept on a plot, up to eight. A full plot is 250 square metres. The shed is old.',
      },
    ],
    {},
  )
  const ask = (question: string) => answerQuestion({ kind: 'answer' }, question, reading)

  it('is sure where the text has all of what is asked', async () => {
    const sure = await ask('How large is a full plot?')
    expect(sure.text).toBe('A full plot is 250 square metres.')
    expect(sure).not.toHaveProperty('unsure')
  })

  it('is not sure where it has much of it', async () => {
    expect(await ask('Which brown hens may be kept on a sunny plot?')).toMatchObject({
      unsure: true,
      confidence: expect.any(Number),
    })
  })

  it.each([
    'How much does a plot cost?',
    'How tall may the shed be?',
    'Is there a swimming pool?',
    'Who built the shed?',
  ])('is refused where it lacks what is wanted: %s', async (question) => {
    expect(await ask(question)).toMatchObject({ refused: 'no passage seems to answer this', quotes: [] })
  })
})
