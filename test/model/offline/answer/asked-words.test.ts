import { expect, test } from 'vitest'
import { essentialWordsFactor, shareOf } from '../../../../src/model/offline/answer/asked-words.ts'

test.each<[question: string, passage: string, factor: number, about?: string]>([
  ['In which hotel does the class stay?', 'The class goes to the coast.', 0.5],
  ['Which hotels are there?', 'Two hotels stand at the coast.', 1],
  ['In which year was it built?', 'The mill is of 1890.', 1],
  ['How many bees may I keep?', 'Hens may be kept.', 0.5],
  ['Who is the chair?', 'Ann.', 1],
  ['How much did the telescope cost?', 'Tickets cost 9 pounds.', 0.5, 'the telescope'],
  ['How much do tickets cost?', 'Tickets cost 9 pounds.', 1, 'tickets'],
])('%s', (question, passage, factor, about) => {
  const words = about === undefined ? {} : { about }
  expect(essentialWordsFactor({ question, passage, texts: () => [passage], ...words })).toBe(factor)
})

test('the asked words may stand elsewhere in the texts', () => {
  const texts = () => ['# Hotels', 'The class stays at the Lion.']
  expect(essentialWordsFactor({ question: 'In which hotel does it stay?', passage: 'The Lion.', texts })).toBe(1)
})

test('the share of a subject in a text', () => {
  expect(shareOf('the rent of a plot', 'The rent is 48 pounds.')).toBe(0.5)
  expect(shareOf('', 'The rent is 48 pounds.')).toBe(0)
})
