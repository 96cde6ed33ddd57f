import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DIAGNOSTICS } from '../../src/run/finding.ts'
import { DIAGNOSTICS_AT_WORK } from './cases/diagnostics.ts'
import { DOCUMENT, inPipeline, LOOPS, STEPS } from './cases/findings.ts'
import { KEYS } from './cases/keys.ts'
import { ACTIONS, TOOLS } from './cases/tools.ts'
import { LANGUAGE, wordsIn } from './cases/words.ts'

// filters, checks, functions and methods have tables and such a test of their own in test/template/operations

const CASES = [...KEYS, ...TOOLS, ...ACTIONS, ...DIAGNOSTICS_AT_WORK]
const VECTORS = [...DOCUMENT, ...STEPS.map(inSteps), ...LOOPS.map(inSteps)]

function inSteps([code, says, text]: (typeof STEPS)[number]): (typeof STEPS)[number] {
  return [code, says, inPipeline(text)]
}

/** All words that occur in the tables, and all codes. */
const seen = new Set([
  ...[...CASES.map(({ yaml }) => yaml), ...VECTORS.map(([, , marked]) => marked.replace('¶', ''))].flatMap(wordsIn),
  ...VECTORS.map(([code]) => `code ${code}`),
  ...CASES.flatMap(({ finds = [], refuses = [], fails = [], skips = [], warns = [] }) =>
    [...finds, ...[refuses, fails, skips, warns].flat()].map((code) => `code ${code}`),
  ),
])

test.each(Object.entries({ ...LANGUAGE, code: Object.keys(DIAGNOSTICS) }))(
  'every %s occurs in a case, with what it comes to',
  (what, words) => {
    expect(words.length).toBeGreaterThan(1)
    expect(words.filter((word) => !seen.has(`${what} ${word}`))).toEqual([])
  },
)

test('every code is in the reference', async () => {
  const reference = await readFile(join(import.meta.dirname, '../../docs/pipeline-reference.md'), 'utf8')
  expect(Object.keys(DIAGNOSTICS).filter((code) => !reference.includes(`\`${code}\``))).toEqual([])
})

/** The vectors of compatibility with py-orc: what authors wrote for it, and what that comes to here. */
const VECTOR_NAMES = Array.from({ length: 50 }, (_, n) => `A${n + 1}`)

test('every vector of compatibility is named by a test', async () => {
  const own = import.meta.filename
  const files = await readdir(import.meta.dirname, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  const texts = await Promise.all(paths.filter((path) => path !== own).map((path) => readFile(path, 'utf8')))
  const named = new Set(texts.flatMap((text) => text.match(/\bA\d+\b/g) ?? []))
  expect(VECTOR_NAMES.filter((name) => !named.has(name))).toEqual([])
})
