import { expect, test } from 'vitest'
import { committed, pages } from './api.ts'

test('api/ shows every exported name with its type', () => {
  const found = pages()
  expect(found.map(({ path }) => path)).toContain('api/client.md')
  for (const page of found)
    expect(page.text, `${page.path} has changed. Run: node test/docs/api.ts`).toBe(committed(page))
  const [main = ''] = found.map(({ text }) => text)
  for (const shown of ['async function start<', 'interface Tool<', 'class InvalidError extends', 'interface App<'])
    expect(main).toContain(shown)
})
