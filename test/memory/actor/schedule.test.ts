import { expect, test } from 'vitest'
import { afterRun, dueDuties, nextDue, wakeDuties } from '../../../src/memory/actor/schedule.ts'

const ALL = [
  { name: 'expiry', pause: 0 },
  { name: 'tiers', pause: 60_000 },
]

test('a write makes every duty due, one with a pause when that is over', () => {
  const states = wakeDuties(ALL, { tiers: { ran: 1_000 }, gone: { due: 5 } }, 2_000)
  expect(states).toEqual({ expiry: { due: 2_000 }, tiers: { ran: 1_000, due: 61_000 } })
  expect(dueDuties(ALL, states, 2_000).map(({ name }) => name)).toEqual(['expiry'])
  expect(nextDue(states)).toBe(2_000)
  expect(wakeDuties(ALL, { tiers: { ran: 9e9 } }, 2_000).tiers!.due).toBe(62_000)
})

test('a failed duty waits longer each time, whatever is written', () => {
  let state = {}
  for (const delay of [1_000, 5_000, 30_000, 120_000, 600_000, 600_000]) {
    state = afterRun(state, { code: 'storage' }, 1_000)
    expect(state).toMatchObject({ due: 1_000 + delay })
    expect(wakeDuties(ALL, { expiry: state }, 1_000).expiry).toBe(state)
  }
  expect(state).toMatchObject({ failed: { code: 'storage', attempts: 6 } })
  expect(afterRun(state, { did: { moved: 2 }, next: 500 }, 2_000)).toEqual({
    ran: 2_000,
    due: 2_000,
    did: { at: 2_000, counts: { moved: 2 } },
  })
})

test('a duty that did nothing does not run again at once, and keeps what it did before', () => {
  const did = { at: 1, counts: { moved: 2 } }
  expect(afterRun({ did }, { next: 0 }, 2_000)).toEqual({ did, ran: 2_000, due: 3_000 })
  expect(afterRun({ did, due: 5 }, {}, 2_000)).toEqual({ did, ran: 2_000 })
})
