import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { measureWorkflows } from '../../bench/workflow/measure.ts'

test('a step commits once, and alone no step costs more than the ones before it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const size = { steps: 200, seconds: 0.2, slices: 1, sleeping: 100 }
  const figures = await measureWorkflows(folder, size, () => {})
  const of = (name: string) => figures.find((figure) => figure.name.includes(name))!.value
  expect(of('commits for each quick step alone')).toBeLessThan(1.1)
  expect(of('commits for each step')).toBeLessThan(0.5)
  // a busy machine may hold up some of the steps
  expect(of('the last tenth')).toBeLessThan(5)
})
