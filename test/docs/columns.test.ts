import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGES = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('docs/how-to')]
const COLUMNS = 120

function pagesIn(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder))
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name))
}

/** Lines of prose that are too wide. Code, tables, headings and parts that a program writes are not prose. */
function wideLines(page: string, text: string): readonly string[] {
  const [written = ''] = text.split(/^<!-- [^\n]* written by `node [^\n]*$/m)
  let fence = false
  return written.split('\n').flatMap((line, index) => {
    const isFence = /^\s*```/.test(line)
    fence = isFence ? !fence : fence
    const isProse = !fence && !isFence && !/^\s*(?:\||#)/.test(line)
    return isProse && line.length > COLUMNS && canBreak(line) ? [`${page}:${index + 1} ${line.length}`] : []
  })
}

/** A line breaks at a space, but neither in code nor in the address of a link. */
function canBreak(line: string): boolean {
  const words = line.trim().replace(/^(?:[-*+]|\d+[.)])\s+/, '')
  return /\s/.test(words.replace(/`[^`]*`/g, '`').replace(/\]\([^)]*\)/g, ']'))
}

test.each(PAGES)('the prose of %s has at most 120 columns', (page) => {
  expect(wideLines(page, readFileSync(join(ROOT, page), 'utf8'))).toEqual([])
})

test('finds a line that is too wide', () => {
  const wide = `${'x'.repeat(118)} yz`
  const text = [wide, `| ${wide} |`, '```', wide, '```', `- \`${wide}\`.`, `# ${wide}`, 'short'].join('\n')
  expect(wideLines('a.md', text)).toEqual(['a.md:1 121'])
  expect(wideLines('a.md', `short\n<!-- This page is written by \`node a.ts\`. -->\n${wide}`)).toEqual([])
})
