import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { askHealth } from '../../../src/tool/plugin/health.ts'
import { defineTool, type Tool } from '../../../src/tool/tool.ts'
import { openRuns } from '../../workflow/open-runs.ts'

const system = (name: string, more: Partial<Tool>) =>
  defineTool({ name, description: 'A system', input: z.object({}), effect: 'pure', execute: () => 1, ...more })
const plain = (text: string) => text.replaceAll('s3cret', '[redacted]')

it('asks the tools that have a health, and tells why one fails, without secrets', async () => {
  const tools = [
    system('well', { capabilities: ['checkpoints'], health: () => '2 workers' }),
    system('silent', { health: () => undefined }),
    system('broken', {
      health() {
        throw new Error('no answer\nwith key s3cret')
      },
    }),
    system('odd', { health: () => ({ ok: true }) as never }),
    system('other', {}),
  ]
  expect(await askHealth(tools, plain)).toEqual([
    { tool: 'well', health: 'ok', text: '2 workers', capabilities: ['checkpoints'] },
    { tool: 'silent', health: 'ok', capabilities: [] },
    { tool: 'broken', health: 'failed', text: 'no answer with key [redacted]', capabilities: [] },
    { tool: 'odd', health: 'failed', text: 'expected a text from its health, got object', capabilities: [] },
  ])
})

it('waits five seconds for an answer', async () => {
  vi.useFakeTimers()
  let reason: unknown
  const slow = system('slow', {
    health: (signal) =>
      new Promise(() => signal.addEventListener('abort', () => void (reason = signal.reason), { once: true })),
  })
  const asked = askHealth([slow], plain)
  await vi.advanceTimersByTimeAsync(5000)
  vi.useRealTimers()
  expect(await asked).toMatchObject([{ health: 'failed', text: 'Its health was not known after 5 s.' }])
  expect(reason).toMatchObject({ name: 'TimeoutError' })
})

it('asks once for callers at the same time', async () => {
  let count = 0
  const tools = [system('counted', { health: () => String(++count) })]
  const {
    runtime: { catalogue },
  } = await openRuns({ tools })
  const [one, other] = await Promise.all([catalogue.health(), catalogue.health()])
  expect([one, other, count]).toEqual([one, one, 1])
  expect(await catalogue.health()).toMatchObject([{ tool: 'counted', text: '2' }])
})

it.each([
  [{ capabilities: 'checkpoints' }, '`capabilities`: expected a list of words, got "checkpoints"'],
  [{ health: 'ok' }, '`health` is not a function: got string'],
  [{ health: () => 'ok', isolation: 'process' }, "`health` is not possible with `isolation: 'process'`"],
])('refuses a tool with %o', (more, message) => {
  expect(() => system('bad', more as never)).toThrow(message)
})
