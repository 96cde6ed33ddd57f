import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CODES } from '../../src/contract/facts.ts'
import { anchorOf } from './anchor.ts'
import { PAGE, page } from './errors.ts'

const written = readFileSync(PAGE, 'utf8')

test('docs/errors.md has the codes of the source', () => {
  expect(page(), 'run: node test/docs/errors.ts').toBe(written)
})

test('each error code has an address on the page', () => {
  const anchors = new Set([...written.matchAll(/^### (.+)$/gm)].map(([, title]) => anchorOf(title!)))
  expect(Object.keys(CODES).filter((code) => !anchors.has(code))).toEqual([])
})
