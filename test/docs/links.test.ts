import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { anchorOf } from './anchor.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md', ...pagesBelow('docs')]

function pagesBelow(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name))
}

/** A page without what stands in fences and in backticks. */
const prose = (path: string) =>
  readFileSync(join(ROOT, path), 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '))

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): ReadonlySet<string> {
  const text = readFileSync(join(ROOT, path), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  const seen = new Map<string, number>()
  const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) => {
    const anchor = anchorOf(title!)
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
  return new Set(anchors)
}

function brokenLinks(page: string): readonly string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path))
      if (!exists(target)) return true
      return anchor !== undefined && !anchorsOf(target).has(anchor)
    })
    .map((link) => `${page}: ${link}`)
}

function exists(path: string): boolean {
  try {
    readFileSync(join(ROOT, path))
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR'
  }
}

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  expect(brokenLinks(page)).toEqual([])
})

/** Lines of at most 120 columns. */
const LONG = 300

const isLong = (page: string) => readFileSync(join(ROOT, page), 'utf8').split('\n').length > LONG

test.each(PAGES.filter(isLong))('%s begins with its contents', (page) => {
  const [top = '', ...sections] = prose(page).split(/^## /m)
  const anchors = sections.map((section) => `](#${anchorOf(section.split('\n')[0]!)})`)
  expect(anchors.filter((anchor) => !top.includes(anchor))).toEqual([])
})
