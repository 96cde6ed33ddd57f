import { describe, expect, it } from 'vitest'
import type { ScaleDecision } from '../../../src/worker/report.ts'
import {
  DEFAULT_SCALING,
  type PoolLoad,
  type ScalePolicy,
  type ScalingState,
  scale,
  targetSize,
  UNSCALED,
} from '../../../src/worker/scaling/autoscale.ts'
import { TICK_MS } from '../../../src/worker/scaling/controller.ts'

const policy: ScalePolicy = { ...DEFAULT_SCALING, min: 4, max: 16 }
const load = (given: Partial<PoolLoad>): PoolLoad => ({
  size: 4,
  running: 0,
  queued: 0,
  oldest: 0,
  limited: 0,
  cpu: 0,
  ...given,
})

describe('the size that one sample asks for', () => {
  it.each<[string, Partial<PoolLoad>, number]>([
    ['busy, and more wait than there are hands', { size: 4, running: 4, queued: 9 }, 6],
    ['at least one more', { size: 4, running: 4, queued: 5 }, 5],
    ['never above the most', { size: 10, running: 10, queued: 500 }, 16],
    ['as large as it may be', { size: 16, running: 16, queued: 500 }, 16],
    ['busy, and as many wait as there are hands', { size: 4, running: 4, queued: 4 }, 4],
    ['busy to four fifths', { size: 5, running: 4, queued: 50 }, 5],
    ['one waits, and has waited for long', { size: 4, running: 4, queued: 1, oldest: 10_001 }, 5],
    ['one waits, and has not waited for long', { size: 4, running: 4, queued: 1, oldest: 10_000 }, 4],
    ['idle: half of it goes', { size: 16, running: 3 }, 8],
    ['idle, and close to the least', { size: 5, running: 0 }, 4],
    ['idle, and as small as it may be', { size: 4, running: 0 }, 4],
    ['busy to one fifth', { size: 10, running: 2 }, 10],
    ['above its most', { size: 20, running: 20, queued: 90 }, 16],
    ['below its least', { size: 1 }, 4],
    ['nobody there', { size: 0 }, 4],
  ])('%s', (_name, given, size) => {
    expect(targetSize(load(given), policy)).toBe(size)
  })
})

/** Calls and how they are served: each hand ends so many tasks in one tick, a provider refuses what is above its limit. */
type Trace = {
  readonly ticks: number
  readonly policy?: Partial<ScalePolicy>
  readonly each?: number
  readonly start?: number
  readonly cpu?: number
  arrivals(tick: number): number
  limit?(tick: number): number
}
type Moment = {
  readonly tick: number
  readonly size: number
  readonly queued: number
  readonly running: number
  readonly limited: number
}

function simulate({ ticks, each = 1, start = 4, cpu = 0, arrivals, limit, ...given }: Trace) {
  const rules = { ...policy, ...given.policy }
  const moments: Moment[] = []
  const decisions: ScaleDecision[] = []
  let scaling: ScalingState = UNSCALED
  let [size, waiting, age] = [start, 0, 0]
  for (let tick = 0; tick < ticks; tick++) {
    waiting += arrivals(tick)
    const running = Math.min(size, waiting)
    const limited = Math.max(0, running - (limit?.(tick) ?? Number.POSITIVE_INFINITY))
    const queued = waiting - running
    age = queued > 0 ? age + TICK_MS : 0
    moments.push({ tick, size, queued, running, limited })
    const next = scale(scaling, { size, running, queued, oldest: age, limited, cpu }, rules, tick * TICK_MS)
    if (next.last && next.last !== scaling.last) decisions.push(next.last)
    if (next.last !== scaling.last) size = next.last!.to
    scaling = next
    waiting = Math.max(0, waiting - (running - limited) * each)
  }
  return { moments, decisions, size }
}

const turnsOf = (decisions: readonly ScaleDecision[]) =>
  decisions
    .map(({ from, to }) => Math.sign(to - from))
    .filter((sign, place, all) => place > 0 && sign !== all[place - 1]).length

describe('a pool that is left alone', () => {
  it('recovers from a burst within two ticks, and gives its hands back when it is over (A25)', () => {
    const { decisions, moments, size } = simulate({ ticks: 180, each: 10, arrivals: (tick) => (tick === 1 ? 200 : 0) })
    expect(decisions[0]).toEqual({ at: 2 * TICK_MS, from: 4, to: 16, why: '4 of 4 busy, 156 waiting for up to 2 s' })
    expect(moments.findIndex(({ tick, queued }) => tick > 1 && queued === 0)).toBeLessThanOrEqual(4)
    expect(decisions.slice(1).map(({ to }) => to)).toEqual([8, 4])
    expect(size).toBe(4)
  })

  it('does not follow a sawtooth up and down', () => {
    const { decisions } = simulate({ ticks: 240, arrivals: (tick) => (tick % 4 === 0 ? 40 : 0) })
    expect(turnsOf(decisions)).toBe(0)
    expect(decisions.length).toBeLessThanOrEqual(3)
  })

  it('ignores a single outlier', () => {
    const { decisions } = simulate({ ticks: 40, each: 100, arrivals: (tick) => (tick % 4 === 0 ? 40 : 0) })
    expect(decisions).toEqual([])
  })

  it('grows along a slow ramp, each time by no more than it needs, and never back', () => {
    const { decisions, moments } = simulate({ ticks: 120, arrivals: (tick) => 3 + Math.floor(tick / 8) })
    expect(turnsOf(decisions)).toBe(0)
    expect(decisions.every(({ from, to }) => to > from)).toBe(true)
    expect(decisions.length).toBeGreaterThan(3)
    expect(moments.at(-1)!.size).toBe(16)
    const gaps = decisions.slice(1).map(({ at }, place) => at - decisions[place]!.at)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(policy.growAfter)
  })

  it('gives way in a storm of refused calls, and grows only when that has long been over', () => {
    const storm = (tick: number) => tick >= 10 && tick < 60
    const { decisions, moments } = simulate({
      ticks: 300,
      start: 16,
      arrivals: () => 16,
      limit: (tick) => (storm(tick) ? 5 : 16),
    })
    const during = decisions.filter(({ at }) => storm(at / TICK_MS))
    expect(during.map(({ from, to }) => [from, to])).toEqual([
      [16, 12],
      [12, 9],
      [9, 7],
      [7, 6],
      [6, 5],
    ])
    expect(during[0]!.why).toBe('the provider refused 11 calls')
    const behind = decisions.filter(({ at }) => at / TICK_MS >= 60)
    const refused = moments.findLast(({ limited }) => limited > 0)!
    expect(behind[0]!.at).toBeGreaterThanOrEqual(refused.tick * TICK_MS + policy.shrinkAfter)
    expect(behind.every(({ from, to }) => to > from)).toBe(true)
    expect(turnsOf(decisions)).toBe(1)
    expect(moments.at(-1)!.size).toBe(16)
  })

  it('does not put more hands to work where the cores have nothing left', () => {
    const { decisions } = simulate({ ticks: 20, cpu: 0.97, arrivals: () => 50 })
    expect(decisions).toEqual([])
  })

  it('goes back into its bounds at once', () => {
    expect(simulate({ ticks: 2, start: 40, arrivals: () => 100 }).decisions).toEqual([
      { at: 0, from: 40, to: 16, why: 'its bounds' },
    ])
  })
})
