import { mkdirSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../src/agent/definition/define-agent.ts'
import type { RunRequest } from '../../src/run/room/port.ts'
import type { ScriptedTurn } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { answer, call, openGoals } from '../agent/goal/folder.ts'

let refunds: string[] = []
beforeEach(() => {
  refunds = []
})

const refund = defineTool({
  name: 'refund',
  description: 'Refunds an order',
  input: z.object({ order: z.string() }),
  effect: 'at-most-once',
  execute({ order }) {
    refunds.push(order)
    return { refunded: order }
  },
})
const support = defineAgent({
  name: 'support',
  description: 'Helps customers',
  instructions: 'You help.',
  tools: [refund, 'pipeline-executor'],
})

const PLUGIN = `import { z } from 'zod'
export default { name: 'wire', description: 'x', input: z.object({}), effect: 'pure', execute: () => ({ wired: true }) }
`

/** A program with the tool, an agent that has it, and a plugin. A caller is remote unless a test says otherwise. */
async function openShop({ script = [], yaml = '' }: { script?: readonly ScriptedTurn[]; yaml?: string } = {}) {
  const settings = `tools: { approve: none }\nplugins: [wire.ts]\nroots: [., open]\n${yaml}`
  const opened = await openGoals(script, '', { tools: [refund], agents: [support] })
  await opened.runtime.stop({ grace: 0 })
  mkdirSync(opened.path('open'))
  // the plugin finds zod as this file does
  writeFileSync(opened.path('wire.ts'), PLUGIN.replace("'zod'", `'${import.meta.resolve('zod')}'`))
  const config = 'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n'
  const reopen = (more = yaml) => {
    opened.write('antiphon.yaml', config + settings.replace(yaml, '') + more)
    return opened.open()
  }
  const runtime = await reopen()
  const own = { owner: 'ann', trusted: false } as const
  async function ended(id: string) {
    await runtime.idle()
    return runtime.runs.get(id)
  }
  const run = async (request: RunRequest) => ended((await runtime.runs.start({ ...own, ...request })).id)
  return { ...opened, runtime, reopen, own, run, ended }
}

const pay = (order = 'o1') => `{ id: pay, tool: refund, parameters: { order: ${order} } }`
const steps = (...lines: string[]) => ['name: sent', 'steps:', ...lines.map((line) => `  - ${line}`)].join('\n')
const below = (pipeline: string) => `{ id: b, tool: pipeline-executor, parameters: { pipeline: ${pipeline} } }`
const INLINE = `{ name: below, steps: [${pay()}] }`
const text = (source: string, files?: { [path: string]: string }) => ({
  source: { text: source, ...(files && { files }) },
})

describe('a text from the network names no tool of the program', () => {
  test.each([
    ['a step', steps(pay())],
    ['a plugin', steps('{ id: pay, tool: wire }')],
    ['a step of a loop', steps(`{ id: l, for_each: [1], steps: [${pay()}] }`)],
    [
      'a handler',
      steps('{ id: a, tool: debug, parameters: { message: x }, on_error: { handler_task_id: pay } }', pay()),
    ],
    ['a fallback', steps('{ id: a, tool: debug, parameters: { message: x }, fallback: [pay] }', pay())],
    ['the agent of a step', steps('{ id: a, action: generate, tools: [refund], parameters: { prompt: Pay. } }')],
  ])('in %s: nothing starts, and the line that opens it is shown', async (_, source) => {
    const { runtime, own } = await openShop()
    const [tool] = /refund|wire/.exec(source)!
    const hint = `To allow it, add it in antiphon.yaml: serve: { tools: [${tool}] }`
    await expect(runtime.runs.start({ ...own, ...text(source) })).rejects.toMatchObject({ code: 'tool_closed', hint })
    const verdict = await runtime.pipelines.validate(text(source), own)
    expect(verdict).toMatchObject({ valid: false })
    expect(verdict.findings).toContainEqual(expect.objectContaining({ severity: 'error', hint }))
    expect(await runtime.pipelines.put('flow', { text: source }, own)).not.toHaveProperty('kept')
    expect(await runtime.pipelines.validate(text(source))).toMatchObject({ valid: true })
  })

  const PAYS = `{ name: c, steps: [{ id: a, action: generate, tools: [refund], parameters: { prompt: Pay. } }] }`
  test.each<[string, ReturnType<typeof text>, RunRequest['inputs']?]>([
    ['a child pipeline', text(steps(below(INLINE)))],
    ['a child of a child', text(steps(below(`{ name: c, steps: [${below(INLINE)}] }`)))],
    ['a file that is sent along', text(steps(below('b.yaml')), { 'b.yaml': steps(pay()) })],
    ['an input', text(`inputs: { t: { type: string } }\n${steps(below('"{{ t }}"'))}`), { t: steps(pay()) }],
    ['the agent of a step of a child pipeline', text(steps(below(PAYS)))],
  ])('in %s: the call fails', async (_, request, inputs = {}) => {
    const { run, model } = await openShop({ script: [call('refund', { order: 'o1' }), answer('No.')] })
    const ended = await run({ ...request, inputs })
    const told = JSON.stringify([ended, model.calls.map(({ prompt }) => prompt)])
    expect(told).toContain('refund is a tool of the program')
    expect(refunds).toEqual([])
  })

  it('also not in a file that it writes itself', async () => {
    const { run } = await openShop()
    const content = JSON.stringify(steps(pay()))
    const write = `{ id: w, tool: filesystem, action: write, parameters: { path: open/x.yaml, content: ${content} } }`
    expect(await run(text(steps(write)))).toMatchObject({ status: 'completed' })
    expect(await run(text(steps(below('open/x.yaml'))))).toMatchObject({ status: 'failed' })
    expect(refunds).toEqual([])
  })

  it('also not in calls, in names for an ask, and in an agent', async () => {
    const { runtime, own } = await openShop()
    const refused = { code: 'tool_closed' }
    await expect(runtime.tools.call([{ tool: 'refund', parameters: { order: 'o1' } }], own)).rejects.toMatchObject(
      refused,
    )
    const ask = { thread: 't', prompt: 'Why?', texts: [{ name: 'a', text: 'b' }], tools: ['refund'], ...own }
    await expect(runtime.threads.ask(ask)).rejects.toMatchObject(refused)
    const agent = { description: 'x', instructions: 'x', tools: ['refund'] }
    await expect(runtime.agents.put('mine', agent, own)).rejects.toMatchObject({
      ...{ code: 'invalid_agent', hint: expect.stringContaining('serve: { tools: [refund] }') },
    })
    expect(refunds).toEqual([])
  })
})

describe('a definition of the program may name its tools', () => {
  it('an agent, in a message from the network', async () => {
    const { runtime, own } = await openShop({ script: [call('refund', { order: 'o1' }), answer('Done.')] })
    await runtime.conversations.send({ ...own, agent: 'support', conversation: 'c', text: 'Refund o1.' })
    expect(refunds).toEqual(['o1'])
  })

  it('a pipeline that the model of the agent writes in work from the network may not', async () => {
    const child = call('pipeline-executor', {
      pipeline: { name: 'x', steps: [{ id: 'p', tool: 'refund', parameters: { order: 'o1' } }] },
    })
    const { runtime, own } = await openShop({ script: [child, answer('No.')] })
    await runtime.conversations.send({ ...own, agent: 'support', conversation: 'c', text: 'Refund o1.' })
    expect(refunds).toEqual([])
    expect(await runtime.runs.list({ owner: 'ann' })).toMatchObject([{ status: 'failed' }])
  })

  it('an agent that an agent from the network asks', async () => {
    const { runtime, own } = await openShop({
      script: [
        call('agent_support', { goal: 'Refund o1.' }),
        call('refund', { order: 'o1' }),
        answer('Done.'),
        answer('Done.'),
      ],
    })
    await runtime.agents.put('mine', { description: 'x', instructions: 'x', tools: [], agents: ['support'] }, own)
    await runtime.conversations.send({ ...own, agent: 'mine', conversation: 'c', text: 'Refund o1.' })
    expect(refunds).toEqual(['o1'])
  })

  it('a file, and a child pipeline that it holds', async () => {
    const { run, path, write } = await openShop()
    write('flow.yaml', steps(pay(), below(INLINE.replace('o1', 'o2'))))
    expect(await run({ file: path('flow.yaml') })).toMatchObject({ status: 'completed' })
    expect(refunds.sort()).toEqual(['o1', 'o2'])
  })

  it('a text that its caller gives as an input may not', async () => {
    const { run, path, write } = await openShop()
    write('flow.yaml', `inputs: { t: { type: string } }\n${steps(below('"{{ t }}"'))}`)
    expect(await run({ file: path('flow.yaml'), inputs: { t: steps(pay()) } })).toMatchObject({ status: 'failed' })
    expect(await run({ file: path('flow.yaml'), inputs: { t: steps(pay()) }, trusted: true })).toMatchObject({
      status: 'completed',
    })
    expect(refunds).toEqual(['o1'])
  })

  it('a pipeline that the program has uploaded, and forks of its runs, but no other text', async () => {
    const { runtime, own, run, ended } = await openShop()
    await runtime.pipelines.put('flow', { text: steps(pay()) }, { owner: 'ann' })
    const first = await run({ pipeline: 'flow' })
    expect(first).toMatchObject({ status: 'completed' })
    const fork = await runtime.runs.fork(first.execution_id, { ...own, at: 'pay' })
    expect(await ended(fork.id)).toMatchObject({ status: 'completed' })
    const again = await runtime.runs.fork(fork.id, { ...own, at: 'pay' })
    expect(await ended(again.id)).toMatchObject({ status: 'completed' })
    expect(refunds).toHaveLength(3)
    const other = runtime.runs.fork(fork.id, { ...own, ...text(steps(pay('o2'))) })
    await expect(other).rejects.toMatchObject({ code: 'tool_closed' })
  })
})

it('`serve: { tools }` opens a tool, and what came from the network remembers that when it is closed again', async () => {
  const { runtime, own, run, reopen, path } = await openShop({ yaml: 'serve: { tools: [refund] }\n' })
  expect(await run(text(steps(pay(), below(INLINE))))).toMatchObject({ status: 'completed' })
  await runtime.tools.call([{ tool: 'refund', parameters: { order: 'o2' } }], own)
  await runtime.agents.put('mine', { description: 'x', instructions: 'x', tools: ['refund'] }, own)
  await runtime.pipelines.put('flow', { text: steps(pay()) }, own)
  const { execution_id: before } = await run({ pipeline: 'flow' })
  expect(refunds).toHaveLength(4)
  await runtime.stop()
  const closed = await reopen('')
  const refused = { code: 'tool_closed' }
  await expect(closed.runs.start({ pipeline: 'flow', ...own })).rejects.toMatchObject(refused)
  // no matter who starts it
  await expect(closed.runs.start({ pipeline: 'flow', owner: 'ann' })).rejects.toMatchObject(refused)
  await expect(closed.goals.start({ agent: 'mine', goal: 'Pay.', owner: 'ann' })).rejects.toMatchObject({
    code: 'invalid_agent',
  })
  const { id } = await closed.runs.fork(before, { ...own, at: 'pay' })
  await closed.idle()
  expect(await closed.runs.get(id)).toMatchObject({ status: 'failed' })
  expect(path('')).toBeTruthy()
  expect(refunds).toHaveLength(4)
})
