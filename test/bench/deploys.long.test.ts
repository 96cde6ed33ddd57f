import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { renderDeploy, sumOf } from '../../bench/deploys/command.ts'
import { judge } from '../../bench/deploys/judge.ts'
import { type DeployRow, measureDeploys, PRODUCTS } from '../../bench/deploys/measure.ts'

const RUNS = 24

/** What became of the runs of antiphon, in a process with that code. */
async function deploy(name: string, patience: number): Promise<DeployRow> {
  const folder = mkdtempSync(join(tmpdir(), 'deploys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const products = PRODUCTS.filter((product) => product.name === name)
  const [row] = await measureDeploys(folder, products, { runs: RUNS, patience })
  return row!
}

const countsOf = (row: DeployRow) => sumOf(row.absent === undefined ? row.outcomes.map(({ counts }) => counts) : [])

test('with the line that a message names, all runs go on in edited code', async () => {
  const row = await deploy('antiphon-mended', 120_000)
  expect(countsOf(row), renderDeploy(row)).toMatchObject({ finished: RUNS })
})

test('without a line, no run of edited code makes an act twice, or fails', async () => {
  const row = await deploy('antiphon', 2_000)
  const { finished, stranded, wrong, ...others } = countsOf(row)
  expect(others, renderDeploy(row)).toEqual({ doubled: 0, failed: 0 })
  // an input and a recorded result of another shape look right
  expect(wrong).toBeLessThanOrEqual(RUNS / 6)
  // each of the others waits, or was not affected; a busy machine may hold up some
  expect(finished! + stranded! + wrong!).toBe(RUNS)
})

test('with one answer, all conversations go on in edited code; without it none makes an act twice, or fails', async () => {
  const answered = await deploy('conversations-answered', 120_000)
  expect(countsOf(answered), renderDeploy(answered)).toMatchObject({ finished: RUNS })
  const alone = await deploy('conversations', 2_000)
  const { finished, stranded, ...others } = countsOf(alone)
  expect(others, renderDeploy(alone)).toEqual({ doubled: 0, failed: 0, wrong: 0 })
  expect([finished! <= RUNS / 4, finished! + stranded!]).toEqual([true, RUNS])
})

test.each([
  ['finished', ['a', 'b'], { result: ['a'] }],
  ['finished', ['a', 'b', 'c'], { result: ['a'] }],
  ['finished', ['z'], { result: 'old' }],
  ['doubled', ['a', 'b', 'a'], undefined],
  ['stranded', ['a'], undefined],
  ['failed', ['a'], { error: 'a mismatch' }],
  ['wrong', ['a', 'b'], { result: [] }],
  ['wrong', ['a'], { result: ['a'] }],
  ['wrong', ['a', 'b', 'd'], { result: ['a'] }],
] as const)('is %s: %j, %j', (outcome, made, end) => {
  const edit = { acts: ['a', 'b'], may: ['c'], result: ['a'], before: { acts: ['z'], result: 'old' as never } }
  expect(judge(edit, made, end)).toBe(outcome)
})
