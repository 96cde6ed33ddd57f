import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holds, renderFigure, renderMemory } from '../../bench/memory/command.ts'
import { type MemoryFigure, measureMemory } from '../../bench/memory/measure.ts'

test('a small memory is measured beside bare libSQL, and finds what an exact comparison finds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const told: MemoryFigure[] = []
  const [tell, onFigure] = [() => {}, (figure: MemoryFigure) => void told.push(figure)]
  const figures = await measureMemory(folder, { records: 600, owners: 3, queries: 4, mastra: 0 }, { tell, onFigure })
  expect(figures).toHaveLength(9)
  // without Mastra, each was told as it is in the end
  expect(new Set(told)).toEqual(new Set(figures))
  const recall = figures.find(({ name }) => name.startsWith('recall'))!
  expect(holds(recall, recall.floor)).toBe(true)
  expect(renderMemory([{ ...recall, ratio: 0.5 }])).toContain('≥ 0.98 FAILS')
  expect(renderFigure({ ...recall, ours: 1, ratio: 1 })).toBe('recall@10 of it: antiphon 1.00, floor ≥ 0.98 holds')
})
