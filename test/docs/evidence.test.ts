import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const PAGE = resolve(import.meta.dirname, '../../docs/evidence.md')
const [, ...sections] = readFileSync(PAGE, 'utf8').split(/^## /m)
const rows = sections.flatMap((section) => section.match(/^\| (?!promise|what was|fault)[^-].*$/gm) ?? [])

/** What is wrong with the tests that a row names: a link's text is the path of its file below test/, or a title in it. */
function faultsOf(row: string): readonly string[] {
  const links = [...row.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)]
  if (links.length === 0) return ['it names no test']
  return links.flatMap(([, text, link]) => {
    const file = resolve(PAGE, '..', link!)
    if (!link!.endsWith('.test.ts') || !existsSync(file)) return [`${link} is no test`]
    const path = link!.replace('../test/', '').replace(/(?:\.long)?\.test\.ts$/, '')
    return text === path || readFileSync(file, 'utf8').includes(text!) ? [] : [`${link} has no test "${text}"`]
  })
}

test('each promise names tests that are there', () => {
  expect(rows.length).toBeGreaterThan(50)
  expect(rows.flatMap((row) => faultsOf(row).map((fault) => `${row}: ${fault}`))).toEqual([])
})

test('a row without a test, without its file or with another title is found', () => {
  expect(faultsOf('| it works | by hand | nothing |')).toEqual(['it names no test'])
  expect(faultsOf('| it works | [docs/gone](../test/docs/gone.test.ts) | a fault |')).toEqual([
    '../test/docs/gone.test.ts is no test',
  ])
  expect(faultsOf('| it works | [it flies](../test/docs/links.test.ts) | a fault |')).toEqual([
    '../test/docs/links.test.ts has no test "it flies"',
  ])
})
