import { expect, test } from 'vitest'
import { formOf, isForm } from '../../../src/http/mcp/questions.ts'
import type { StepItem } from '../../../src/run/room/documents.ts'

const item = (content: StepItem['content'], more: Partial<StepItem> = {}): StepItem => ({
  ...{ run: 'r', owner: 'local', step: 's', signal: 's', since: 0, kind: 'approval', title: 'Call it?' },
  ...{ content: content!, expects: { type: 'approval', choices: ['approve', 'reject'] } },
  ...more,
})

test('a form shows all of what it asks to approve', () => {
  const content = { path: 'log.txt', content: 'x'.repeat(7000) }
  expect(isForm(item(content))).toBe(true)
  expect(formOf(item(content)).message).toContain(content.content)
})

test.each([
  ['a text that is too long', item('x'.repeat(8193))],
  ['a field that is too long', item({ path: 'log.txt', content: 'x'.repeat(8193) })],
  ['a content that the list has cut', item({ path: 'log.txt' }, { length: 40_000 })],
])('a form does not ask for an approval of %s', (_, asked) => {
  expect(isForm(asked)).toBe(false)
})
