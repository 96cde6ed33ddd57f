import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holds, renderMemory } from '../../bench/memory/command.ts'
import { measureMemory } from '../../bench/memory/measure.ts'

test('a small memory is measured beside bare libSQL, and finds what an exact comparison finds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const figures = await measureMemory(folder, { records: 600, owners: 3, queries: 4, mastra: 0 }, () => {})
  expect(figures).toHaveLength(9)
  const recall = figures.find(({ name }) => name.startsWith('recall'))!
  expect(holds(recall, recall.floor)).toBe(true)
  expect(renderMemory([{ ...recall, ratio: 0.5 }])).toContain('≥ 0.98 FAILS')
}, 60_000)
