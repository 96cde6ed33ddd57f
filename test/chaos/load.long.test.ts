import { expect, test } from 'vitest'
import { killUnderLoad } from './load/load.ts'
import { strands } from './load/strands.ts'

/** `npm run torture` kills more. */
const KILLS = 40
const seed = Math.floor(Math.random() * 2 ** 32)

test(`${KILLS} kills at random instants under load lose nothing, repeat nothing that was acknowledged, and break no file (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const { kills, faults, done, effects } = await killUnderLoad({ kills: KILLS, seed })
  expect(faults).toEqual([])
  expect(kills).toBeGreaterThanOrEqual(KILLS)
  for (const { name } of strands) expect(done[name], name).toBeGreaterThan(KILLS / 2)
  expect(effects).toBeGreaterThan(5 * KILLS)
})
