import { expect, test } from 'vitest'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import type { Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { answer, call, openGoals } from './folder.ts'

const once = (reply: string) => ({ ...answer(reply), times: 1 })

/** An agent that searches, and its model asked for a search and a record. */
const support = (read?: readonly string[]) =>
  defineAgent({
    ...{ name: 'support', instructions: 'You help.', tools: ['memory:search', 'memory:get', 'memory:add'] },
    approve: 'none',
    ...(read && { memory: { read } }),
  })

/** The operator's memory with a document of the shop and a private note, and what was told for two customers. */
async function fill(runtime: Runtime, write: (name: string, text: string) => void, path: (name: string) => string) {
  write('returns-2026.md', 'Returns of lamps are free within thirty days.')
  const operator = runtime.memory('local')
  await operator.sources.add({ path: path('returns-2026.md'), space: 'shop/docs' })
  await operator.add([{ id: 'private', space: 'shop/prices', text: 'Returns of lamps cost the shop four crowns.' }])
  await runtime.memory('ann').add([{ id: 'ann-told', text: 'Ann returns lamps to the shop on Mondays.' }])
  await runtime.memory('bob').add([{ id: 'bob-told', text: 'Bob returns lamps that are broken.' }])
}

/** What one goal of ann recalls, and what its searches find. */
async function seenBy(read: readonly string[] | undefined, space?: string) {
  const query = { text: 'returns of lamps', ...(space !== undefined && { space }) }
  const script = [call('memory_search', query), call('memory_get', { id: 'private' }), once('done')]
  const agent = support(read)
  const { runtime, write, path, model } = await openGoals(script, '', { agents: [agent] })
  await fill(runtime, write, path)
  await runtime.goals.start({ agent, goal: 'How do returns of lamps work?', owner: 'ann', id: 'g' })
  await runtime.idle()
  const { rounds, status } = await runtime.goals.get('g')
  expect(status).toBe('completed')
  const [search, got] = rounds.flatMap(({ calls }) => calls)
  const found = search!.result
  const records = ((typeof found === 'string' ? JSON.parse(found) : found) as { records: readonly object[] }).records
  const { prompt } = model.calls[0]!
  expect(JSON.stringify([model.calls, rounds])).not.toMatch(/four crowns|Bob returns|antiphon-goals-/)
  expect(got!.outcome).toBe('failed')
  return { records, prompt, runtime }
}

test('an agent that reads its owner and a space of the operator recalls and finds both, and says from which', async () => {
  const { records, prompt, runtime } = await seenBy(['owner', 'shop/docs'])
  expect(records).toMatchObject([
    { from: 'owner', id: 'ann-told' },
    { from: 'shop/docs', space: 'shop/docs', source: { type: 'file', ref: 'returns-2026.md' } },
  ])
  expect(prompt).toContain('free within thirty days." (from "shop/docs, returns-2026.md")')
  expect(prompt).toContain('Ann returns lamps to the shop on Mondays." (from "owner, user")')
  await expect
    .poll(async () => (await runtime.memory('ann').list({ space: 'agents/support' })).length)
    .toBeGreaterThan(0)
  expect((await runtime.memory('local').list({ space: 'agents' })).length).toBe(0)
})

test('without `owner` it finds the shared spaces only, without `read` what was told for its owner only', async () => {
  expect((await seenBy(['shop/docs'])).records).toMatchObject([{ from: 'shop/docs' }])
  expect((await seenBy(['shop/docs'], 'shop')).records).toMatchObject([{ from: 'shop/docs' }])
  const { records, prompt } = await seenBy(undefined)
  expect(records).toMatchObject([{ from: 'owner', id: 'ann-told' }])
  expect(prompt).not.toContain('returns-2026')
})

test('an agent from the network may not read the memory of the operator', async () => {
  const { runtime } = await openGoals([])
  const put = (read: readonly string[], trusted: boolean) =>
    runtime.agents.put('spy', { instructions: 'Search.', memory: { read } }, { owner: 'ann', trusted })
  await expect(put(['owner', 'shop/docs'], false)).rejects.toMatchObject({
    ...{ code: 'invalid_agent', place: { path: 'memory.read' } },
    message: expect.stringContaining('an agent from the network may not read the memory of the operator'),
  })
  await put(['owner'], false)
  await put(['shop/docs'], true)
  await expect(put(['agents/other'], true)).rejects.toMatchObject({ code: 'invalid_agent' })
})
