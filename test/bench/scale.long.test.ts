import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Figure, renderFigure } from '../../bench/figures.ts'
import { measureScale } from '../../bench/scale/measure.ts'

test('with a tenth of the records of the bench, a command and a search cost almost nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scale-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const told: Figure[] = []
  const figures = await measureScale(folder, { runs: 30_000, records: 20_000, searches: 20 }, (row) => told.push(row))
  expect(told).toEqual(figures)
  const [few, many, hybrid, version] = figures.map(({ value }) => value) as [number, number, number, number]
  // reading the names and ids of 30,000 runs takes more, also of a processor that others use
  expect(many - few).toBeLessThan(100)
  expect(Math.min(hybrid, version)).toBeGreaterThan(0)
  expect(renderFigure({ name: 'a search', value: 30, unit: 'ms', floor: 25, aim: 40 })).toBe(
    'a search: 30.0 ms, floor ≤ 25 ms FAILS, aim ≤ 40 ms reached',
  )
})
