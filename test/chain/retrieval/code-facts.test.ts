import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type CodeText, factsFor } from '../../../src/chain/retrieval/code-facts.ts'
import { readCode } from '../../../src/source/code/read-code.ts'
import { CODE_FILES, QUESTIONS } from './code-questions.ts'

const texts: readonly CodeText[] = await Promise.all(
  readdirSync(CODE_FILES)
    .toSorted()
    .map(async (file) => {
      const text = readFileSync(new URL(file, CODE_FILES), 'utf8')
      return { file, text, code: (await readCode(file, text)).facts! }
    }),
)
const placesFor = (question: string) =>
  factsFor(question, texts).map(({ of, line, endLine }) => {
    return `${texts[of]!.file}:${line}${endLine > line ? `-${endLine}` : ''}`
  })

test.each(QUESTIONS)('%s', (question, ...places) => {
  expect(placesFor(question)).toEqual(places)
})

test.each([
  'What does checksumOf return?',
  // the syntax does not show that nothing calls it or that it throws nothing
  'Who calls save?',
  'What does checksumOf throw?',
  'Where is the harbour?',
  'Who calls the harbour master?',
  'What is the fee for late returns?',
  'What is the default export of checksum.ts?',
  'Which functions are slow?',
  'What does other.py export?',
  'What does lib/other.ts import?',
])('%s is an ordinary question', (question) => {
  expect(placesFor(question)).toEqual([])
})

test('a fact is a sentence with the line that shows it', () => {
  const [first] = factsFor('What does put throw when a key is too long?', texts)
  expect(first!.text).toBe(
    "`KeyStore › put` calls `checkKey`, which throws: if (key.length > MAX_KEY_LENGTH) throw new TypeError('a key is too long')",
  )
  const [second] = factsFor('What does write_invoice raise?', texts)
  expect(second!.text).toBe('`write_invoice` raises: if customer not in customers: raise UnknownCustomer(customer)')
  // the condition is on the line above
  expect(second).toMatchObject({ line: 39, endLine: 40 })
  expect(second!.text.slice(second!.shownAt)).toBe('if customer not in customers: raise UnknownCustomer(customer)')
})

test('a fact over several lines has all of them', async () => {
  const text =
    "function put(\n  one: string,\n) {\n  throw new Error(\n    'no room: ' + one,\n  )\n}\nimport {\n  a\n} from 'b'\n"
  const code = (await readCode('a.ts', text)).facts!
  const shown = (question: string) =>
    factsFor(question, [{ file: 'a.ts', text, code }]).map(({ line, endLine, shownAt, text }) => {
      return [line, endLine, text.slice(shownAt)]
    })
  expect(shown('Where is put defined?')).toEqual([[1, 3, 'function put( one: string, ) {']])
  expect(shown('What does put throw?')).toEqual([[4, 6, "throw new Error( 'no room: ' + one, )"]])
  expect(shown('What does a.ts import?')).toEqual([[8, 10, "import { a } from 'b'"]])
})

test('the last of many facts says how many more there are', async () => {
  const text = Array.from({ length: 20 }, (_, at) => `export const a${at} = ${at}\n`).join('')
  const many = factsFor('What is exported?', [{ file: 'a.ts', text, code: (await readCode('a.ts', text)).facts! }])
  const last = many.at(-1)!
  expect([many.length, last.text.slice(last.shownAt), last.text]).toEqual([
    12,
    'export const a11 = 11',
    '`a11` is an exported constant (and 8 more): export const a11 = 11',
  ])
})

test('a circle of calls ends', async () => {
  const text = 'function a() { b() }\nfunction b() { a(); throw new Error("x") }\n'
  const code = (await readCode('a.js', text)).facts!
  expect(factsFor('What does a throw?', [undefined, { file: 'a.js', text, code }])).toHaveLength(1)
})
