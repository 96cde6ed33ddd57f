import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutate/mutations.ts'
import { GATE_FILES } from './tiers.ts'

test('each file of the gate exists', () => {
  expect(GATE_FILES.filter((file) => !existsSync(join(import.meta.dirname, '..', file)))).toEqual([])
})

test('no mutation is caught at night alone', () => {
  const files = MUTATIONS.map(({ caughtBy: [file] }) => file)
  expect(files.filter((file) => file.endsWith('.long.test.ts') && !GATE_FILES.includes(file))).toEqual([])
})
