import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import type { Asked, Reply } from '../../bench/chain/ask.ts'
import { costsOf, rowsOf } from '../../bench/chain/figures.ts'
import { holdsWords, numbersNowhere } from '../../bench/chain/holds.ts'
import { goalsOf, renderChain } from '../../bench/chain/report.ts'
import { type ChainQuestion, KINDS, readQuestions } from '../../bench/chain/sets.ts'

const QUESTIONS = readQuestions()

test('each place holds the words that an answer must hold', () => {
  const wrong = QUESTIONS.flatMap(({ question, files, parts }) =>
    parts
      .filter(({ holds, file, lines: [first, last] }) => {
        const text = readFileSync(file, 'utf8')
          .split(/\r?\n/)
          .slice(first - 1, last)
          .join('\n')
        return !files.includes(file) || !holds.some((words) => holdsWords(text, words))
      })
      .map(({ holds, file, lines }) => `${question}: ${basename(file)}:${lines.join('-')} does not hold ${holds}`),
  )
  expect(wrong).toEqual([])
})

test('the halves are as large as each other, and no question is asked twice of the same files', () => {
  for (const kind of KINDS) {
    const [tune, held] = (['tune', 'held'] as const).map(
      (half) => QUESTIONS.filter((one) => one.kind === kind && one.half === half).length,
    )
    expect(Math.abs(tune! - held!), kind).toBeLessThanOrEqual(kind === 'single' ? 16 : 4)
  }
  expect(new Set(QUESTIONS.map(({ question, files }) => `${question} ${files}`)).size).toBe(QUESTIONS.length)
})

test.each([
  ['The tank holds 2.8 litres.', '2.8', true],
  ['The tank holds 12.8 litres.', '2.8', false],
  ['It is full of input.', 'put', false],
  ['`rng` is | never\naltered', 'rng is never altered', true],
  ['Grüße', 'grüß', false],
  ['close(): number {', 'close()', true],
])('%j holds %j: %j', (text, words, holds) => {
  expect(holdsWords(text, words)).toBe(holds)
})

test('a number stands nowhere unless a text has all of it', () => {
  const texts = ['A6,100 pieces,24.00,17.80\nThe fund has 1,312 euros at 10:30.']
  expect(numbersNowhere('24.00 and 1312, at 10:30 <vid>v7</vid> (job-queue.ts:99)', texts)).toEqual([])
  expect(numbersNowhere('24 and 10:45', texts)).toEqual(['24', '10:45'])
})

test('the report counts parts, refusals and stray numbers, and the floors are those of the half held', () => {
  const base = { file: import.meta.filename, lines: [3, 4] as const }
  const question = (more: Partial<ChainQuestion>): ChainQuestion => ({
    kind: 'two-part',
    half: 'held',
    question: 'who?',
    files: [base.file],
    parts: [
      { holds: ['one', '1'], ...base },
      { holds: ['two'], ...base },
    ],
    ...more,
  })
  const reply = (method: Reply['method'], text: string, more: Partial<Reply> = {}): Reply => {
    const cited = [{ file: base.file, first: 4, last: 5 }]
    return { method, text, refused: false, unsure: false, open: 0, cited, calls: 6, ms: 30, ...more }
  }
  const asked: readonly Asked[] = [
    {
      question: question({}),
      replies: [reply('chain', `1, ${10 ** 6 + 7}`), reply('one call', 'one and two', { ms: 10 })],
    },
    {
      question: question({ kind: 'unanswerable', parts: [] }),
      replies: [reply('chain', 'one', { unsure: true }), reply('one call', 'no', { refused: true, ms: 10 })],
    },
  ]
  const [rows, costs] = [rowsOf(asked, ['held']), costsOf(asked, ['held'])]
  expect(rows).toEqual([
    {
      kind: 'two-part',
      half: 'held',
      method: 'chain',
      questions: 1,
      right: 0,
      parts: 0.5,
      cited: 1,
      wronglyRefused: 0,
      wrongAndSure: 1,
      numbers: 1,
    },
    {
      kind: 'two-part',
      half: 'held',
      method: 'one call',
      questions: 1,
      right: 1,
      parts: 1,
      cited: 1,
      wronglyRefused: 0,
      wrongAndSure: 0,
      numbers: 0,
    },
    {
      kind: 'unanswerable',
      half: 'held',
      method: 'chain',
      questions: 1,
      rightlyRefused: 0,
      notSure: 1,
      wrongAndSure: 0,
      numbers: 0,
    },
    {
      kind: 'unanswerable',
      half: 'held',
      method: 'one call',
      questions: 1,
      rightlyRefused: 1,
      notSure: 1,
      wrongAndSure: 0,
      numbers: 0,
    },
  ])
  const goals = goalsOf(rows, costs)
  expect(goals.filter(({ isFloor, holds }) => isFloor && !holds).map(({ name, value }) => [name, value])).toEqual([
    ['numbers that stand nowhere', 1],
    ['two-part above one call', -1],
  ])
  expect(goals.at(-1)).toMatchObject({ value: 3, holds: false })
  const text = renderChain({ concern: 'chain', at: '', model: 'm', embedder: 'none', rows, costs, goals })
  expect(text).toContain('two-part      chain       .00    .50   1.00')
  expect(text).toContain('floor: two-part above one call: -1.00 FAILS')
  // a number in an answer that fails its check is found, and counts as a failed check
  const checked = asked.map(({ question, replies: [chain, once] }) => {
    return { question, replies: [{ ...chain!, failed: chain!.unsure ? [] : ['numbers'] }, once!] }
  })
  expect(rowsOf(checked, ['held']).map(({ failed, numbers }) => [failed, numbers])).toEqual([
    ...[
      [1, 0],
      [undefined, 0],
      [0, 0],
      [undefined, 0],
    ],
  ])
})
