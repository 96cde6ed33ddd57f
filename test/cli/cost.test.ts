import { expect, it } from 'vitest'
import type { AgentDefinition } from '../../src/agent/definition/definition.ts'
import { systemClock } from '../../src/engine/engine.ts'
import type { Caller } from '../../src/http/authorize/caller.ts'
import { createClient } from '../../src/http/client/client.ts'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { answer, openGoals } from '../agent/goal/folder.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const DAY = 86_400_000
const CONFIG =
  'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }, { id: lab/two, cost: { input: 2, output: 2 } }]\n'

/** Goals cost 11 or 22 millionths of a dollar. */
const agent = (name: string, model = 'lab/one'): AgentDefinition => ({
  ...{ name, model, description: 'Answers', instructions: 'Answer.', tools: [], skills: [] },
})

it('sums of two owners, agents, models and days are shown by the command and over HTTP, to each caller its own', async () => {
  let ago = DAY
  const clock = { ...systemClock, now: () => systemClock.now() - ago }
  const own = { 'lab/two': scriptedModel([answer('Two.')], 'lab/two') }
  const { folder, runtime, write } = await openGoals([answer('One.')], 'budgets: { day: 5 }\n', {
    ...{ clock, own, config: CONFIG },
  })
  const work = async (owner: string, by: AgentDefinition) => {
    await runtime.goals.start({ agent: by, goal: 'Answer.', owner })
    await runtime.idle()
  }
  await work('ann', agent('clerk'))
  await work('bob', agent('scribe', 'lab/two'))
  ago = 0
  await work('ann', agent('scribe', 'lab/two'))

  const [yesterday, today] = [DAY, 0].map((age) => new Date(Date.now() - age).toISOString().slice(0, 10))
  const sum = (cost: number, calls: number) => ({ cost, calls, tokens: calls * 11 })
  const all = {
    since: yesterday,
    total: sum(0.000055, 3),
    items: [
      { name: today, ...sum(0.000022, 1) },
      { name: yesterday, ...sum(0.000033, 2) },
    ],
  }
  expect(await runtime.budgets.cost()).toEqual(all)

  const app = createApp(runtime, { identify: identifyByKey(runtime.access) })
  const clientOf = async (owner: string, ...scopes: Caller['scopes']) => {
    const { token } = await runtime.access.keys.create({ name: owner, owner, scopes })
    return createClient(async (request) => app.fetch(request), {
      base: 'http://antiphon',
      headers: { authorization: `Bearer ${token}` },
    })
  }
  const ann = await clientOf('ann', 'read')
  expect(await ann.budgets.cost({ by: 'agent' })).toEqual({
    since: yesterday,
    total: sum(0.000033, 2),
    items: [
      { name: 'scribe', ...sum(0.000022, 1) },
      { name: 'clerk', ...sum(0.000011, 1) },
    ],
  })
  await expect(ann.budgets.cost({ owner: 'bob' })).rejects.toMatchObject({ code: 'not_found' })
  const staff = await clientOf('*', 'read')
  expect(await staff.budgets.cost({ by: 'owner' })).toMatchObject({
    items: [
      { name: 'ann', cost: 0.000033 },
      { name: 'bob', cost: 0.000022 },
    ],
  })
  const boss = await clientOf('boss', 'admin')
  expect(await boss.budgets.cost({ owner: 'bob', by: 'model' })).toMatchObject({ items: [{ name: 'lab/two' }] })
  await expect((await clientOf('eve', 'talk')).budgets.cost()).rejects.toMatchObject({ code: 'scope_missing' })

  await runtime.erasures.forget('bob')
  expect(await runtime.budgets.cost({ by: 'owner' })).toMatchObject({ items: [{ name: 'ann', calls: 2 }] })
  await runtime.stop({ grace: 0 })

  // the command line knows no scripted model
  write('antiphon.yaml', 'embedder: none\n')
  const run = (...args: readonly string[]) => runHere(REAL, ['cost', ...args], { folder })
  const shown = await run('--since', 'yesterday', '--by', 'model')
  expect(shown.err).toBe(`2 calls since ${yesterday} (UTC).\n`)
  expect(shown.out).toMatch(
    /^MODEL +COST +CALLS +TOKENS\nlab\/two +\$0\.000022 +1 +11\nlab\/one +\$0\.000011 +1 +11\ntotal +\$0\.000033 +2 +22\n$/,
  )
  expect((await run('--since', '2020-01-01')).err).toContain(`Sums begin on ${yesterday}`)
  const ofToday = await run('--since', 'today', '--owner', 'ann', '--json')
  expect(JSON.parse(ofToday.out)).toMatchObject({ total: sum(0.000022, 1), items: [{ name: today }] })
  expect(await run('--since', '2026-13-40')).toMatchObject({ code: 2 })
})

it('sums are removed with the audit', async () => {
  let ago = 91 * DAY
  const clock = { ...systemClock, now: () => systemClock.now() - ago }
  const { runtime } = await openGoals([answer('One.')], 'budgets: { day: 5 }\n', { clock, config: CONFIG })
  await runtime.goals.start({ agent: agent('clerk'), goal: 'Answer.', owner: 'ann' })
  await runtime.idle()
  expect((await runtime.budgets.cost()).total.calls).toBe(1)
  ago = 0
  const { items } = await runtime.maintenance.gc()
  expect(items).toContainEqual(expect.objectContaining({ what: 'audit', count: 1 }))
  expect(await runtime.budgets.cost()).toEqual({ total: { cost: 0, calls: 0, tokens: 0 }, items: [] })
})
