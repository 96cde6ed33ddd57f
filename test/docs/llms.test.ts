import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PAGE, page } from './llms.ts'
import { ROOT } from './program.ts'

test('llms.txt has the pages of docs/README.md', () => {
  expect(page(), 'run: node test/docs/llms.ts').toBe(readFileSync(PAGE, 'utf8'))
})

test('llms.txt names each page', () => {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.md') && !/^adr\b|^README\.md$/.test(name),
  )
  expect(pages.filter((name) => !page().includes(`](docs/${name}`))).toEqual([])
})
