import { describe, expect, test } from 'vitest'
import {
  closeReservation,
  grantWaiting,
  inPeriod,
  releaseForCall,
  reserveAmount,
  settleReservation,
} from '../../src/budget/reservation.ts'
import { availableAmount, type BudgetState, NEW_BUDGET, type Reservation } from '../../src/budget/state.ts'
import { fc, runs } from '../property.ts'

const LIMIT = 1000
const budget = (more: Partial<BudgetState> = {}): BudgetState => ({ ...NEW_BUDGET, limit: LIMIT, ...more })
const begin = (id: string, amount: number) => ({ id, amount, stage: 'begun' as const })

describe('a call', () => {
  test('has its worst case reserved, and what it took counted instead', () => {
    const { state, held } = reserveAmount(budget(), null, begin('a', 400))
    expect(state).toMatchObject({ reserved: 400, spent: 0 })
    expect(settleReservation(state, held, 'a', 150)).toMatchObject({
      state: { reserved: 0, spent: 150, calls: 1 },
      held: { stage: 'spent', amount: 150 },
    })
  })

  test('that does not fit changes nothing', () => {
    const before = budget({ spent: 700 })
    expect(reserveAmount(before, null, begin('a', 301))).toEqual({ state: before, held: null, granted: false })
    expect(reserveAmount(before, null, begin('a', 300)).granted).toBe(true)
  })

  test('that is begun again before it was settled is counted once, and its repetition is reported', () => {
    const first = reserveAmount(budget(), null, begin('a', 800))
    const second = reserveAmount(first.state, first.held, begin('a', 800))
    expect(second.state).toMatchObject({ reserved: 800, spent: 0, repeated: 1 })
    expect(settleReservation(second.state, second.held, 'a', 500).state).toMatchObject({
      reserved: 0,
      spent: 500,
      calls: 1,
    })
  })

  test('that is begun again after it was settled is counted once, as what it took the last time', () => {
    const first = reserveAmount(budget(), null, begin('a', 800))
    const paid = settleReservation(first.state, first.held, 'a', 600)
    const second = reserveAmount(paid.state, paid.held, begin('a', 800))
    expect(second).toMatchObject({ granted: true, state: { reserved: 800, spent: 0, calls: 0, repeated: 1 } })
    expect(settleReservation(second.state, second.held, 'a', 550).state).toMatchObject({ spent: 550, calls: 1 })
  })

  test('that is to be made again and waits for money first is counted once, another one stays counted', () => {
    const first = reserveAmount(budget(), null, begin('a', 800))
    const paid = settleReservation(first.state, first.held, 'a', 600)
    expect(releaseForCall(paid.state, paid.held!, 'a')).toMatchObject({ spent: 0, calls: 0, repeated: 1 })
    expect(releaseForCall(first.state, first.held!, 'a')).toMatchObject({
      spent: 0,
      reserved: 0,
      calls: 0,
      repeated: 1,
    })
    expect(releaseForCall(paid.state, paid.held!, 'b')).toMatchObject({ spent: 600, calls: 1, repeated: 0 })
    expect(releaseForCall(paid.state, paid.held!, undefined)).toMatchObject({ spent: 600, calls: 1, repeated: 0 })
  })

  test('is settled once', () => {
    const first = reserveAmount(budget(), null, begin('a', 800))
    const paid = settleReservation(first.state, first.held, 'a', 600)
    expect(settleReservation(paid.state, paid.held, 'a', 600)).toEqual(paid)
    expect(settleReservation(paid.state, paid.held, 'b', 600)).toEqual(paid)
  })

  test('counts as spent if its actor begins another one, or is gone', () => {
    const first = reserveAmount(budget(), null, begin('a', 300))
    expect(reserveAmount(first.state, first.held, begin('b', 200)).state).toMatchObject({
      spent: 300,
      reserved: 200,
      repeated: 0,
    })
    expect(closeReservation(first.state, first.held!)).toMatchObject({ spent: 300, reserved: 0, calls: 1 })
  })

  test('that was granted and never begun cost nothing', () => {
    const first = reserveAmount(budget(), null, { id: 'a', amount: 300, stage: 'granted' })
    expect(closeReservation(first.state, first.held!)).toMatchObject({ spent: 0, reserved: 0, calls: 0 })
  })

  test('that took more than was thought is counted as it is, and then nothing more is lent', () => {
    const first = reserveAmount(budget(), null, begin('a', 900))
    const paid = settleReservation(first.state, first.held, 'a', 1100)
    expect(paid.state.spent).toBe(1100)
    expect(reserveAmount(paid.state, null, begin('b', 0)).granted).toBe(false)
  })
})

describe('a waiting actor', () => {
  const waiter = (by: string, amount: number) => ({ id: by, by, amount, work: 'w' })

  test('is served in order, and nobody waits for one who asks for too much', () => {
    const state = budget({
      spent: 500,
      waiting: [waiter('a', 2000), waiter('b', 300), waiter('c', 300), waiter('d', 100)],
    })
    const { granted, state: after } = grantWaiting(state)
    expect(granted.map(({ by }) => by)).toEqual(['b', 'd'])
    expect(after).toMatchObject({ reserved: 400, waiting: [{ by: 'a' }, { by: 'c' }] })
  })
})

describe('another day or hour', () => {
  test('begins with nothing spent; calls in flight stay reserved', () => {
    const state = budget({ period: '2026-03-01', spent: 900, reserved: 50, calls: 3 })
    expect(inPeriod(state, '2026-03-01')).toBe(state)
    expect(inPeriod(state, '2026-03-02')).toMatchObject({ period: '2026-03-02', spent: 0, reserved: 50, calls: 0 })
  })

  test.each([
    ['2026-03-01', '2026-02-28'],
    ['2024-03-01', '2024-02-29'],
    ['2026-01-01', '2025-12-31'],
    ['2026-03-01T00', '2026-02-28T23'],
    ['2026-03-01T22', '2026-03-01T21'],
  ])('%s is not over when a clock is set back to %s', (period, before) => {
    const state = budget({ period, spent: 900, calls: 3 })
    expect(inPeriod(state, before)).toBe(state)
  })

  test('that a clock showed which was far ahead does not last until it comes', () => {
    const state = budget({ period: '2030-01-01', spent: 900 })
    expect(inPeriod(state, '2026-03-01')).toMatchObject({ period: '2026-03-01', spent: 0 })
    expect(inPeriod(budget({ period: '2026-03-01T22', spent: 9 }), '2026-03-01T20')).toMatchObject({ spent: 0 })
  })

  test('does not give back what was spent on the one before', () => {
    const first = reserveAmount(budget({ period: '2026-03-01' }), null, begin('a', 800))
    const paid = settleReservation(first.state, first.held, 'a', 600)
    const again = reserveAmount(inPeriod(paid.state, '2026-03-02'), paid.held, begin('a', 800))
    expect(again.state).toMatchObject({ spent: 0, reserved: 800 })
  })
})

// what borrowers do, crashes and repeats among it, in any order
type Deed =
  | { readonly type: 'begin' | 'again' | 'gone'; readonly by: number; readonly amount: number }
  | { readonly type: 'settle'; readonly by: number; readonly amount: number; readonly twice: boolean }
  | { readonly type: 'wait'; readonly by: number; readonly amount: number }
const by = fc.nat({ max: 5 })
const amount = fc.nat({ max: 600 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ type: fc.constantFrom('begin' as const, 'again' as const, 'gone' as const), by, amount }),
  fc.record({ type: fc.constant('settle' as const), by, amount, twice: fc.boolean() }),
  fc.record({ type: fc.constant('wait' as const), by, amount }),
)

test('in any order of calls, crashes, repeats and ends no more is spent and reserved than the limit, and the sums are right', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      let state = budget()
      const held = new Map<number, Reservation | null>()
      /** by call: what it comes to */
      const bill = new Map<string, number>()
      deeds.forEach((each, n) => {
        const mine = held.get(each.by) ?? null
        const isOpen = mine !== null && mine.stage !== 'spent'
        if (each.type === 'begin' || (each.type === 'again' && mine)) {
          const id = each.type === 'again' ? mine!.id : `${each.by}:${n}`
          const waiting = state.waiting.filter((one) => one.by !== String(each.by))
          const lent = reserveAmount({ ...state, waiting }, mine, begin(id, each.amount))
          if (lent.granted && isOpen && id !== mine.id && mine.stage === 'begun') bill.set(mine.id, mine.amount)
          if (lent.granted) bill.delete(id)
          ;({ state } = lent)
          held.set(each.by, lent.held)
        } else if (each.type === 'settle' && mine) {
          const spent = Math.min(each.amount, mine.amount)
          if (isOpen) bill.set(mine.id, spent)
          for (let times = each.twice ? 2 : 1; times > 0; times--) {
            const settled = settleReservation(state, held.get(each.by) ?? null, mine.id, spent)
            ;({ state } = settled)
            held.set(each.by, settled.held)
          }
        } else if (each.type === 'gone' && mine) {
          if (mine.stage === 'begun') bill.set(mine.id, mine.amount)
          state = closeReservation(state, mine)
          held.set(each.by, null)
        } else if (each.type === 'wait' && !isOpen) {
          const name = String(each.by)
          const waiting = [
            ...state.waiting.filter((one) => one.by !== name),
            { id: `${name}:${n}`, by: name, amount: each.amount, work: 'w' },
          ]
          state = { ...state, waiting }
          held.set(each.by, null)
        }
        const served = grantWaiting(state)
        state = served.state
        for (const { id, by: name, amount: size } of served.granted) {
          held.set(Number(name), { id, amount: size, stage: 'granted' })
        }
        const reserved = [...held.values()].reduce(
          (sum, one) => sum + (one && one.stage !== 'spent' ? one.amount : 0),
          0,
        )
        const spent = [...bill.values()].reduce((sum, one) => sum + one, 0)
        expect(state.reserved).toBe(reserved)
        expect(state.spent).toBe(spent)
        expect(state.calls).toBe(bill.size)
        expect(availableAmount(state)).toBeGreaterThanOrEqual(0)
      })
    }),
    runs(300),
  )
})
