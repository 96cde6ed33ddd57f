import { expect, test } from 'vitest'
import { CHECKS } from '../../src/template/operations/checks.ts'
import { FILTERS } from '../../src/template/operations/filters.ts'
import { BUILTIN_FUNCTIONS } from '../../src/template/operations/functions.ts'
import { METHODS } from '../../src/template/operations/methods.ts'
import { readPage, renewed } from './templates.ts'

test('docs/templates.md names every filter, check, function and method as the code has them', () => {
  expect(renewed(readPage()), 'run: node test/docs/templates.ts').toBe(readPage())
})

test('every operation says in a sentence what it does', () => {
  const all = [FILTERS, CHECKS, BUILTIN_FUNCTIONS, ...Object.values(METHODS)].flatMap((table) => Object.entries(table))
  expect(
    all.filter(([, { does }]) => !/^\S.{5,149}[.)]$/.test(does)).map(([name, { does }]) => `${name}: ${does}`),
  ).toEqual([])
})
