import { expect, it } from 'vitest'
import { is } from '../../src/errors.ts'
import { CHECKS } from '../../src/template/operations/checks.ts'
import { METHODS } from '../../src/template/operations/methods.ts'
import type { TemplateOperations } from '../../src/template/operations/operation.ts'
import { FILTERS, parseTemplate, renderTemplate } from '../../src/template/template.ts'
import { TIMES } from '../property.ts'
import { scopeOf, secondsFor } from './fixture.ts'

/** Characters of the texts: ANTIPHON_FUZZ=1600 makes them as long as a template may make one. */
const SIZE = 10_000 * TIMES
const ITEMS = Math.min(SIZE / 10, 100_000)
const list = <T>(make: (index: number) => T) => Array.from({ length: ITEMS }, (_item, index) => make(index))

const LARGE = {
  words: 'a '.repeat(SIZE / 2),
  word: 'x'.repeat(SIZE),
  lines: 'a\n'.repeat(SIZE / 2),
  emoji: '🙂'.repeat(SIZE / 2),
  tags: '<'.repeat(SIZE),
  quotes: '"'.repeat(SIZE),
  hyphens: 'a-'.repeat(SIZE / 2),
  json: JSON.stringify(list((index) => `x${index}`)),
  numbers: list((index) => (index * 7919) % 100_003),
  texts: list((index) => `k${(index * 7919) % 100_003}`),
  maps: list((index) => ({ k: index % 1000, v: `s${index}` })),
  map: Object.fromEntries(list((index) => [`k${index}`, index])),
}

const ARGUMENTS: { readonly [parameter: string]: string } = {
  width: '5',
  length: '5',
  n: '5',
  index: '3',
  linecount: '2',
  slices: '3',
  number: '2',
  key: "'k1'",
  attribute: "'k'",
  pattern: "'a|x'",
  old: "'a'",
  new: "'bb'",
  format: "'%Y'",
  filter: "'upper'",
  check: "'odd'",
}

const shape: { readonly [kind: string]: (name: string, args: string) => string } = {
  filter: (name, args) => `| ${name}(${args})`,
  method: (name, args) => `.${name}(${args})`,
  check: (name, args) => `is ${name}(${args})`,
}

/** Each operation with as few arguments as it takes. */
function callsOf(kind: string, table: TemplateOperations): readonly string[] {
  return Object.entries(table).map(([name, { parameters }]) => {
    const needed = parameters.names.slice(0, parameters.needed)
    return shape[kind]!(name, needed.map((parameter) => ARGUMENTS[parameter] ?? "'a'").join(', '))
  })
}

const calls = [
  ...callsOf('filter', FILTERS),
  ...callsOf('check', CHECKS),
  ...Object.values(METHODS).flatMap((table) => callsOf('method', table)),
]

it.each(Object.keys(LARGE))('no operation hangs on large %s', (name) => {
  const slow = calls.flatMap((call) => {
    const template = parseTemplate(`{% set y = ${name} ${call} %}`.replace(' .', '.'))
    const seconds = secondsFor(() => {
      try {
        renderTemplate(template, scopeOf(LARGE))
      } catch (error) {
        expect(is(error), `${call}: ${String((error as Error).stack)}`).toBe(true)
      }
    })
    return seconds < 1 ? [] : [`${call}: ${seconds} s`]
  })
  expect(slow).toEqual([])
})
