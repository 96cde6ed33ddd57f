import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ADR = resolve(import.meta.dirname, '../../docs/adr')
const files = readdirSync(ADR).filter((file) => /^\d{4}-/.test(file))
const numberOf = (file: string) => Number(file.slice(0, 4))

/** The later records that a text says supersede parts of it, and the earlier ones of which it says that it does. */
function readStatus(text: string) {
  const linked = (words: string) => {
    const [, names = ''] = text.match(new RegExp(`${words} ([^;|\\n]*)`, 'i')) ?? []
    return [...names.matchAll(/\]\((\d{4})-/g)].map(([, number]) => Number(number))
  }
  return { by: linked('superseded in part by'), parts: linked('supersedes parts of') }
}

const rows = new Map(
  [...readFileSync(join(ADR, 'README.md'), 'utf8').matchAll(/^\| (\d+) \| .* \| (.*) \|$/gm)].map(
    ([, number, status]) => [Number(number), readStatus(status!)] as const,
  ),
)

test('each record has a row in the index', () => {
  expect([...rows.keys()]).toEqual(files.map(numberOf))
})

test('a record that supersedes another one, and that one, name each other', () => {
  const pairs = (of: (number: number) => readonly (readonly [number, number])[]) => [...rows.keys()].flatMap(of).sort()
  const superseded = pairs((older) => rows.get(older)!.by.map((later) => [older, later] as const))
  expect(superseded.length).toBeGreaterThan(0)
  expect(pairs((later) => rows.get(later)!.parts.map((older) => [older, later] as const))).toEqual(superseded)
})

test('the page of a superseded record says so below its title', () => {
  const pages = files.map((file) => {
    const [, , line = ''] = readFileSync(join(ADR, file), 'utf8').split('\n')
    return [numberOf(file), readStatus(line).by] as const
  })
  expect(pages).toEqual([...rows].map(([number, { by }]) => [number, by]))
})
