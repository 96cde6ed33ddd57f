import { expect, test } from 'vitest'
import { answer, call } from '../goal/folder.ts'
import { once, openTeam, TEAM } from './team.ts'

const ask = (name: string, goal: string) => call(`agent_${name}`, { goal })

test('an agent asks another one and gets its answer with what it would need', async () => {
  const { runtime, model } = await openTeam([
    ask('reviewer', 'Review a.txt.'),
    once('It is good.\nNeeds: the second page\n- **Needs:** a date'),
    answer('All is well.'),
  ])
  await runtime.goals.start({ agent: 'lead', goal: 'Have it reviewed.', id: 'lead-1' })
  await runtime.idle()
  expect(await runtime.goals.get('lead-1')).toMatchObject({
    ...{ status: 'completed', answer: 'All is well.' },
    rounds: [{ calls: [{ tool: 'agent:reviewer', outcome: 'succeeded' }] }, {}],
  })
  expect(await runtime.goals.get('lead-1.1.call_1')).toMatchObject({
    ...{ agent: 'reviewer', goal: 'Review a.txt.', status: 'completed' },
  })
  const [, , last] = model.calls
  expect(last!.prompt).toContain('the second page')
  expect(last!.prompt).toContain('a date')
})

test('only the agents of the list exist for the model', async () => {
  const { runtime, model } = await openTeam([ask('stranger', 'Go.'), answer('well')], {
    ...TEAM,
    stranger: ['description: Not in the list'],
  })
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ rounds: [{ calls: [{ outcome: 'refused' }] }, {}] })
  expect(model.calls[1]!.prompt).toContain('there is no tool agent_stranger')
})

test('an agent that fails is a reply that says so', async () => {
  const { runtime, model } = await openTeam([
    ask('reviewer', 'Review a.txt.'),
    { error: { statusCode: 400, message: 'content_policy' }, times: 1 },
    answer('I could not.'),
  ])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'I could not.' },
    rounds: [{ calls: [{ outcome: 'failed', result: expect.stringContaining('the agent reviewer failed') }] }, {}],
  })
  expect(model.calls[2]!.prompt).toContain('agent_failed')
})

test('an agent that is cancelled is a reply that says so', async () => {
  const { runtime } = await openTeam([
    ask('writer', 'Write.'),
    call('filesystem_append', { path: 'log.txt', content: 'x' }),
    answer('It was cancelled.'),
  ])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.inbox.list()).toHaveLength(1)
  await runtime.goals.cancel(`${id}.1.call_1`, 'not needed')
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'completed',
    rounds: [{ calls: [{ outcome: 'failed', result: expect.stringContaining('was cancelled') }] }, {}],
  })
})

test('a cancel passes down', async () => {
  const { runtime } = await openTeam([
    ask('writer', 'Write.'),
    call('filesystem_append', { path: 'log.txt', content: 'x' }),
  ])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.inbox.list()).toHaveLength(1)
  await runtime.goals.cancel(id, 'not needed')
  await runtime.idle()
  for (const goal of [id, `${id}.1.call_1`])
    expect(await runtime.goals.get(goal)).toMatchObject({ status: 'cancelled' })
  expect(await runtime.inbox.list()).toEqual([])
})

test('a circle of questions ends with its reason', async () => {
  const { runtime, model } = await openTeam([
    ask('reviewer', 'Go.'),
    ask('lead', 'Go.'),
    once('I cannot ask back.'),
    answer('well'),
  ])
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
  expect(model.calls[2]!.prompt).toContain('The agents ask in a circle: lead → reviewer → lead.')
})

test('questions nest at most ten deep', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `a${index + 1}`)
  const team = Object.fromEntries(
    names.map((name, index) => [name, ['description: Asks the next', `agents: [${names[index + 1] ?? 'a1'}]`]]),
  )
  const { runtime, model } = await openTeam(
    [
      ...names.slice(1, 11).map((name) => ask(name, 'Go.')),
      once('deep enough'),
      ...names.slice(1, 10).map(() => answer('well')),
    ],
    team,
  )
  await runtime.goals.start({ agent: 'a1', goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.list()).toHaveLength(10)
  expect(model.calls[10]!.prompt).toContain('Agents are nested deeper than 10')
})

test('owner, deadline and budget pass down', async () => {
  const { runtime } = await openTeam([ask('reviewer', 'Go.'), once('good'), answer('well')], {
    ...TEAM,
    lead: [...TEAM.lead!, 'deadline: 60'],
  })
  const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.', owner: 'ann', budget: 0.5, trusted: false })
  await runtime.idle()
  const [asked, asker] = [await runtime.goals.get(`${id}.1.call_1`), await runtime.goals.get(id)]
  expect(asked).toMatchObject({ owner: 'ann', status: 'completed' })
  // what the asker had left when it called, from the start of the asked one on
  const late = asked.limits.until - asker.limits.until
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(10_000)
  const { spent } = await runtime.budgets.get(`goal/${id}`)
  expect(spent).toBeCloseTo(asker.cost + asked.cost)
  expect(asked.cost).toBeGreaterThan(0)
})
