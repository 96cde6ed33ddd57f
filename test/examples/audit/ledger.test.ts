import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineTool } from 'antiphon'
import { expect, test } from 'vitest'
import { z } from 'zod'
import tools from '../../../examples/audit/index.ts'
import { audited, ledger } from '../../../examples/audit/ledger.ts'
import { call, contextOf, makeFolder } from './fixture.ts'

const echo = (work: () => string | Promise<string>) =>
  audited(
    defineTool({ name: 'echo', description: '', effect: 'pure', input: z.strictObject({ ledger }), execute: work }),
  )

test('writes start before the work and end after it, with the key of the call', async () => {
  const root = makeFolder({ ledger: 'start other\n' })
  const read = () => readFileSync(join(root, 'ledger'), 'utf8')
  const tool = echo(() => read())
  const during = await call(tool, { ledger: 'ledger' }, contextOf(root, { idempotencyKey: 'k1' }))
  expect(during).toBe('start other\nstart k1\n')
  expect(read()).toBe('start other\nstart k1\nend k1\n')
})

test('work that failed has no end', async () => {
  const root = makeFolder({})
  const tool = echo(() => Promise.reject(new Error('no')))
  await expect(call(tool, { ledger: 'ledger' }, contextOf(root))).rejects.toThrow('no')
  expect(readFileSync(join(root, 'ledger'), 'utf8')).toBe('start key\n')
})

test.each([undefined, null, ''])('%j is not a ledger', async (none) => {
  const root = makeFolder({})
  await call(
    echo(() => ''),
    { ledger: none },
    contextOf(root),
  )
  expect(readdirSync(root)).toEqual([])
})

test('many calls at once write whole lines', async () => {
  const root = makeFolder({})
  const tool = echo(() => '')
  const keys = Array.from({ length: 50 }, (_, at) => `key-${at}`)
  await Promise.all(keys.map((key) => call(tool, { ledger: 'ledger' }, contextOf(root, { idempotencyKey: key }))))
  const lines = readFileSync(join(root, 'ledger'), 'utf8').trimEnd().split('\n')
  expect(lines.sort()).toEqual(keys.flatMap((key) => [`end ${key}`, `start ${key}`]).sort())
})

test('a call that was cancelled before it began leaves no line', async () => {
  const root = makeFolder({ ledger: '' })
  const context = contextOf(root, { signal: AbortSignal.abort() })
  await expect(
    call(
      echo(() => ''),
      { ledger: 'ledger' },
      context,
    ),
  ).rejects.toThrow()
  expect(readFileSync(join(root, 'ledger'), 'utf8')).toBe('')
})

test.each(tools.map((tool) => [tool.name, tool] as const))(
  'the tool %s takes a ledger and no unknown field',
  async (_, tool) => {
    const result = await tool.input['~standard'].validate({ ledger: 'file', nonsense: 1 })
    const issues = result.issues ?? []
    expect(issues.some(({ message }) => message.includes('nonsense'))).toBe(true)
    expect(issues.some(({ message }) => message.includes('ledger'))).toBe(false)
  },
)
