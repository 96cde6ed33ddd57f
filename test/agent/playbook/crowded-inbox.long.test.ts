import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { answer as always, CLERK, call, openGoals } from '../goal/folder.ts'

const answer = (reply: string) => ({ ...always(reply), times: 1 })
const agent: AgentDefinition = { ...CLERK, approve: [], learn: 'propose' }

test('at most 100 playbooks wait for each owner, of all its agents together', { timeout: 60_000 }, async () => {
  const turnsOf = (n: number) => [
    call('filesystem_read', { path: 'a.txt' }),
    call('filesystem_append', { path: `out.t${n}x`, content: 'ebb' }),
    answer('Done.'),
  ]
  const turns = [...Array(101).keys(), 100, 100].flatMap(turnsOf)
  const { runtime, write } = await openGoals(turns)
  write('a.txt', 'ebb')
  const copy = async (n: number, more = {}) => {
    const { id } = await runtime.goals.start({ agent, goal: `Copy a.txt to out.t${n}x`, ...more })
    await runtime.idle()
    return runtime.goals.get(id)
  }
  const other = { agent: { ...agent, name: 'other' } }
  for (let n = 0; n < 100; n++) await copy(n, n % 2 === 0 ? {} : other)
  expect((await runtime.inbox.list({ limit: 1000 })).length).toBe(100)
  expect((await copy(100)).lesson).toEqual({
    ...{ status: 'none', reason: '100 playbooks already wait for a person; see: antiphon inbox' },
  })
  expect(await copy(100, { owner: 'bob' })).toMatchObject({ lesson: { proposed: true } })
  const [first] = await runtime.playbooks.list({ owner: 'local' })
  await runtime.playbooks.accept(first!.id)
  expect(await copy(100)).toMatchObject({ lesson: { proposed: true } })
})
