import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createModels } from '../../src/model/registry.ts'
import { readDocumentFile } from '../../src/source/source.ts'
import { setUp } from './fixture.ts'
import { CODE_FILES, QUESTIONS } from './retrieval/code-questions.ts'

const files = ['cache.rs', 'checksum.ts', 'ferry.go', 'invoices.py', 'key-store.ts']
const models = createModels({ embedder: 'none' }, {})
const readFile = (name: string) => readDocumentFile(fileURLToPath(new URL(name, CODE_FILES)))
const { ask, events } = setUp({ models, readFile })

test('the offline model answers questions about code with file and line', async () => {
  const wrong: string[] = []
  for (const [question, ...places] of QUESTIONS) {
    const { citations } = await ask(question, { thread: question, files, quick: true })
    const cited = citations.map(({ file, line, endLine }) => `${file}:${line}${endLine > line ? `-${endLine}` : ''}`)
    if (cited.join() !== places.join()) wrong.push(`${question} ${cited.join(' ')}`)
  }
  expect(wrong).toEqual([])
})

test('in all phases, the answer is the facts, each with its line', async () => {
  const reply = await ask('What does write_invoice raise?', { files })
  expect(reply).toMatchObject({ status: 'completed', cycles: 1, invalidCitations: [] })
  expect(reply.answer).toBe(
    [
      '`write_invoice` raises: if customer not in customers: raise UnknownCustomer(customer) <vid>v1</vid>',
      '`write_invoice` calls `Invoice › add_line`, which raises: if amount < 0: raise ValueError("an amount is negative") <vid>v2</vid>',
    ].join('\n'),
  )
  expect(reply.citations).toMatchObject([
    { file: 'invoices.py', line: 39, endLine: 40 },
    { file: 'invoices.py', line: 23, endLine: 24 },
  ])
  // code has no prose to summarise, and that is no loss
  expect(reply.degraded).toEqual([])
  const ends = (await events()).flatMap(({ body }) => (body.type === 'phase-end' ? [body] : []))
  expect(ends.flatMap(({ phase, status }) => (status === 'completed' ? phase : []))).toEqual([
    ...['experience.vectors', 'intention', 'observation', 'understanding', 'yield'],
  ])
  expect(ends.find(({ phase }) => phase === 'understanding')!.text).toMatch(/^`write_invoice` raises: /)
})

test('a question that facts do not answer is answered from the passages', async () => {
  const reply = await ask('How does Cancel give places back?', { thread: 'other', files: ['ferry.go'] })
  expect(reply).toMatchObject({ citations: [{ file: 'ferry.go' }], degraded: [] })
  expect(reply.answer).toContain('Cancel gives the places of a car back')
})
