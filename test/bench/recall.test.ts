import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { separation } from '../../bench/recall/measure.ts'
import { readSets } from '../../bench/recall/public-sets.ts'
import { goalsOf, renderAnswers, rowsOf } from '../../bench/recall/report.ts'
import { runRecall } from '../../bench/recall/run.ts'
import { createSuite, SUITE_NOW } from '../../bench/recall/suite.ts'

test('a small suite finds what is current, and nothing of other owners', async () => {
  const size = { seed: 1, owners: 2, records: 100, questions: 4 }
  const sets = createSuite(size)
  expect(createSuite(size)).toEqual(sets)
  const told: string[] = []
  const { measured, inLong } = await runRecall(sets, {
    ...{ now: SUITE_NOW, long: true },
    onAnswers: (method, { owner }, answers) => void told.push(renderAnswers(`${owner}, ${method}`, answers)),
  })
  expect(told).toHaveLength(2 * sets.length)
  expect(told[0]).toMatch(/, words: recall@1 \S+, recall@10 \S+, n \d+$/)
  const rows = rowsOf(measured)
  const goals = goalsOf(measured, rows, inLong)
  expect(goals.filter(({ holds }) => !holds)).toEqual([])
  expect(rows.find(({ ability }) => ability === 'fact as of')).toMatchObject({ questions: 8, recall1: 1 })
})

test('a stale record and one of another owner break the floors', () => {
  const answer = { ability: 'fact now', places: [1], best: 1, leaks: 0, isStale: false, canBeStale: true }
  const measured = [{ method: 'words', answers: [answer, { ...answer, isStale: true, leaks: 1 }] }]
  const goals = goalsOf(measured, rowsOf(measured), [answer])
  expect(goals.filter(({ isFloor, holds }) => isFloor && !holds).map(({ value }) => value)).toEqual([1, 0.5])
  expect(separation([answer, { ...answer, places: [], best: 2 }, { ...answer, places: [], best: 0 }])).toBe(0.5)
})

test('public sets are read from a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recall-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (path: string, value: unknown) => writeFileSync(join(folder, path), JSON.stringify(value))
  mkdirSync(join(folder, '1', 'probing_questions'), { recursive: true })
  const message = (id: number, content: string) => ({ id, role: 'user', content })
  write('1/chat.json', [
    { turns: [[message(0, 'The sprint ends on Friday.'), message(1, ' ')], [message(2, 'Fine.')]] },
  ])
  write('1/probing_questions/probing_questions.json', {
    abstention: [{ question: 'Who paid?' }],
    knowledge_update: [
      { question: 'When?', source_chat_ids: { original_info: [0], updated_info: [2, 0] } },
      { question: 'no sources' },
    ],
  })
  const [beam] = readSets(folder, 'beam')
  expect(beam?.records.map(({ id }) => [id, beam.unitOf!(id)])).toEqual([
    ['0#0', '0'],
    ['2#0', '2'],
  ])
  expect(beam?.questions.map(({ ability, gold }) => [ability, gold])).toEqual([
    ['abstention', []],
    ['knowledge update', ['0', '2']],
  ])
  const item = {
    question_type: 'single-session-user',
    question: 'Which dog?',
    answer_session_ids: ['s2'],
    haystack_session_ids: ['s1', 's2'],
    haystack_sessions: [[message(0, 'Hello.')], [message(0, 'I have a poodle.')]],
  }
  write('oracle.json', [
    { ...item, question_id: 'a' },
    { ...item, question_id: 'b_abs' },
  ])
  const sets = readSets(folder, 'longmemeval')
  expect(sets.map(({ questions: [question] }) => question?.gold)).toEqual([['s2'], []])
  expect(sets[0]?.records.map(({ id }) => sets[0]!.unitOf!(id))).toEqual(['s1', 's2'])
  expect(() => readSets(join(folder, '1', 'probing_questions'), 'beam')).toThrow('has no data of the format beam')
})
