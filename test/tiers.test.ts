import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GATE_FILES } from './tiers.ts'

test('each file of the gate exists', () => {
  expect(GATE_FILES.filter((file) => !existsSync(join(import.meta.dirname, '..', file)))).toEqual([])
})
