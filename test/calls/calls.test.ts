import { describe, expect, test } from 'vitest'
import type { CallsStart } from '../../src/calls/messages.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { approvalGate } from '../../src/pipeline/tools/inbox/approval.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { needByPolicy } from '../../src/work/approval/policy.ts'
import { type Calls, openWorkshop, tool } from '../pipeline/workshop.ts'
import { readCalls } from './read-run.ts'

const undoable = (name: string): Tool => ({ ...tool(name, () => null), undo: () => {} })

function open(calls: Calls = []) {
  const tools = [tool('once', (input) => input, 'at-most-once', calls), undoable('kept'), approvalGate as Tool]
  const workshop = openWorkshop({ tools, calls })
  const start = async (message: Omit<CallsStart, 'type'>, id = 'run_1') => {
    await workshop.engine.tell({ kind: 'run', key: id }, { type: 'calls', ...message } as unknown as Json, {
      id,
      correlationId: id,
    })
    return id
  }
  const signal = (id: string, name: string, value: Json) =>
    workshop.engine.ask({ kind: 'run', key: id }, { type: 'signal', name, value })
  const end = async (id: string) => {
    await workshop.events(id)
    return readCalls(workshop.engine.view, workshop.values, id)
  }
  return { ...workshop, calls, start, signal, end }
}

describe('calls as a run', () => {
  test('parameters are data: no template in them is rendered', async () => {
    const { start, end, calls } = open()
    const parameters = { text: '{{ 6 * 7 }}', deep: [{ more: '{% for x in y %}' }], __proto__: null }
    const run = await end(await start({ calls: [{ id: 'a', tool: 'say', parameters }] }))
    expect(run).toMatchObject({ status: 'completed', outputs: { a: parameters } })
    expect(calls).toMatchObject([{ tool: 'say', input: parameters, key: expect.any(String) }])
  })

  test('each call is a step, and all run side by side', async () => {
    const { start, end } = open()
    const run = await end(
      await start({
        calls: [
          { tool: 'say', parameters: { n: 1 } },
          { tool: 'say', parameters: { n: 2 } },
        ],
      }),
    )
    expect(run.outputs).toEqual({ call_1: { n: 1 }, call_2: { n: 2 } })
    expect(run.name).toBe('2 calls')
  })

  test('a call that may do harm waits for a person, who sees its arguments', async () => {
    const { start, signal, end, calls } = open()
    const id = await start({ calls: [{ id: 'a', tool: 'once', parameters: { to: 'Ann' } }] })
    await signal(id, 'approve_a', 'approve')
    expect(await end(id)).toMatchObject({ status: 'completed', outputs: { a: { to: 'Ann' } } })
    expect(calls).toHaveLength(1)
  })

  test('a rejected call is not made, and the run goes on', async () => {
    const { start, signal, end, calls } = open()
    const id = await start({
      calls: [
        { id: 'a', tool: 'once' },
        { id: 'b', tool: 'say', parameters: { n: 1 } },
      ],
    })
    await signal(id, 'approve_a', { action: 'reject', reason: 'not today' })
    const run = await end(id)
    expect(run).toMatchObject({ status: 'completed', outputs: { a: null, b: { n: 1 } } })
    expect(run.steps.a).toMatchObject({ status: 'skipped', skip_reason: 'rejected', rejection: 'not today' })
    expect(calls.map(({ tool: name }) => name)).toEqual(['say'])
  })

  test('an approval that comes again with its id is taken, although its call failed', async () => {
    const { start, end, engine } = open()
    const id = await start({ calls: [{ id: 'a', tool: 'fail' }], also: ['fail'] })
    const approval = { type: 'signal', name: 'approve_a', value: 'approve', id: 'sig_1' }
    await engine.ask({ kind: 'run', key: id }, approval)
    expect(await end(id)).toMatchObject({ status: 'failed', failed_step: 'a' })
    expect(await engine.ask({ kind: 'run', key: id }, approval)).toMatchObject({ status: 'taken' })
  })

  test('a person may change the arguments', async () => {
    const { start, signal, end } = open()
    const id = await start({ calls: [{ id: 'a', tool: 'once', parameters: { to: 'Ann', cc: 'Bob' } }] })
    await signal(id, 'approve_a', { action: 'modify', content: { to: '{{ 1 }}' } })
    expect((await end(id)).outputs).toEqual({ a: { to: '{{ 1 }}' } })
  })

  test('data gets no secrets', async () => {
    const { start, end, calls } = open()
    const run = await end(await start({ calls: [{ id: 'a', tool: 'say', parameters: { key: 'secret://token' } }] }))
    expect(run).toMatchObject({ status: 'failed', error_code: 'secret_refused' })
    expect(calls).toEqual([])
  })

  test('an unknown tool fails its own call', async () => {
    const { start, end } = open()
    const run = await end(
      await start({
        onFailure: 'continue',
        calls: [
          { id: 'a', tool: 'nothing' },
          { id: 'b', tool: 'say' },
        ],
      }),
    )
    expect(run.steps.a).toMatchObject({ status: 'failed', error_code: 'unknown_tool' })
    expect(run.steps.b).toMatchObject({ status: 'completed' })
  })

  test('the same id starts one run', async () => {
    const { start, end, calls } = open()
    const message = { calls: [{ tool: 'say' }] }
    await start(message)
    await start(message)
    await end('run_1')
    expect(calls).toHaveLength(1)
  })
})

const TOOLS = {
  read: tool('read', () => null, 'pure'),
  once: tool('once', () => null, 'at-most-once'),
  kept: undoable('kept'),
}
const children = tool('pipeline-executor', () => null, 'pure')
const passesOn = tool('mcp-server:execute_tool', () => null)
const reads = tool('mcp-resource:read', () => null)

test.each([
  [TOOLS.read, 'default', [], false],
  [TOOLS.kept, 'default', [], false],
  [TOOLS.once, 'default', [], true],
  [{ ...TOOLS.kept, undo: undefined }, 'default', [], true],
  [children, 'default', [], true],
  [children, ['once'], [], true],
  [children, [], [], false],
  [passesOn, ['fix'], [], true],
  [passesOn, ['fix:it'], [], true],
  [passesOn, ['fix:other'], [], false],
  [passesOn, 'none', ['fix:it'], true],
  [reads, ['fix'], [], true],
  [TOOLS.read, 'default', ['read'], true],
  [TOOLS.once, 'none', [], false],
  [TOOLS.once, ['other'], [], false],
  [TOOLS.once, ['once'], [], true],
  [TOOLS.once, 'none', ['once'], true],
  [tool('files:write', () => null), ['files'], [], true],
  [tool('files:write', () => null), ['files:read'], [], false],
] as const)('%o under %o with %o waits: %s', (one, policy, also, waits) => {
  const need = needByPolicy(one as Tool, { server_name: 'fix', tool_name: 'it' }, policy, also)
  expect(need !== undefined).toBe(waits)
})
