import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { StepItem } from '../../../src/run/room/documents.ts'
import { answer, openGoals } from '../goal/folder.ts'

/** The question about the call of these playbooks. */
const ASKED = 'Call filesystem:append? path "log.txt", content "x"'

const AGENT: AgentDefinition = {
  ...{ name: 'clerk', description: 'Adds a note to the log of notes', instructions: 'You keep notes.', skills: [] },
  tools: ['filesystem', 'debug', 'terminal', 'pipeline-executor', 'approval-gate', 'wait-for-signal'],
  playbook: 'add.yaml',
}
const GOAL = 'Add this note to the log of notes'

type Opened = Awaited<ReturnType<typeof openGoals>>

/** A goal that follows a playbook with these steps, up to its first wait. */
async function follow(steps: string, more: Partial<AgentDefinition> = {}, files: { [name: string]: string } = {}) {
  const opened = await openGoals([answer('I see')])
  for (const [name, text] of Object.entries(files)) opened.write(name, text)
  opened.write('add.yaml', `name: add\nsteps:\n${steps}`)
  const { runtime } = opened
  await runtime.goals.start({ agent: { ...AGENT, ...more }, goal: GOAL, id: 'g' })
  await runtime.idle()
  const log = () => (existsSync(opened.path('log.txt')) ? readFileSync(opened.path('log.txt'), 'utf8') : '')
  return { ...opened, log }
}

const waiting = async ({ runtime }: Pick<Opened, 'runtime'>) => (await runtime.inbox.list()) as readonly StepItem[]

/** Answers everything that waits, one after the other. */
async function answerAll({ runtime }: Pick<Opened, 'runtime'>, action: 'approve' | 'reject') {
  const asked: string[] = []
  for (let items = await waiting({ runtime }); items.length > 0; items = await waiting({ runtime })) {
    const [{ run, signal, title }] = items as [StepItem]
    asked.push(title)
    await runtime.runs.signal(run, signal, { action, ...(action === 'reject' && { reason: 'not today' }) })
    await runtime.idle()
  }
  return asked
}

const APPEND = `tool: filesystem, action: append, parameters: { path: log.txt, content: x }`
const FAILING = `tool: filesystem, action: read, parameters: { path: missing.txt }`
const CHILD = `name: child\nsteps:\n  - { id: add, ${APPEND} }\n`
const GATE = `tool: approval-gate, parameters: { title: Sure?, content: x }`

/** Playbooks that make one call that must be approved, however they write it. */
const PLAYBOOKS: { readonly [way: string]: string } = {
  'without a gate': `  - { id: add, ${APPEND} }\n`,
  'behind a gate that nobody reads': `  - { id: ok, ${GATE} }\n  - { id: add, ${APPEND}, dependencies: [ok] }\n`,
  'behind a gate that is read the other way round': `  - { id: ok, ${GATE} }\n  - { id: add, ${APPEND}, condition: "{{ not ok.approved }}" }\n`,
  'behind a gate that is skipped': `  - { id: ok, ${GATE}, condition: "{{ false }}" }\n  - { id: add, ${APPEND}, dependencies: [ok] }\n`,
  'behind a gate in another branch': `  - { id: ok, ${GATE} }\n  - { id: no, tool: debug, parameters: { message: a }, dependencies: [ok] }\n  - { id: add, ${APPEND} }\n`,
  'behind a gate that approves by itself': `  - { id: ok, tool: approval-gate, parameters: { title: Sure?, content: x, auto_approve_hash: 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 } }\n  - { id: add, ${APPEND}, dependencies: [ok] }\n`,
  'after fast steps': `  - { id: a, tool: filesystem, action: list, parameters: { path: . } }\n  - { id: b, tool: filesystem, action: list, parameters: { path: . }, dependencies: [a] }\n  - { id: add, ${APPEND}, dependencies: [b] }\n`,
  'in a loop': `  - { id: each, for_each: [1], steps: [{ id: add, ${APPEND} }] }\n`,
  'in a loop that repeats': `  - { id: again, while: "{{ iteration < 1 }}", steps: [{ id: add, ${APPEND} }] }\n`,
  'in a queue': `  - { id: q, create_parallel_queue: { on: [1], action_loop: [{ name: add, ${APPEND} }] } }\n`,
  'for each item of a list': `  - { id: each, foreach: [1], parallel: true, ${APPEND} }\n`,
  'as a handler': `  - { id: bad, ${FAILING}, on_error: { handler_task_id: add } }\n  - { id: add, ${APPEND} }\n`,
  'as the second handler': `  - { id: bad, ${FAILING}, on_error: [{ handler_task_id: no, priority: 1, continue_on_handler_failure: false }, { handler_task_id: add, priority: 2 }] }\n  - { id: no, ${FAILING} }\n  - { id: add, ${APPEND} }\n`,
  'as a handler of every step': `  - { id: bad, ${FAILING} }\n  - { id: add, ${APPEND} }\nglobal_error_handlers: { handler_task_id: add }\n`,
  'as a fallback': `  - { id: bad, ${FAILING}, fallback: add }\n  - { id: add, ${APPEND} }\n`,
  'after a failure': `  - { id: bad, ${FAILING}, on_failure: add }\n  - { id: add, ${APPEND} }\n`,
  'with attempts': `  - { id: add, ${APPEND}, retry: 3 }\n`,
  'on a route': `  - { id: a, tool: debug, parameters: { message: a }, goto: add }\n  - { id: b, tool: debug, parameters: { message: b }, dependencies: [a] }\n  - { id: add, ${APPEND}, dependencies: [b] }\n`,
  'in a child run': `  - { id: below, tool: pipeline-executor, parameters: { pipeline: child.yaml } }\n`,
}

for (const [way, steps] of Object.entries(PLAYBOOKS)) {
  test(`a call ${way} is not made when a person rejects it`, async () => {
    const opened = await follow(steps, {}, { 'child.yaml': CHILD })
    expect(await answerAll(opened, 'reject')).not.toEqual([])
    expect(opened.log()).toBe('')
    expect((await opened.runtime.goals.get('g')).status).toMatch(/completed/)
  })

  test(`a call ${way} is made once when a person approves it`, async () => {
    const opened = await follow(steps, {}, { 'child.yaml': CHILD })
    const asked = await answerAll(opened, 'approve')
    const isInverted = way.includes('other way')
    expect(asked.filter((title) => title === ASKED)).toHaveLength(isInverted ? 0 : 1)
    expect(opened.log()).toBe(isInverted ? '' : 'x')
  })
}

test.each<[approve: AgentDefinition['approve'], log: string]>([
  ['default', 'a'],
  ['none', 'a'],
  [['terminal'], 'a'],
  [['filesystem'], ''],
  [['filesystem:write'], ''],
])('the file of a step is not written if the policy %j asks for such a write', async (approve, log) => {
  const steps = `  - { id: say, tool: debug, parameters: { message: a }, produces: text-file, location: log.txt }\n`
  const opened = await follow(steps, { approve: approve! })
  await answerAll(opened, 'reject')
  expect(opened.log()).toBe(log)
})

test('a playbook of a skill asks, too', async () => {
  const { playbook, ...plain } = AGENT
  const skill = { name: 'add', description: AGENT.description, body: 'Add.', folder: '.', playbook: playbook! }
  const opened = await follow(`  - { id: add, ${APPEND} }\n`, {
    ...plain,
    playbook: undefined as never,
    skills: [skill],
  })
  expect(await answerAll(opened, 'reject')).toEqual([ASKED])
  expect(opened.log()).toBe('')
})

test.each<[policy: AgentDefinition['approve'], asked: readonly string[]]>([
  ['none', []],
  [['filesystem:write'], []],
  [['filesystem:append'], [ASKED]],
  [['filesystem:list'], ['Call filesystem:list? path "."']],
])('the policy %j of the agent decides which calls wait', async (approve, asked) => {
  const steps = `  - { id: look, tool: filesystem, action: list, parameters: { path: . } }\n  - { id: add, ${APPEND} }\n`
  const opened = await follow(steps, { approve: approve! })
  expect(await answerAll(opened, 'approve')).toEqual(asked)
  expect(opened.log()).toBe('x')
})

test('the model takes over after a rejection, and learns the reason', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\noutputs: { said: added }\n`)
  await answerAll(opened, 'reject')
  expect(await opened.runtime.goals.get('g')).toMatchObject({ status: 'completed', answer: 'I see' })
  expect(opened.model.calls[0]!.prompt).toContain('Not done: add (a person rejected it: not today)')
})

test('a goal of an offline model says what was rejected', async () => {
  const steps = `  - { id: add, ${APPEND} }\noutputs: { said: added }\n`
  const opened = await follow(steps, { model: 'offline/extractive' })
  await answerAll(opened, 'reject')
  expect(await opened.runtime.goals.get('g')).toMatchObject({
    ...{ status: 'completed', answer: 'Not done: add (a person rejected it: not today). Done: nothing.' },
  })
  expect(await opened.runtime.runs.get('g.playbook')).toMatchObject({
    steps: { add: { status: 'skipped', skip_reason: 'rejected' } },
  })
})

test('each item of a loop waits on its own', async () => {
  const opened = await follow(
    '  - { id: each, for_each: [a, b, c], max_parallel: 3, steps: [{ id: add, tool: filesystem, action: append, parameters: { path: "{{ item }}.txt", content: x } }] }\n',
  )
  const items = await waiting(opened)
  expect(items.map(({ content }) => (content as { readonly path: string }).path).toSorted()).toEqual([
    'a.txt',
    'b.txt',
    'c.txt',
  ])
  for (const { run, signal, content } of items)
    await opened.runtime.runs.signal(
      run,
      signal,
      (content as { readonly path: string }).path === 'b.txt' ? 'reject' : 'approve',
    )
  await opened.runtime.idle()
  expect(['a', 'b', 'c'].filter((name) => existsSync(opened.path(`${name}.txt`)))).toEqual(['a', 'c'])
})

test('exactly the approved call is made', async () => {
  const opened = await follow(
    `  - { id: add, tool: filesystem, action: append, parameters: { path: log.txt, content: "{{ now() }}" } }\n`,
  )
  const [{ run, signal, content }] = (await waiting(opened)) as [StepItem]
  await new Promise((resolve) => setTimeout(resolve, 5))
  await opened.runtime.runs.signal(run, signal, 'approve')
  await opened.runtime.idle()
  expect(opened.log()).toBe((content as { readonly content: string }).content)
})

test('a person may change the call, within the schema of the tool', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\n`)
  const { runtime } = opened
  const modify = (content: object) =>
    runtime.runs.signal('g.playbook', 'call:add', { action: 'modify', content } as never)
  await expect(modify({ path: 7 })).rejects.toMatchObject({ code: 'bad_value' })
  await expect(runtime.runs.signal('g.playbook', 'call:add', 'perhaps')).rejects.toMatchObject({ code: 'bad_value' })
  await modify({ path: 'log.txt', content: 'y' })
  await runtime.idle()
  expect(opened.log()).toBe('y')
  expect(await runtime.runs.get('g.playbook')).toMatchObject({
    steps: { add: { status: 'completed', idempotency_key: expect.any(String) } },
  })
})

test('a decision counts only while its call waits', async () => {
  const wait = '  - { id: hold, tool: wait-for-signal, parameters: { signal: go } }\n'
  const opened = await follow(`${wait}  - { id: add, ${APPEND}, dependencies: [hold] }\n`)
  const { signal } = opened.runtime.runs
  await expect(signal('g.playbook', 'call:add', 'approve')).rejects.toMatchObject({ code: 'not_waiting' })
  await signal('g.playbook', 'add', 'approve')
  await signal('g.playbook', 'go', 'approve')
  await opened.runtime.idle()
  expect(await waiting(opened)).toMatchObject([{ signal: 'call:add' }])
  expect(opened.log()).toBe('')
  await signal('g.playbook', 'call:add', 'reject')
  await expect(signal('g.playbook', 'call:add', 'approve')).rejects.toThrow()
  await opened.runtime.idle()
  expect(opened.log()).toBe('')
})

test('no step takes the decision about a call of another step', async () => {
  const lure =
    '  - { id: lure, tool: wait-for-signal, parameters: { signal: "call:add", prompt: "Hello?" }, on_failure: continue }\n'
  const opened = await follow(`${lure}  - { id: add, ${APPEND} }\n`)
  expect(await waiting(opened)).toMatchObject([{ title: ASKED }])
  expect(await opened.runtime.runs.get('g.playbook')).toMatchObject({ steps: { lure: { status: 'failed' } } })
})

test('a call that waits outlives its process, and is made once', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\n`)
  await opened.runtime.stop()
  const runtime = await opened.open()
  expect(await waiting({ runtime })).toMatchObject([{ signal: 'call:add' }])
  await runtime.runs.signal('g.playbook', 'call:add', 'approve')
  await runtime.idle()
  expect(opened.log()).toBe('x')
  expect(await runtime.goals.get('g')).toMatchObject({ status: 'completed' })
})

test('a fork asks again about the call that a person rejected', async () => {
  const opened = await follow(
    `  - { id: look, tool: debug, parameters: { message: a } }\n  - { id: add, ${APPEND}, dependencies: [look] }\n`,
  )
  await answerAll(opened, 'reject')
  await opened.runtime.runs.fork('g.playbook', { id: 'again' })
  await opened.runtime.idle()
  expect(opened.log()).toBe('')
  expect(await waiting(opened)).toMatchObject([{ run: 'again', signal: 'call:add' }])
  await opened.runtime.runs.signal('again', 'call:add', 'approve')
  await opened.runtime.idle()
  expect(opened.log()).toBe('x')
  await opened.runtime.runs.fork('again', { id: 'replay' })
  await opened.runtime.idle()
  expect(await waiting(opened)).toEqual([])
  expect(opened.log()).toBe('x')
})

test('a cancelled goal makes no call', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\n`)
  await opened.runtime.goals.cancel('g', 'not needed')
  await opened.runtime.idle()
  await expect(opened.runtime.runs.signal('g.playbook', 'call:add', 'approve')).rejects.toThrow()
  expect(opened.log()).toBe('')
})

test('a process that ends right after the approval leaves the call to the next one, which makes it once', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\n`)
  await opened.runtime.runs.signal('g.playbook', 'call:add', 'approve')
  await opened.runtime.stop({ grace: 0 })
  const runtime = await opened.open()
  await runtime.goals.resume('g').catch(() => {})
  await runtime.runs.resume('g.playbook')
  await runtime.idle()
  // an at-most-once call that the end of the process interrupted has an unknown outcome, and is not repeated
  const { status, ...step } = (await runtime.runs.get('g.playbook')).steps.add!
  expect(['completed', 'waiting']).toContain(status)
  expect(await runtime.inbox.list({ run: 'g.playbook' })).toHaveLength(status === 'waiting' ? 1 : 0)
  expect(status === 'completed' ? ['x'] : ['', 'x']).toContain(opened.log())
  expect(step.retries ?? 0).toBe(0)
})

test('one of several racing decisions is taken', async () => {
  const opened = await follow(`  - { id: add, ${APPEND} }\n`)
  const sent = await Promise.allSettled(
    ['approve', 'reject', 'approve'].map((value) => opened.runtime.runs.signal('g.playbook', 'call:add', value)),
  )
  expect(sent.filter((one) => one.status === 'fulfilled' && one.value.status === 'taken')).toHaveLength(1)
  await opened.runtime.idle()
  expect(opened.log()).toBe('x')
})
