import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Effects, Turn } from '../../../src/kernel/types.ts'
import type { CancelRemaining } from '../../../src/pipeline/plan/messages/run.ts'
import { NEW_RUN, type RunState } from '../../../src/pipeline/plan/run-state.ts'
import { cancelSteps } from '../../../src/pipeline/run/cancel.ts'
import { endWaits, handleAwait, handleSignal } from '../../../src/run/actor/signals.ts'
import type { RunHead } from '../../../src/run/run.ts'
import { openWorkshop } from '../workshop.ts'

/** A run that keeps what its turns write, and counts what they read and write. */
function run(parts: { [name: string]: Json } = { start: {} }) {
  let state: RunHead = { ...NEW_RUN, status: 'running' }
  const counts = { reads: 0, written: 0 }
  const effects = {
    self: { kind: 'run', key: 'r' },
    message: { correlationId: 'r' },
    part: async (name: string) => {
      counts.reads++
      return parts[name]
    },
  } as unknown as Effects

  async function take(decide: (state: RunHead, effects: Effects) => Promise<Turn<RunHead>>) {
    counts.reads = 0
    const turn = await decide(state, effects)
    state = turn.state ?? state
    counts.written = JSON.stringify([turn.parts, turn.state]).length
    for (const [name, part] of Object.entries(turn.parts ?? {})) {
      if (part === null) delete parts[name]
      else parts[name] = part
    }
    return { turn, ...counts }
  }

  return {
    parts,
    effects,
    counts,
    wait: (step: string, name: string) => {
      parts[`step/${step}`] = { status: 'running' }
      return take((state, effects) => handleAwait(state, { type: 'await', step, name, title: '' }, effects))
    },
    signal: (name: string) =>
      take((state, effects) => handleSignal(state, { type: 'signal', name, value: 1 }, effects)),
    end: () => take(endWaits),
  }
}

const to = ({ turn }: { readonly turn: Turn<RunHead> }) => turn.send?.map(({ to }) => to.key.slice('r.'.length))

describe.each([
  ['one name', () => 'go'],
  ['names of their own', (n: number) => `go-${n}`],
])('3,000 steps that wait for %s', (_, nameOf) => {
  test('cost the same each, when they begin to wait and when their signals come', async () => {
    const { wait, signal, parts } = run()
    const costs: { readonly reads: number; readonly written: number }[] = []
    for (let n = 0; n < 3000; n++) costs.push(await wait(`s${n}`, nameOf(n)))
    for (let n = 0; n < 3000; n++) {
      const cost = await signal(nameOf(n))
      expect(to(cost)).toEqual([`s${n}`])
      costs.push(cost)
    }
    expect(Math.max(...costs.map(({ reads }) => reads))).toBeLessThanOrEqual(5)
    expect(Math.max(...costs.map(({ written }) => written))).toBeLessThan(1000)
    expect(Object.keys(parts).filter((name) => name.startsWith('wait'))).toEqual([])
  })

  test('end with their run, some a turn, and each once', async () => {
    const { wait, signal, end, parts } = run()
    for (let n = 0; n < 3000; n++) await wait(`s${n}`, nameOf(n))
    await signal(nameOf(7))
    const ended: string[] = []
    for (let turns = 0; turns < 30; turns++) ended.push(...(to(await end()) ?? []))
    expect(new Set(ended).size).toBe(2999)
    expect(ended).toHaveLength(2999)
    expect(Object.keys(parts).filter((name) => name.startsWith('wait'))).toEqual([])
  })
})

test('a signal passes over waits that have ended, and a name that ran empty fills again', async () => {
  const { wait, signal, parts } = run()
  for (const step of ['a', 'b', 'c']) await wait(step, 'go')
  parts['step/a'] = { status: 'failed' }
  expect(to(await signal('go'))).toEqual(['b'])
  expect(to(await signal('go'))).toEqual(['c'])
  expect((await signal('go')).turn.reply).toMatchObject({ status: 'kept' })
  expect(to(await wait('d', 'go'))).toEqual(['d'])
  await wait('e', 'go')
  expect(to(await signal('go'))).toEqual(['e'])
})

describe('cancelling', () => {
  const LOOPS = `
name: x
steps:
  - id: first
    for_each: [1]
    max_parallel: 50
    steps:
      - { id: before, tool: say }
      - id: inner
        for_each: [1]
        max_parallel: 40
        steps: [{ id: go, tool: say }, { id: on, tool: say }]
      - { id: after, tool: say }
  - { id: first_b, tool: say }`

  const active = (count: number) => ({ active: [0, count - 1], left: {} })

  test('continues where it stopped: each step once, and each part read about once', async () => {
    const { compile } = openWorkshop()
    const pipeline = compile(LOOPS)
    const parts: { [name: string]: Json } = { 'loop/first': active(50) }
    for (let n = 0; n < 50; n++) parts[`loop/first_${n}_inner`] = active(40)
    const { effects, counts } = run(parts)
    const state: RunState = { ...NEW_RUN, status: 'running', inFlight: ['first_b', 'first'] }
    const cancelled: string[] = []
    let rest: CancelRemaining | undefined
    let turns = 0
    do {
      const { cancel, send } = await cancelSteps(pipeline, state, effects, rest)
      cancelled.push(...cancel.map(({ of }) => of.key.slice('r.'.length)))
      rest = send[0]?.body as CancelRemaining | undefined
      turns++
    } while (rest)
    // a loop of 50 iterations, each with two steps and a loop of 40 iterations of two steps
    expect(cancelled).toHaveLength(1 + 1 + 50 * (3 + 40 * 2))
    expect(new Set(cancelled).size).toBe(cancelled.length)
    expect(cancelled.slice(0, 5)).toEqual(['first_b', 'first', 'first_0_before', 'first_0_inner', 'first_0_inner_0_go'])
    expect(counts.reads).toBeLessThanOrEqual(51 + 3 * turns)
  })
})
