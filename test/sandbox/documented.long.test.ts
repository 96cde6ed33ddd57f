import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'

const ROOT = join(import.meta.dirname, '../..')
const gap = await bubblewrap.check()

test.skipIf(gap !== undefined)(
  `the claims of docs/sandbox.md about a sandbox of your own are true${gap ? ` (skipped: ${gap.reason})` : ''}`,
  async () => {
    const text = readFileSync(join(ROOT, 'docs/sandbox.md'), 'utf8')
    const [program] = text.match(/(?<=^```ts\n)[\s\S]*?(?=^```)/gm)!
    const file = join(import.meta.dirname, `.documented-${process.pid}.ts`)
    onTestFinished(() => rmSync(file, { force: true }))
    const log = vi.spyOn(console, 'log').mockReturnValue()
    onTestFinished(() => log.mockRestore())
    writeFileSync(file, program!)
    await import(file)
    const [[found]] = log.mock.calls as [[readonly string[]]]
    const told = [...text.matchAll(/^- `([^`]+)`: /gm)].map(([, name]) => name!)
    expect(found).toContain(told[0])
    expect(found.includes(told[1]!)).toBe(process.getuid?.() === 0)
    expect(found.filter((name) => !told.includes(name))).toEqual([])
  },
)
