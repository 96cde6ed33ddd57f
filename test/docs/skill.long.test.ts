import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPages } from '../../src/cli/commands/author/docs-pages.ts'
import { until } from '../../src/testing/until.ts'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const SKILL = await read('skills/antiphon/SKILL.md')
const [support = '', order = '', question = '', refund = '', ...others] = blocksIn(SKILL, 'ts')
const HARBOUR = 'The harbour opens at six in the morning.\nThe harbour closes at nine in the evening.\n'

const commandsIn = (folder: string) => (line: string) =>
  runHere(REAL, line.replace(/^npx antiphon /, '').split(' '), { folder })

test('the skill has at most 300 lines, a name, a description, and the programs that run here', () => {
  expect(SKILL.split('\n').length).toBeLessThanOrEqual(300)
  expect(SKILL).toMatch(/^---\nname: antiphon\ndescription: [^\n]{50,1024}\n---\n/)
  expect(others).toEqual([])
  expect(blocksIn(SKILL, 'yaml')).toHaveLength(1)
})

test('the agent of the skill waits for its approval', async () => {
  const folder = await openProgramFolder()
  const antiphon = commandsIn(folder)
  const ended = runProgram(folder, support)
  const [inbox = '', signal = ''] = blocksIn(SKILL, 'sh')[0]!.trim().split('\n')
  await until(async () => (await antiphon(inbox)).out.includes('approve_call_1'))
  expect(await antiphon(signal)).toMatchObject({ code: 0 })
  expect(await ended).toEqual({ code: 0, out: 'You get your money back.\n', err: '' })
})

test('the workflow of the skill runs', async () => {
  const out = "{ receipt: 'charged 4200 for 7', shipped: true }\n"
  expect(await runProgram(await openProgramFolder(), order)).toEqual({ code: 0, out, err: '' })
})

test('the pipeline of the skill is valid and runs', async () => {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'notes.yaml'), blocksIn(SKILL, 'yaml')[0]!)
  await writeFile(join(folder, 'notes.md'), HARBOUR)
  const antiphon = commandsIn(folder)
  const [validate = '', run = ''] = blocksIn(SKILL, 'sh')[1]!.trim().split('\n')
  const { code, out } = await antiphon(validate)
  expect([code, out]).toEqual([0, expect.stringContaining('✓ notes.yaml is valid\n')])
  expect(await antiphon(run)).toMatchObject({ code: 0, out: expect.stringMatching(/summary: [\s\S]*lines: 2\n$/) })
})

test('the question of the skill is answered from the folder', async () => {
  const folder = await openProgramFolder()
  await mkdir(join(folder, 'texts'))
  await writeFile(join(folder, 'texts/harbour.md'), HARBOUR)
  const { code, out } = await runProgram(folder, question)
  expect([code, out]).toEqual([0, expect.stringMatching(/closes at nine[\s\S]*texts\/harbour\.md:\d\n$/)])
})

test('the test of the skill passes', async () => {
  const { code, out } = await runProgram(await openProgramFolder(), refund)
  expect([code, out]).toEqual([0, expect.stringContaining('pass 1\n')])
})

test('the skill names pages that exist', async () => {
  const pages = (await readPages()).map(({ page }) => page)
  const rows = SKILL.split('\n').filter((line) => /^\| .* \| .* \| `/.test(line))
  const named = rows.flatMap((row) => [...row.split('|')[3]!.matchAll(/`([^`]+)`/g)].map(([, page]) => page!))
  expect(named.length).toBeGreaterThan(15)
  expect(named.filter((page) => !pages.includes(page))).toEqual([])
})
