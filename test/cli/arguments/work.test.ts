import { expect, it } from 'vitest'
import { resolveWork } from '../../../src/cli/arguments/ids.ts'
import { NotFoundError, TerminalError } from '../../../src/errors.ts'
import type { Client } from '../../../src/http/client/client.ts'

type Stored = { readonly [kind in 'run' | 'goal' | 'ask' | 'bulk']?: readonly string[] }

/** A client of a folder with these ids. `refused`: the kinds that its key may not read. */
function clientOf(stored: Stored, refused: readonly (keyof Stored)[] = []): Client {
  const room = (kind: keyof Stored) => {
    const ids = stored[kind] ?? []
    const get = async (id: string) => {
      if (refused.includes(kind)) throw new TerminalError(`A key of a ${kind} is required.`, { code: 'scope_missing' })
      if (!ids.includes(id))
        throw new NotFoundError(`There is no ${kind} ${id}.`, { hint: `See the list of ${kind}s.` })
      return { id }
    }
    return { get, trace: get, list: async ({ limit }: { limit: number }) => ids.slice(0, limit).map((id) => ({ id })) }
  }
  const rooms = { runs: room('run'), goals: room('goal'), threads: room('ask'), bulks: room('bulk') }
  return rooms as unknown as Client
}

const ALL = ['run', 'goal', 'ask', 'bulk'] as const

it.each<[string, Stored, string, object]>([
  ['a run', { run: ['ask_7'] }, 'ask_7', { kind: 'run', id: 'ask_7' }],
  ['a goal', { goal: ['run_7'] }, 'run_7', { kind: 'goal', id: 'run_7' }],
  ['a question', { ask: ['bulk_7'] }, 'bulk_7', { kind: 'ask', id: 'bulk_7' }],
  ['an operation on many runs', { bulk: ['goal_7'] }, 'goal_7', { kind: 'bulk', id: 'goal_7' }],
  ['the beginning of a run', { run: ['order-7'], bulk: ['order-8'] }, 'ord', { kind: 'run', id: 'order-7' }],
  [
    'the beginning of a goal without goal_',
    { goal: ['goal_3x'], run: ['run_4'] },
    '3',
    { kind: 'goal', id: 'goal_3x' },
  ],
  ['an id that a table has cut', { run: ['order-7'], goal: ['harbour'] }, 'ord…', { kind: 'run', id: 'order-7' }],
  ['an id that another begins with', { run: ['order-7'], ask: ['order'] }, 'order', { kind: 'ask', id: 'order' }],
  ['`last`', { run: ['new', 'old'], ask: ['last'] }, 'last', { kind: 'run', id: 'new' }],
  ['a name with its kind', { run: ['x'], goal: ['x'] }, 'agent/x', { kind: 'goal', id: 'x' }],
])('resolves %s', async (_, stored, typed, work) => {
  expect(await resolveWork(clientOf(stored), typed, ALL)).toEqual(work)
})

it.each<[Stored, string, string]>([
  [{ run: ['x'], goal: ['x'], ask: ['x'] }, 'x', 'x names several things: run/x, agent/x, ask/x.'],
  [{ run: ['run_3x'], goal: ['goal_3y'] }, '3', '3 names several things: run/run_3x, agent/goal_3y.'],
])('refuses an id that names several things: %j', async (stored, typed, message) => {
  const refusal = { code: 'ambiguous_id', message, hint: `Write one of these names instead of ${typed}.` }
  await expect(resolveWork(clientOf(stored), typed, ALL)).rejects.toMatchObject(refusal)
})

it('an id that names nothing is a run where no question is meant; otherwise it is refused with the hint of a run', async () => {
  expect(await resolveWork(clientOf({}), 'x', ['run', 'goal'])).toEqual({ kind: 'run', id: 'x' })
  const hint = expect.stringMatching(/^See the list of runs\.\nIf it is a question .*--thread THREAD$/)
  const refusal = { name: 'NotFoundError', message: 'There is no run or question x.', hint }
  await expect(resolveWork(clientOf({ ask: ['y'] }), 'x', ['run', 'ask'])).rejects.toMatchObject(refusal)
})

it('a key that may not read runs finds its question', async () => {
  expect(await resolveWork(clientOf({ run: ['x'], ask: ['x'] }, ['run']), 'x', ALL)).toEqual({ kind: 'ask', id: 'x' })
})
