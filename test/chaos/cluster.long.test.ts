import { expect, test } from 'vitest'
import { describeOnRestate } from '../engine/restate/server.ts'
import { surviveChaos } from './cluster/chaos.ts'
import { strands } from './cluster/load.ts'

const RUNS = 20
const seed = Math.floor(Math.random() * 2 ** 32)

describeOnRestate('a cluster', () => {
  test(`of three servers and two nodes loses nothing and does nothing twice when a server and a node are killed under load (seed ${seed})`, async () => {
    const { kills, faults, done, repeats } = await surviveChaos({ runs: RUNS, kills: 2, seed, beside: 1 })
    expect(faults).toEqual([])
    expect(kills).toBe(2)
    expect(repeats.count).toBeLessThanOrEqual(repeats.most)
    // a load that stands still would prove nothing
    expect(done.runs).toBeGreaterThanOrEqual(RUNS)
    for (const { name } of strands) expect(done[name], name).toBeGreaterThan(5)
  })
})
