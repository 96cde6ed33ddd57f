import { expect, test } from 'vitest'
import { toRef } from '../../../src/lib/media/file-ref.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { answer, call } from '../goal/folder.ts'
import { once, openTeam, TEAM } from './team.ts'

const handOff = (name: string, note?: string) => call(`hand_off_${name}`, note === undefined ? {} : { note })
const ask = (name: string, goal: string) => call(`agent_${name}`, { goal })

test('a goal that is handed over ends with the answer of the other agent', async () => {
  const { runtime, model } = await openTeam([handOff('reviewer', 'It is urgent.'), answer('It is good.')])
  await runtime.goals.start({ agent: 'lead', goal: 'Review a.txt.', id: 'g' })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({
    ...{ status: 'completed', answer: 'It is good.', handedTo: { agent: 'reviewer', goal: 'g.1.hand_off' } },
    rounds: [{ calls: [{ tool: 'hand_off:reviewer', outcome: 'succeeded' }] }],
  })
  expect(await runtime.goals.get('g.1.hand_off')).toMatchObject({
    ...{ agent: 'reviewer', parent: { goal: 'g' }, answer: 'It is good.' },
    goal: 'Review a.txt.\n\nNote of lead: It is urgent.',
  })
  const listed = await runtime.goals.list()
  expect(listed.map(({ id, parent }) => [id, parent])).toEqual([
    ['g.1.hand_off', { goal: 'g' }],
    ['g', undefined],
  ])
  expect(model.calls).toHaveLength(2)
  const { spent } = await runtime.budgets.get('goal/g')
  expect(spent).toBeCloseTo(2 * (await runtime.goals.get('g')).cost)
})

test.each([
  [true, 'a.txt is good'],
  [false, 'It is good.'],
])('a goal that asks for the model does so where it is handed over: %s', async (playbook, said) => {
  const { runtime, write } = await openTeam([handOff('reviewer'), answer('It is good.')])
  write(
    'agents/reviewer.md',
    '---\ndescription: Review a text\ntools: [echo]\nplaybook: review.yaml\n---\nYou review.\n',
  )
  const echo = '{ id: a, tool: echo, parameters: { action: say, message: good } }'
  write('review.yaml', `name: review\nsteps:\n  - ${echo}\noutputs: { said: a.txt is good }\n`)
  await runtime.goals.start({ agent: 'lead', goal: 'Review a text', id: 'g', playbook })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({ handedTo: { agent: 'reviewer' }, answer: said })
})

test('the first caller gets the answer, once, over several hand-offs', async () => {
  const { runtime, model } = await openTeam([
    ask('reviewer', 'Go.'),
    handOff('writer'),
    once('written'),
    answer('All is done.'),
  ])
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'g' })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({
    ...{ status: 'completed', answer: 'All is done.' },
    rounds: [{ calls: [{ tool: 'agent:reviewer', outcome: 'succeeded' }] }, {}],
  })
  expect(model.calls[3]!.prompt).toContain('written')
  expect(await runtime.goals.get('g.1.call_1')).toMatchObject({ status: 'completed', answer: 'written' })
})

test('a hand-off in a circle ends with its reason', async () => {
  const { runtime } = await openTeam([handOff('reviewer'), handOff('lead')])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'failed',
    problem: { code: 'agent_circle', message: 'The agents ask in a circle: lead → reviewer → lead.' },
  })
})

test('a hand-off beside other calls is refused, and the others are made', async () => {
  const { runtime, write } = await openTeam([
    {
      calls: [
        { name: 'filesystem_read', input: { path: 'a.txt' } },
        { name: 'hand_off_reviewer', input: {} },
      ],
      times: 1,
    },
    answer('well'),
  ])
  write('a.txt', 'ebb')
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'completed',
    rounds: [{ calls: [{ outcome: 'succeeded' }, { tool: 'hand_off:reviewer', outcome: 'refused' }] }, {}],
  })
})

test('an agent that fails after a hand-off is the answer to the first caller', async () => {
  const { runtime } = await openTeam([handOff('reviewer'), { error: { statusCode: 400, message: 'content_policy' } }])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'failed', problem: { code: 'model_filtered' } })
})

test('the model reads that an agent is gone by then', async () => {
  const { runtime, write } = await openTeam([handOff('reviewer'), answer('well')])
  const team = [{ name: 'reviewer' }]
  write('agents/reviewer.md', 'nothing')
  const lead = { name: 'lead', description: 'Leads', instructions: 'Lead.', tools: [], skills: [], agents: team }
  const { id } = await runtime.goals.start({ agent: lead, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'well' },
    rounds: [{ calls: [{ tool: 'hand_off:reviewer', outcome: 'refused' }] }, {}],
  })
})

const APPEND = call('filesystem_append', { path: 'log.txt', content: 'x' })

test('a cancel passes to the goal that took over, and steering names it', async () => {
  const { runtime } = await openTeam([handOff('writer'), APPEND], { ...TEAM })
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'g' })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({ status: 'handed_off' })
  expect(await runtime.goals.list({ agent: 'lead' })).toMatchObject([{ status: 'running' }])
  await expect(runtime.goals.tell('g', 'x')).rejects.toMatchObject({
    code: 'goal_handed_off',
    hint: 'Name g.1.hand_off instead.',
  })
  await runtime.goals.cancel('g', 'not needed')
  await runtime.idle()
  for (const goal of ['g', 'g.1.hand_off'])
    expect(await runtime.goals.get(goal)).toMatchObject({ status: 'cancelled', problem: { message: 'not needed' } })
})

const LEAD = { conversation: 'talk', agent: 'lead' }

test('the agent that takes over reads the conversation, without the calls of the first', async () => {
  const { runtime, model, write } = await openTeam([
    { calls: [{ name: 'filesystem_read', input: { path: 'a.txt' } }], times: 1 },
    once('It is a green lamp.'),
    handOff('reviewer', 'Refund it.'),
    once('Refunded.'),
    answer('You are welcome.'),
  ])
  write('a.txt', 'Order 1177')
  const send = (text: string) => runtime.conversations.send({ ...LEAD, text })
  for (const text of ['My order is A-1177.', 'Please refund it.', 'Thank you.']) await send(text)
  const taken = model.calls[3]!.prompt
  for (const text of ['My order is A-1177.', 'It is a green lamp.', 'Please refund it.', 'Note of lead: Refund it.'])
    expect(taken).toContain(text)
  expect(taken).not.toContain('Order 1177')
  expect(JSON.stringify(model.calls[3]!.options.prompt)).not.toContain('filesystem_read')
  expect(taken).toContain('(The agent lead answered:)')
  expect(taken).toContain('Another agent handed this conversation over to you.')
  // the next message says what the person was told, and by whom
  const next = model.calls[4]!.options.prompt.filter(({ role }) => role !== 'system')
  const at = next.findIndex(({ content }) => JSON.stringify(content).includes('Refunded.'))
  expect(next[at]!.role).toBe('assistant')
  expect(JSON.stringify(next[at - 1])).toContain('(The agent reviewer answered:)')
})

test('the agent that takes over reads what was said since the message, and its files', async () => {
  const held = gate()
  const { runtime, model } = await openTeam([
    { calls: [{ name: 'filesystem_read', input: { path: '.' } }], reply: 'I look.', times: 1, gate: held.pass() },
    { ...handOff('reviewer'), reply: 'I pass you on.' },
    { ...handOff('writer'), reply: 'It is not for me.' },
    answer('Done.'),
  ])
  const photo = toRef(await runtime.files.add(Buffer.from('words'), { name: 'note.txt' }))
  await runtime.conversations.post({ ...LEAD, text: 'Help.' })
  await until(() => model.calls.length === 1)
  await runtime.conversations.post({ ...LEAD, text: 'See this.', files: [photo] })
  held.release()
  await runtime.idle()
  const { goal, files } = await last(runtime)
  expect(goal).toBe(
    [
      ...['Help.', 'The agent lead said: I look.', 'A person says: See this.', 'The agent lead said: I pass you on.'],
      'The agent reviewer said: It is not for me.',
    ].join('\n\n'),
  )
  expect(files).toEqual([photo])
})

/** The goal that began last. */
async function last(runtime: Awaited<ReturnType<typeof openTeam>>['runtime']) {
  return runtime.goals.get((await runtime.goals.list())[0]!.id)
}
