import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('the claims of docs/testing.md about torture are true', async () => {
  const [program] = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8').match(/(?<=^```ts\n)[\s\S]*?(?=^```)/gm)!
  const file = join(import.meta.dirname, `.documented-${process.pid}.ts`)
  onTestFinished(() => rmSync(file, { force: true }))
  const log = vi.spyOn(console, 'log').mockReturnValue()
  onTestFinished(() => log.mockRestore())
  writeFileSync(file, program!)
  await import(file)
  expect(log.mock.calls).toEqual([[{ inline: 8, libsql: expect.any(Number) }, 2]])
  expect(log.mock.calls[0]![0].libsql).toBeGreaterThanOrEqual(8)
})
