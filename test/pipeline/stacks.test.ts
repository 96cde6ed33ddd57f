import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { Problem } from '../../src/errors.ts'
import { createRedaction } from '../../src/secret/redaction.ts'
import { readRun } from './read-run.ts'
import { openWorkshop, tool } from './workshop.ts'

/** A tool that does that, and counts. */
function counting(act: () => never | Promise<never>) {
  const counted = {
    calls: 0,
    tool: tool('it', () => {
      counted.calls++
      return act()
    }),
  }
  return counted
}
const step = (more = '') => `name: x\nsteps:\n  - { id: a, tool: it, retry_config: { initial_delay: 0 }${more} }\n`

const problemIn = (end: { readonly steps: { readonly [id: string]: { readonly [field: string]: unknown } } }) =>
  end.steps.a!.problem as unknown as Problem

function breakDown(): never {
  // @ts-expect-error: it is not defined
  return undefinedName
}

test('an error of a tool keeps the stack of the tool in the document and the event, without ours', async () => {
  const { engine, run, events, values } = openWorkshop({ tools: [counting(breakDown).tool] })
  const end = await run(step())
  const stack = problemIn(end).stack!
  expect(stack).toMatch(/^at breakDown \(.*test\/pipeline\/stacks\.test\.ts:\d+:\d+\)\nat /)
  expect(stack).not.toMatch(/\/src\/|node:|is not defined/)
  const document = await readRun(engine.view, values, 'run_1')
  expect(document.steps.a).toMatchObject({
    error: 'undefinedName is not defined',
    error_type: 'ReferenceError',
    error_stack: stack,
  })
  expect(document.error_stack).toBe(stack)
  const ended = (await events('run_1')).filter((event) => event.type === 'step-end')
  expect(ended).toMatchObject([{ problem: { stack } }])
})

test('a stack is redacted', async () => {
  const redaction = createRedaction({})
  redaction.learn([['lab', 'breakDown']])
  const secrets = {
    hide: redaction.hide,
    shown: redaction.shown,
    problem: async (problem: Parameters<typeof redaction.problem>[0]) => redaction.problem(problem),
    get: async () => undefined,
  }
  const { run } = openWorkshop({ tools: [counting(breakDown).tool], services: { secrets } })
  const end = await run(step())
  expect(problemIn(end).stack).toMatch(/^at \[redacted\] \(/)
})

test.each([
  ['a ReferenceError', breakDown],
  ['a TypeError', () => (undefined as unknown as { x(): never }).x()],
  ['a SyntaxError', () => JSON.parse('{') as never],
])('%s is not retried unless the step says so', async (_, act) => {
  const silent = counting(act)
  const end = await openWorkshop({ tools: [silent.tool] }).run(step())
  expect([end.status, silent.calls]).toEqual(['failed', 1])
  const asked = counting(act)
  await openWorkshop({ tools: [asked.tool] }).run(step(', retry: 2'))
  expect(asked.calls).toBe(3)
})

test('a refused connection of fetch is a TypeError with a cause, and is retried', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  const refused = counting(() => fetch(`http://127.0.0.1:${port}/`) as Promise<never>)
  const end = await openWorkshop({ tools: [refused.tool] }).run(step())
  expect(end.steps.a).toMatchObject({ status: 'failed', problem: { name: 'TypeError', message: 'fetch failed' } })
  expect(problemIn(end)).not.toHaveProperty('bug')
  expect(refused.calls).toBe(3)
})
