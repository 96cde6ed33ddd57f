import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { receipt } from '../../src/agent/room/conversation/documents.ts'
import { goalDocument } from '../../src/agent/room/goals/documents.ts'
import { runDocument, stepDetail } from '../../src/run/document.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/states.md'), 'utf8')

/** The rows of the table below a heading: the cells of each. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`## ${heading}\n`)
  const [own = ''] = section.split('\n## ')
  const rows = own.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

test.each([
  ['A run', runDocument.shape.status.options],
  ['A step', stepDetail.shape.status.options],
  ['A goal', goalDocument.shape.status.options],
  ['A message', receipt.shape.status.options],
])('the page of states has each state of: %s', (heading, states) => {
  const rows = rowsOf(heading)
  expect(rows.map(([state]) => state).toSorted()).toEqual(states.map((state) => `\`${state}\``).toSorted())
  for (const row of rows) expect(row).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/./)))
})
