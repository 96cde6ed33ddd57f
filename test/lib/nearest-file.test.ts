import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { nearestFile } from '../../src/lib/nearest-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-near-'))
for (const name of ['digest.yaml', 'lease.md', 'notes-2024.csv']) writeFileSync(join(folder, name), '')
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['digst.yaml', 'digest.yaml'],
  ['digest.yml', 'digest.yaml'],
  ['digest', 'digest.yaml'],
  ['Lease.md', 'lease.md'],
  ['sub/../lese.md', 'lease.md'],
  ['prices.yaml', undefined],
  ['nowhere/digest.yaml', undefined],
])('names the file that is meant by %s', (path, meant) => {
  expect(nearestFile(path, join(folder, path))).toBe(meant)
})
