import { expect, test } from 'vitest'
import { guardPhase } from '../../../src/chain/define/guard-phase.ts'
import { actionPhase } from '../../../src/chain/phases/action.ts'
import { createPhases, registerPhase } from '../../../src/chain/phases/registry.ts'
import type { Phase, PhaseContext } from '../../../src/chain/protocol/phase.ts'
import { TerminalError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/until.ts'
import type { ToolRequest } from '../../../src/tool/tool-request.ts'
import { type Setup, setUp } from '../fixture.ts'
import { fakeCalls } from './fixture.ts'

const ECHO = ({ parameters = {} }: ToolRequest): Json => `<vid>v1</vid> ${parameters.text}`

function toolChain(act: Parameters<typeof fakeCalls>[0], setup: Setup = {}) {
  const fake = fakeCalls(act)
  const chain = setUp({ ...setup, calls: fake.calls, actors: fake.actors })
  fake.live.engine = chain.engine
  const asked = (names: readonly string[], more = {}) => chain.ask('why?', { tools: { names: [...names], ...more } })
  const waiting = async () => (await chain.engine.view.list('phase', { where: { status: 'waiting' } }))[0]
  return { ...chain, ...fake, asked, waiting }
}

/** Action, whose code does this. */
function coded(run: (context: PhaseContext) => Promise<unknown>): Setup {
  const action: Phase<'action'> = {
    ...actionPhase,
    modality: 'text',
    async run(state, _input, context) {
      const response = JSON.stringify(await run(context)) ?? ''
      return { state, output: { response, confidence: 1 }, text: response, status: 'completed' }
    },
  }
  const own = guardPhase(action, { file: './own.mts' }, { deadline: 10_000 })
  return { phases: registerPhase(createPhases(), own) }
}

/** A model that calls a tool so often, or several at once, before it answers. */
const calling = (...rounds: readonly (readonly [name: string, text: string])[][]) => ({
  action: [
    ...rounds.map((calls) => ({ calls: calls.map(([name, text]) => ({ name, input: { text } })), times: 1 })),
    { reply: 'first answer' },
  ],
})

test('Action calls the tools of its ask; later phases see the results as data', async () => {
  const script = calling(
    [['count', 'a']],
    [
      ['count', 'b'],
      ['send', 'c'],
      ['other', 'd'],
    ],
  ) as Setup['script']
  const { asked, record, model, started, events } = toolChain(ECHO, { script: script! })
  await asked(['count', 'send'], { origin: { untrusted: true, denied: ['send'] } })
  expect(started).toMatchObject([
    { calls: [{ tool: 'count', parameters: { text: 'a' } }], approve: [], origin: { untrusted: true, thread: 't' } },
    { calls: [{ tool: 'count', parameters: { text: 'b' } }] },
  ])
  const action = (await events()).find(({ body }) => body.type === 'phase-end' && body.phase === 'action')
  expect(action!.body).toMatchObject({
    text: 'first answer',
    calls: [
      { tool: 'count', status: 'succeeded', run: started[0]!.id },
      { tool: 'count', input: '{"text":"b"}', result: '<vid>v1</vid> b' },
      { tool: 'send', status: 'refused', result: 'the asker may not call it' },
      { tool: 'other', status: 'refused' },
    ],
  })
  expect((await record(1)).degraded).toEqual([])
  const last = model.calls.at(-1)!.prompt
  expect(last).toContain('<document name="t2" from="the tool count, called with { text : b }">\n‹vid>v1‹/vid> b')
  expect(last).toContain(
    '<document name="call 3" from="the tool send, called with { text : c }, which ended: refused">',
  )
  expect(model.calls.filter(({ options }) => options.tools).length).toBe(3)
})

test('an answer cites the result of a call, and checks take it as evidence', async () => {
  const script = { ...calling([['count', 'a']]), yield: 'There are 4711 ships, "all of them grey". <vid>t1</vid>' }
  const setup = { script: script as NonNullable<Setup['script']> }
  const { ask, started } = toolChain(() => ({ ships: 4711, are: 'all of them grey', say: '[t1] <vid>v1</vid>' }), setup)
  const checks = ['cited', 'numbers', 'quotes']
  const reply = await ask('why?', { tools: { names: ['count'] }, checks })
  const text = '{"ships":4711,"are":"all of them grey","say":"［t1] ‹vid>v1‹/vid>"}'
  const run = started[0]!.id
  const cited = { vid: 't1', source: run, file: run, line: 1, endLine: 1, text, tool: 'count' }
  expect(reply).toMatchObject({
    invalidCitations: [],
    degraded: [],
    checks: checks.map((check) => ({ check, faults: [] })),
  })
  expect(reply.citations).toEqual([cited])
})

test('calls that are made at most once wait for a person, and that time does not count for the ask', async () => {
  const clock = simulatedClock()
  const script = calling([['send', 'x']]) as Setup['script']
  const chain = toolChain(() => 'wait', { script: script!, clock, limits: { deadline: 5000 } })
  const answer = chain.asked(['send'])
  await until(async () => (await chain.engine.view.list('chain', { where: { inbox: 1 } })).length === 1)
  const [run] = chain.started
  expect(run).toMatchObject({ approve: ['send'] })
  expect((await chain.waiting())!.index).toMatchObject({ waits: `run/${run!.id}` })
  await clock.advance(60_000)
  await chain.engine.tell({ kind: 'run', key: run!.id }, { type: 'approve' })
  expect(await answer).toMatchObject({ status: 'completed', degraded: [] })
  expect((await chain.events()).map(({ body }) => body)).toContainEqual(
    expect.objectContaining({
      type: 'ask-wait',
      run: run!.id,
      problem: expect.objectContaining({ message: 'May it?' }),
    }),
  )
})

test('at most eight calls are made, and the ninth is refused', async () => {
  const nine = Array.from({ length: 9 }, (_, at) => ['count', `${at}`] as const)
  const { asked, started, model } = toolChain(ECHO, { script: calling(nine) as NonNullable<Setup['script']> })
  expect(await asked(['count'])).toMatchObject({ status: 'completed' })
  expect(started.flatMap(({ calls }) => calls)).toHaveLength(8)
  expect(model.calls[1]!.options.toolChoice).toEqual({ type: 'none' })
})

test('code of a phase calls tools: a failed call throws, and a wait does not', async () => {
  const seen: unknown[] = []
  const caught: string[] = []
  const { asked, started } = toolChain(
    ({ parameters }) => (parameters!.text === 'bad' ? new TerminalError('it is broken') : { n: 1 }),
    coded(async (context) => {
      const { call } = context
      const first = await call('count', { text: 'good' }).catch(({ message }: Error) => caught.push(message))
      const second = await call('count', { text: 'bad' }).catch(({ message }: Error) => message)
      const third = await call('send', { text: 'x' }).catch((error: unknown) => error)
      const side = await Promise.all([call('count', { text: 'left' }), call('count', { text: 'right' })])
      const inside = await context
        .run('inside', () => call('count', {}), { effect: 'pure' })
        .catch(({ message }: Error) => message)
      seen.splice(0, 5, first, second, third, side, inside)
    }),
  )
  await asked(['count'])
  expect(seen).toEqual([
    { n: 1 },
    'count failed: it is broken',
    expect.objectContaining({ code: 'tool_denied', hint: expect.stringContaining('--tools send') }),
    [{ n: 1 }, { n: 1 }],
    'call cannot be used inside `run`.',
  ])
  expect(caught).toEqual([])
  // each call is a run of its own, whose id follows from the ask, the cycle, the phase, the number and the call
  const numbers = [1, 2, 3, 4].map((n) => `t.q1.1.action.${n}`)
  expect(started.map(({ id }) => id.replace(/-\w+$/, ''))).toEqual(numbers)
})

test('a phase that repeats its call with other parameters fails: each repetition would begin another run', async () => {
  let times = 0
  const { asked, started } = toolChain(
    ECHO,
    coded(({ call }) => call('count', { text: `${times++}` })),
  )
  await expect(asked(['count'])).rejects.toMatchObject({
    code: 'nondeterministic_phase',
    message: 'action repeats its call of count with other parameters than before it waited.',
  })
  expect(started).toHaveLength(1)
})

test('a cancelled ask cancels its run', async () => {
  const chain = toolChain(
    () => 'wait',
    coded(({ call }) => call('send', { text: 'x' })),
  )
  const answer = chain.asked(['send']).catch(({ code }) => code)
  await until(async () => chain.started.length === 1)
  const [of] = await chain.engine.view.list('chain')
  await until(async () => (await chain.waiting()) !== undefined)
  const { current } = (await chain.engine.view.peek({ kind: 'chain', key: of!.key })) as unknown as {
    current: { id: string }
  }
  await chain.engine.cancel({ kind: 'chain', key: 't' }, current.id, 'enough')
  expect(await answer).toBe('cancelled')
  await until(async () => chain.cancelled.length === 1)
})

test('the time of a call counts: an ask that is out of time cancels its run', async () => {
  const clock = simulatedClock()
  const script = calling([['count', 'x']]) as NonNullable<Setup['script']>
  const chain = toolChain(() => 'hang', { script, clock, limits: { deadline: 5000 } })
  const answer = chain.asked(['count']).catch(({ code }) => code)
  await until(async () => (await chain.waiting()) !== undefined)
  await clock.advance(6000)
  expect(await answer).toBe('timeout')
  await until(async () => chain.cancelled.length === 1)
})

test.each([
  [{ names: ['cuont'] }, 'there is no tool cuont', 'Did you mean count?'],
  [{ names: ['NotebookEdit'] }, 'there is no tool', undefined],
])('an ask with a tool that does not exist is refused: %o', async (tools, message, hint) => {
  const { ask } = toolChain(ECHO)
  await expect(ask('why?', { tools })).rejects.toMatchObject({
    code: 'unknown_tool',
    message: expect.stringContaining(message),
    ...(hint && { hint }),
  })
  await expect(ask('why?', { tools: { names: ['count'] }, quick: true })).rejects.toThrow('A quick ask calls no tools.')
})

test('the offline model calls no tools, and says so; empty names give none', async () => {
  const { ask, started } = toolChain(ECHO)
  const offline = { tools: { names: ['count'] }, models: { action: 'offline/extractive' } }
  expect((await ask('why?', offline)).degraded).toContainEqual(
    expect.objectContaining({ phase: 'action', reason: expect.stringContaining('Action called no tool') }),
  )
  expect(await ask('why?', { tools: { names: [] } })).toMatchObject({ degraded: [] })
  expect(started).toEqual([])
})

test('a domain gives tools to an ask that names none, with the rights of the asker', async () => {
  const ownDomains = new Map([['legal', { sources: [], tools: ['count'] }]])
  const script = calling([['count', 'a']]) as NonNullable<Setup['script']>
  const { ask, started } = toolChain(ECHO, { ownDomains, script })
  await ask('why?', { domain: 'legal', tools: { origin: { untrusted: true } } })
  expect(started).toMatchObject([{ origin: { untrusted: true, thread: 't' } }])
  const none = toolChain(ECHO, { ownDomains })
  await none.ask('why?', { domain: 'legal', tools: { names: [] } })
  expect(none.model.calls[0]!.options.tools).toBeUndefined()
})
