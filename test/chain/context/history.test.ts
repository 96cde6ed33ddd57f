import { expect, test } from 'vitest'
import { projectHistory } from '../../../src/chain/context/project.ts'

const exchange = (n: number, size = 10) => ({ prompt: `p${n}`, answer: `a${n}`.padEnd(size, '.') })

test('prompts and answers in their order, without citations', () => {
  expect(projectHistory([{ prompt: 'p', answer: 'a <vid>v1</vid>.' }, exchange(2, 2)], 100)).toEqual([
    { role: 'user', text: 'p' },
    { role: 'assistant', text: 'a.' },
    { role: 'user', text: 'p2' },
    { role: 'assistant', text: 'a2' },
  ])
})

test('exchanges that do not fit are left out whole, the oldest first', () => {
  const texts = projectHistory([exchange(1), exchange(2), exchange(3)], 30).map(({ text }) => text.slice(0, 2))
  expect(texts).toEqual(['p2', 'a2', 'p3', 'a3'])
})

test('a single exchange that is too long keeps its beginning', () => {
  const [prompt, answer] = projectHistory([exchange(1, 500)], 100)
  expect(prompt!.text).toBe('p1')
  expect(answer).toEqual({ role: 'assistant', text: `a1${'.'.repeat(48)}`, length: 500 })
})

test('a new thread has none', () => {
  expect(projectHistory([], 100)).toEqual([])
})
