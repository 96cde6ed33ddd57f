import { expect, test } from 'vitest'
import { z } from 'zod'
import { type CallFor, defineTool, type Tool } from '../../../src/tool/tool.ts'
import { approvalPolicySchema } from '../../../src/tool/tool-request.ts'
import { faultOfCondition } from '../../../src/work/approval/condition.ts'
import { needByPolicy } from '../../../src/work/approval/policy.ts'
import { answer, CLERK, call, openGoals } from '../../agent/goal/folder.ts'
import { answerAll } from './bench.ts'

/** A shop whose tool decides like this, and what happened to one call of it. */
async function pay(approve: Tool['approve'], more: { readonly policy?: string; readonly text?: string } = {}) {
  const made: unknown[] = []
  const tool = defineTool({
    name: 'pay',
    description: 'Pays',
    input: z.object({ cents: z.coerce.number().default(9000), force: z.boolean().default(false) }),
    effect: 'at-most-once',
    ...(approve !== undefined && { approve }),
    execute: (input) => made.push(input),
  })
  const { runtime } = await openGoals([call('pay', {}), answer('done')], more.policy ?? '', { tools: [tool] })
  const text = more.text ?? 'name: p\nsteps: [{ id: a, tool: pay, parameters: {} }]'
  await runtime.runs.start({ source: { text }, id: 'r', owner: 'ann' })
  await runtime.idle()
  return { runtime, made, run: async () => runtime.runs.get('r') }
}

test('a function gets the input with the defaults of its schema, and for whom the call is made', async () => {
  const seen: (readonly [unknown, CallFor])[] = []
  const { made } = await pay((input, callFor) => {
    seen.push([input, callFor])
    return false
  })
  const input = { cents: 9000, force: false }
  // once for the question, and once before the call
  expect(seen).toMatchObject([
    [input, { owner: 'ann', run: 'r' }],
    [input, { owner: 'ann', run: 'r' }],
  ])
  expect(made).toEqual([input])
})

test('a function that throws, or returns anything but false, asks', async () => {
  const throwing = () => {
    throw new Error('no rates today')
  }
  for (const approve of [throwing, () => undefined as never, (async () => false) as never]) {
    const { runtime, made } = await pay(approve)
    expect(await answerAll(runtime)).toEqual([expect.stringMatching(/^Call pay\?/)])
    expect(made).toHaveLength(1)
  }
  const { runtime } = await pay(throwing)
  expect(await runtime.inbox.list()).toMatchObject([{ title: expect.stringContaining('no rates today') }])
})

test('a function that changes its mind makes no call', async () => {
  let times = 0
  const { made, run, runtime } = await pay(() => times++ > 0)
  expect(await runtime.inbox.list()).toEqual([])
  expect(await run()).toMatchObject({ status: 'failed', steps: { a: { error_code: 'not_approved' } } })
  expect(made).toEqual([])
})

test('a gate that an author writes does not count as the answer', async () => {
  const hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
  const text = `name: p
steps:
  - { id: approve_a, tool: approval-gate, parameters: { content: x, auto_approve_hash: ${hash} } }
  - { id: a, tool: pay, parameters: {}, dependencies: [approve_a], condition: "{{ approve_a.approved }}" }
`
  const { runtime, made } = await pay(true, { text })
  expect(made).toEqual([])
  expect(await answerAll(runtime)).toEqual(['Call pay?'])
})

test('undo does not ask', async () => {
  const undone: unknown[] = []
  const tool = defineTool({
    ...{ name: 'pay', description: 'Pays', input: z.object({}), effect: 'idempotent', approve: true },
    execute: () => 'paid',
    undo: ({ output }) => void undone.push(output),
  })
  const { runtime } = await openGoals([], '', { tools: [tool] })
  const wait = '{ id: b, tool: approval-gate, parameters: { title: Go on? }, dependencies: [a] }'
  const text = `name: p\non_failure: undo\nsteps: [{ id: a, tool: pay, parameters: {} }, ${wait}]`
  await runtime.runs.start({ source: { text }, id: 'r' })
  await runtime.idle()
  const [item] = (await runtime.inbox.list()) as readonly { readonly signal: string }[]
  await runtime.runs.signal('r', item!.signal, 'approve')
  await runtime.idle()
  await runtime.runs.cancel('r', 'no', { undo: true })
  await runtime.idle()
  expect([undone, await runtime.inbox.list()]).toEqual([['paid'], []])
})

test.each<[approve: Tool['approve'], policy: 'default' | readonly string[], asked: number]>([
  [false, 'default', 0],
  [() => false, 'default', 0],
  [false, ['pay'], 1],
  [() => false, ['pay'], 1],
])('the answer %o under the policy %j asks %i times', async (approve, policy, asked) => {
  const { runtime, made } = await pay(approve)
  expect(made).toHaveLength(1)
  await runtime.goals.start({ agent: { ...CLERK, tools: ['pay'], approve: policy }, goal: 'Pay.', id: 'g' })
  await runtime.idle()
  expect(await answerAll(runtime)).toHaveLength(asked)
  expect(made).toHaveLength(2)
})

const plain = (): Tool =>
  defineTool({
    ...{ name: 'github:delete', description: 'Deletes', effect: 'at-most-once', execute: () => null },
    input: z.object({ force: z.boolean().default(false), path: z.string().optional() }),
  })
const server = { ...plain(), name: 'mcp-server:execute_tool', input: z.looseObject({}) } as Tool
const rule = (when: string) => [{ tool: 'github:delete', when }]
const passed = (tool_params: unknown) => ({ server_name: 'github', tool_name: 'delete', tool_params })

test.each<[input: object, when: string, asks: boolean, tool?: Tool]>([
  [{ force: true }, '{{ input.force }}', true],
  [{ force: false }, '{{ input.force }}', false],
  [{}, '{{ input.force }}', false],
  [{}, '{{ input.missing }}', false],
  [{ force: 'maybe' }, '{{ input.force }}', true],
  [{}, '{{ secrets.key }}', true],
  [{}, '{{ input.path | length > 3 }}', true],
  [{}, '{{ input. }}', true],
  [{ path: '/etc' }, "{{ input.path.startswith('/') }}", true],
  [passed({ force: true }), '{{ input.force }}', true, server],
  [passed({ force: false }), '{{ input.force }}', false, server],
  [passed('force'), '{{ input.force }}', true, server],
])('%j under the condition %s asks: %s', (input, when, asks, tool = plain()) => {
  expect(needByPolicy(tool, input, rule(when))).toEqual(asks ? { because: when } : undefined)
})

test('a rule without a condition goes before one with a condition', () => {
  expect(needByPolicy(plain(), {}, [...rule('{{ input.force }}'), 'github'])).toEqual({})
})

test('policies of before stay readable, and a condition that reads something else is refused where it is written', () => {
  for (const policy of ['default', 'none', [], ['a', 'b:c'], [...rule('{{ input.a }}'), 'b']])
    expect(approvalPolicySchema.parse(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
  expect(faultOfCondition('{{ input.force and not input.dry }}')).toBeUndefined()
  expect(faultOfCondition('{{ inputs.force }}')).toBe('expected a condition that reads only `input`, got `inputs`')
  expect(faultOfCondition('{{ input.force')).toMatch(/./)
})

test('the inbox shows the condition that asked', async () => {
  const policy = 'tools: { approve: [{ tool: filesystem:append, when: "{{ input.path != \'ok.txt\' }}" }] }'
  const append = (path: string) => call('filesystem_append', { path, content: 'x' })
  const { runtime } = await openGoals([append('ok.txt'), append('log.txt'), answer('done')], policy)
  await runtime.goals.start({ agent: CLERK, goal: 'Append.', id: 'g' })
  await runtime.idle()
  const title = `Call filesystem:append? path "log.txt", content "x". It asks because of {{ input.path != 'ok.txt' }}`
  expect(await answerAll(runtime)).toEqual([title])
})

test.each(['round', 'playbook'])(
  'a call of a %s that waits since its tool did not ask itself has one question',
  async (way) => {
    const made: number[] = []
    const payer = (own: Pick<Tool, 'approve'>) =>
      defineTool({
        ...{ name: 'pay', description: 'Pays', input: z.object({}), effect: 'at-most-once', ...own },
        execute: () => made.push(1),
      })
    const { open, runtime, write } = await openGoals([call('pay', {}), answer('done')], '', { tools: [payer({})] })
    write('p.yaml', 'name: p\nsteps: [{ id: a, tool: pay, parameters: {} }]\n')
    const goal = 'Pay the bill of the customer'
    const playbook = way === 'playbook' && { description: goal, playbook: 'p.yaml' }
    await runtime.goals.start({ agent: { ...CLERK, tools: ['pay'], ...playbook }, goal, id: 'g' })
    await runtime.idle()
    const signal = way === 'round' ? 'approve_call_1' : 'call:a'
    expect(await runtime.inbox.list()).toMatchObject([{ signal }])
    await runtime.stop({ grace: 0 })
    const next = await open({ tools: [payer({ approve: true })] })
    expect(await answerAll(next)).toEqual(['Call pay?'])
    expect(made).toEqual([1])
  },
)
