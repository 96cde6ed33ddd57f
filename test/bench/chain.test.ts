import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { holdsWords } from '../../bench/chain/holds.ts'
import { KINDS, readQuestions } from '../../bench/chain/sets.ts'

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
