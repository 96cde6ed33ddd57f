import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { readLabels } from '../../bench/offline/labels.ts'
import type { OfflineReport } from '../../bench/offline/report.ts'
import { estimate } from '../../bench/offline/sample.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')
const bench = (...given: string[]) => promisify(execFile)(process.execPath, [MAIN, 'offline', ...given])

it('measures the offline model beside its baselines and prints it as JSON', async () => {
  const { stdout } = await bench('--half', 'tune', '--embedder', 'none', '--json')
  const { concern, embedder, rows } = JSON.parse(stdout) as OfflineReport
  expect({ concern, embedder }).toEqual({ concern: 'offline', embedder: 'none' })
  expect(rows.every(({ tune, held }) => tune !== undefined && held === undefined)).toBe(true)
  expect(rows).toContainEqual({
    task: 'questions, in the document',
    measure: 'hit@1',
    method: 'BM25',
    tune: { n: 84, mean: expect.closeTo(0.45, 2), low: expect.closeTo(0.35, 2), high: expect.closeTo(0.56, 2) },
  })
})

it('has halves that share no label', () => {
  const [tune, held] = [readLabels('tune'), readLabels('held')]
  const asked = new Set(tune.questions.map(({ document }) => document))
  expect(held.questions.filter(({ document }) => asked.has(document))).toEqual([])
  expect([tune.questions.length, held.questions.length]).toEqual([84, 87])
  const names = new Set(tune.texts.map(({ name }) => name))
  expect(held.texts.filter(({ name }) => names.has(name))).toEqual([])
})

it('draws the same interval for the same values', () => {
  expect(estimate([1, 1, 1])).toEqual({ n: 3, mean: 1, low: 1, high: 1 })
  const { low, mean, high } = estimate([0, 1, 1, 0, 1, 1, 0, 1])
  expect(mean).toBe(0.625)
  expect([low, high]).toEqual([0.25, 0.875])
})
