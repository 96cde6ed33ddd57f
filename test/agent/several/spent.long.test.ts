import { expect, test } from 'vitest'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { fastClock } from '../../fast-clock.ts'
import { call } from '../goal/folder.ts'
import { openTeam, TEAM } from './team.ts'

const usage = { input: 1000, output: 100 }
const said = (reply: string, more: ScriptedTurn = {}): ScriptedTurn => ({ reply, usage, times: 1, ...more })
const asked = (name: string, input = {}): ScriptedTurn => ({ ...call(name, input), usage })
const failing = (statusCode: number, message: string, times = 1): ScriptedTurn => ({
  error: { statusCode, message },
  times,
})
const LIST = asked('filesystem_list', { path: '.' })
const WELL = said('well')
const CASES: [string, readonly ScriptedTurn[], ending?: string][] = [
  ['an answer', [WELL]],
  ['rounds', [{ ...LIST }, LIST, WELL]],
  ['a provider that fails and comes back', [failing(503, 'overloaded'), LIST, failing(429, 'slow down', 2), WELL]],
  ['an empty reply', [said(''), WELL]],
  ['two empty replies', [said('', { times: 2 }), WELL]],
  ['a cut reply', [said('We', { finish: 'length' }), said('ll done')]],
  ['a reply whose rest is empty', [said('Well', { finish: 'length' }), said('')]],
  ['thoughts alone', [said('', { finish: 'length' }), WELL]],
  ['thoughts alone to the end', [said('', { finish: 'length', times: 3 })], 'waiting'],
  ['a call that cannot be read', [failing(400, 'tool_use_failed'), WELL]],
  ['a reply that its provider ended', [said('We', { finish: 'error' }), WELL]],
  ['thoughts and then a provider that is away', [said('', { finish: 'length' }), failing(503, 'overloaded'), WELL]],
  ['a refusal', [said('No.', { finish: 'content-filter' })], 'failed'],
  ['another agent', [asked('agent_reviewer', { goal: 'Look.' }), LIST, said('fine'), WELL]],
  [
    'another agent that fails',
    [asked('agent_reviewer', { goal: 'Look.' }), said('No.', { finish: 'content-filter' }), WELL],
  ],
  ['a hand-off', [asked('hand_off_reviewer', { note: 'Yours.' }), LIST, WELL]],
]

/** The calls that a script makes: a turn may be used several times. */
const callsIn = (script: readonly ScriptedTurn[]) =>
  script.flatMap((turn) => ('usage' in turn ? Array.from({ length: turn.times ?? 1 }, () => turn) : []))

test.each<[string, readonly ScriptedTurn[], string?]>(CASES)(
  '%s: a goal has cost what its budget paid, and used what all calls used',
  async (_, script, ending = 'completed') => {
    const { runtime } = await openTeam(script, TEAM, 'patience: 1m\n', fastClock(Date.now(), 100))
    const { id } = await runtime.goals.start({ agent: 'lead', goal: 'Go.' })
    await runtime.idle()
    const { status, tokens, cost } = await runtime.goals.get(id)
    const { spent, tokens: counted } = await runtime.budgets.get(`goal/${id}`)
    const calls = callsIn(script).length
    expect({ status, tokens, counted }).toEqual({ status: ending, tokens: calls * 1100, counted: calls * 1100 })
    expect(cost).toBeCloseTo(spent, 9)
    expect(spent).toBeCloseTo(calls * 0.0011, 9)
    const [listed] = (await runtime.goals.list()).filter((goal) => goal.id === id)
    expect(listed!.cost).toBeCloseTo(spent, 9)
  },
)
