import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { StepItem } from '../../src/client.ts'
import { answerWords, bulkWords, command, sampleAnswer, textCommand } from '../../ui/lib/commands.ts'
import { typedAnswer } from '../../ui/lib/format.ts'
import { ownCosts, sumsOf } from '../../ui/lib/group.ts'
import { byCause } from '../../ui/machine/by-cause.ts'

const HOUR_MS = 3_600_000

test('the command for many runs has the filters of the list, and quotes what a shell would read', () => {
  const where = { status: 'failed', text: "it's late", top: 'true', since: 10 * HOUR_MS } as const
  expect(command(...bulkWords({ action: 'fork', where }, 34 * HOUR_MS))).toBe(
    `antiphon bulk fork --status failed --text 'it'\\''s late' --since 24h --top`,
  )
  expect(command(...bulkWords({ action: 'cancel', where: {}, reason: 'wrong input', undo: true }, 0))).toBe(
    `antiphon bulk cancel --reason 'wrong input' --undo`,
  )
  expect(command(...bulkWords({ action: 'resume', runs: ['run_1', 'run_2'] }, 0))).toBe(
    'antiphon bulk resume run_1 run_2',
  )
  expect(command(...bulkWords({ action: 'fork', where: { cost: 0.1 } }, 0))).toBe('antiphon bulk fork --cost 0.1')
})

test('costs are summed by name, the largest first, without what was free', () => {
  const spent = [
    { name: 'a', cost: 0.25 },
    { name: 'b', cost: 1 },
    { name: 'a', cost: 0.5 },
    { name: 'free', cost: 0 },
  ]
  expect(sumsOf(spent)).toEqual([
    { name: 'b', cost: 1 },
    { name: 'a', cost: 0.75 },
  ])
})

test('the money of a goal is counted once, beside that of the goals that it asked or that took over', () => {
  const goals = [
    { id: 'g.1.ask.2.ask', cost: 0.1, parent: { run: 'g.1.ask.2' } },
    { id: 'g.1.ask', cost: 0.3, parent: { run: 'g.1' } },
    { id: 'g.3.hand_off', cost: 0.5, parent: { goal: 'g' } },
    { id: 'g', cost: 1 },
    { id: 'run.step', cost: 2, parent: { run: 'run' } },
  ]
  expect([...ownCosts(goals)]).toEqual([
    ['g.1.ask.2.ask', 0.1],
    ['g.1.ask', 0.2],
    ['g.3.hand_off', 0.5],
    ['g', 0.2],
    ['run.step', 2],
  ])
})

test('dead letters with one cause are one group, whichever actor of a kind they are for', () => {
  const problem = { code: 'internal', message: 'no' }
  const letters = [
    { to: 'step/r.b', problem: { code: 'late', message: 'no' } },
    { to: 'run/r', problem },
    { to: 'run/s', problem },
  ]
  expect(byCause(letters).map((alike) => alike.map(({ to }) => to))).toEqual([['run/r', 'run/s'], ['step/r.b']])
})

test('the command for a text writes it to a new file and runs that, whatever the text has', () => {
  const text = `name: "it's"\nEND\n$HOME \`id\` \\\n`
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-ui-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const run = (shown: string) =>
    execFileSync('sh', ['-c', `antiphon() { echo "$@"; }; ${shown}`], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  expect(run(textCommand(text))).toBe('run it.yaml\n')
  expect(readFileSync(join(folder, 'it.yaml'), 'utf8')).toBe(text)
  writeFileSync(join(folder, 'it.yaml'), 'mine')
  expect(() => run(textCommand(text))).toThrow()
  expect(readFileSync(join(folder, 'it.yaml'), 'utf8')).toBe('mine')
})

test('a typed answer has the type of its question, and a wrong number goes to the server as it was typed', () => {
  expect([typedAnswer('number', '12.5'), typedAnswer('number', 'twelve'), typedAnswer('number', ' ')]).toEqual([
    12.5,
    'twelve',
    ' ',
  ])
  expect([typedAnswer('text', '12'), typedAnswer('any', '{"a": 1}')]).toEqual(['12', { a: 1 }])
  expect(() => typedAnswer('answers', 'yes')).toThrow('Expected JSON, such as')
})

test('the command of an empty form has an answer of the kind that the step takes', () => {
  const item = (expects: object) => ({ run: 'run_1', step: 'go', signal: 'go', expects }) as StepItem
  const commandOf = (expects: object) => command(...answerWords(item(expects), sampleAnswer(item(expects).expects)))
  expect(commandOf({ type: 'any' })).toBe('antiphon signal run_1 go null')
  expect(commandOf({ type: 'number' })).toBe('antiphon signal run_1 go 1')
  expect(commandOf({ type: 'text' })).toBe('antiphon signal run_1 go TEXT')
  expect(commandOf({ type: 'answers', questions: [{ id: 'size' }] })).toBe(`antiphon signal run_1 go '{"size":"…"}'`)
})
