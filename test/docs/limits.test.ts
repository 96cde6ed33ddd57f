import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PAGE, page } from './limits.ts'

test('docs/limits.md has the numbers of the code', () => {
  expect(page(), 'run: node test/docs/limits.ts').toBe(readFileSync(PAGE, 'utf8'))
})
