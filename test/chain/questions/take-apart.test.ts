import { expect, test } from 'vitest'
import { MAX_PARTS, takeApart } from '../../../src/chain/questions/take-apart.ts'
import { threadTime } from '../../thread-time.ts'

test.each<[question: string, parts: readonly string[]]>([
  // marks between questions
  ['Who pays for the roof? How long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['Who pays for the roof? And how long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['Who pays for the roof; how long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['1. Who pays for the roof?\n2. How long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['Wer zahlt das Dach? Wie lange ist die Frist?', ['Wer zahlt das Dach?', 'Wie lange ist die Frist?']],
  // coordinated clauses
  ['Who pays for the roof, and how long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['Who pays for the roof and how long is notice?', ['Who pays for the roof?', 'How long is notice?']],
  ['who pays for the roof and how long is notice', ['Who pays for the roof?', 'How long is notice?']],
  ['Who pays, how long is notice, and when is rent due?', ['Who pays?', 'How long is notice?', 'When is rent due?']],
  ['What does a key cost and who is the treasurer?', ['What does a key cost?', 'Who is the treasurer?']],
  ['How many hens may I keep, and may I sell the eggs?', ['How many hens may I keep?', 'May I sell the eggs?']],
  ['Can I keep hens and can I sell the eggs?', ['Can I keep hens?', 'Can I sell the eggs?']],
  [
    'How much notice must I give and to whom is it sent?',
    ['How much notice must I give?', 'To whom is the notice sent?'],
  ],
  ['Which files are read, and what happens on a crash?', ['Which files are read?', 'What happens on a crash?']],
  ['Wer zahlt das Dach und wie lange ist die Frist?', ['Wer zahlt das Dach?', 'Wie lange ist die Frist?']],
  ['Wann endet der Vertrag, und wer haftet für Schäden?', ['Wann endet der Vertrag?', 'Wer haftet für Schäden?']],
  ['Was kostet ein Schlüssel und darf ich Hühner halten?', ['Was kostet ein Schlüssel?', 'Darf ich Hühner halten?']],
  // indirect questions
  ['Tell me who pays for the roof and how long the notice is.', ['Who pays for the roof?', 'How long the notice is?']],
  ['Do you know when it opens and where the key is?', ['When it opens?', 'Where the key is?']],
  [
    'Kannst du mir sagen, wer das Dach zahlt und wann die Frist endet?',
    ['Wer das Dach zahlt?', 'Wann die Frist endet?'],
  ],
  // question words that share the rest
  ['When and where does it meet?', ['When does it meet?', 'Where does it meet?']],
  ['How tall and how wide is the shed?', ['How tall is the shed?', 'How wide is the shed?']],
  ['When and by whom was the bridge built?', ['When was the bridge built?', 'By whom was the bridge built?']],
  ['Wann und wo trifft sich der Verein?', ['Wann trifft sich der Verein?', 'Wo trifft sich der Verein?']],
  // a pronoun gets the only name before it
  ['What is the rent and when is it due?', ['What is the rent?', 'When is the rent due?']],
  ['Who owns the boat? Who repairs it?', ['Who owns the boat?', 'Who repairs the boat?']],
  [
    'What deposit does the tenant pay; when does it end?',
    ['What deposit does the tenant pay?', 'When does the deposit end?'],
  ],
  ['How many auditors are there and may they vote?', ['How many auditors are there?', 'May the auditors vote?']],
  [
    'Where is openStore defined, and what does it throw?',
    ['Where is openStore defined?', 'What does openStore throw?'],
  ],
  ['Where is fill defined, and what does it throw?', ['Where is fill defined?', 'What does fill throw?']],
  [
    'Where is put defined, who calls it, and what does it throw?',
    ['Where is put defined?', 'Who calls put?', 'What does put throw?'],
  ],
  ['Where is Hamburg, and who paid for it?', ['Where is Hamburg?', 'Who paid for it?']],
  ['Where is the class Book and who calls it?', ['Where is the class Book?', 'Who calls Book?']],
  ['Does the roof touch the wall, and who paid for it?', ['Does the roof touch the wall?', 'Who paid for it?']],
])('%s', (question, parts) => {
  expect(takeApart(question)).toEqual(parts)
})

test.each([
  'Who repairs the roof?',
  'Who repairs the roof and the jetty?',
  'Who pays for the roof, the jetty and the boathouse?',
  'What do tides and currents do?',
  'What may and must tenants do?',
  'What is the fee, which is due in May?',
  'Which of the boats, who are all for rent, is the largest?',
  'Who knows how long it takes and when it ends?',
  'What does the notice say about how to pay and when the tenant must leave?',
  'Who pays for the roof and why?',
  'Is smoking allowed, and where?',
  'Is it open? Or closed?',
  'You pay the rent, right?',
  'Tell me about the roof and the jetty.',
  'What happens if the tenant leaves and the roof leaks?',
  'What does "Who pays? How long is notice?" mean?',
  'What does `a; b` do?',
  'What is the difference between yes and no?',
  'I rent the boathouse. Who repairs the roof?',
  'A colleague has left; how do I take away her permissions?',
  'Summarise the lease; be brief.',
  'List the fees, the dates and the names.',
  'Wer repariert das Dach und den Steg?',
  'Wer weiß, wie lange die Frist ist und wann sie endet?',
  'Was gilt, wenn der Mieter geht und das Dach leckt?',
  'Welche Fristen und Gebühren gelten?',
  '',
  '?',
])('%s stays one', (question) => {
  expect(takeApart(question)).toEqual([question])
})

test('a statement before the questions stays with the first', () => {
  expect(takeApart('I rent the boathouse. Who pays for the roof? How long is notice?')).toEqual([
    'I rent the boathouse. Who pays for the roof?',
    'How long is notice?',
  ])
})

test('there are at most six parts, and nothing is dropped', () => {
  const nine = Array.from({ length: 9 }, (_, n) => `Who runs room${n} today?`)
  const parts = takeApart(nine.join(' '))
  expect(parts).toHaveLength(MAX_PARTS)
  expect(parts.join(' ')).toBe(nine.join(' '))
})

test('a long prompt stays whole, and no prompt takes long', () => {
  const long = 'Who pays for the roof, and how long is notice? '.repeat(50)
  expect(takeApart(long)).toEqual([long])
  const begun = threadTime()
  for (const piece of ['how a ', 'and ', ', ', 'what is ', '; ', '? ', '"', '(', 'und wie ', 'when and '])
    takeApart(piece.repeat(1000).slice(0, 1000))
  expect(threadTime() - begun).toBeLessThan(200)
})
