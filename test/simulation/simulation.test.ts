import { expect, test } from 'vitest'
import { simulate } from '../../src/testing/simulation/simulate.ts'
import { actors } from './actors.ts'
import { command } from './command.ts'

const SEEDS = 1_000

test.each(['inline', 'libsql'] as const)(
  `the %s engine keeps its promises over ${SEEDS} seeds`,
  { timeout: 120_000 },
  async (engine) => {
    const { trials, lives } = await simulate({ actors, command, engine, seeds: SEEDS })
    expect(trials).toBe(SEEDS)
    // crashes and restarts took place
    expect(lives).toBeGreaterThan(2 * SEEDS)
  },
)

test.each(['inline', 'libsql'] as const)(
  'the same seed is the same trial, step by step, on the %s engine',
  async (engine) => {
    const hashes = async (seed: number) => {
      const seen: string[] = []
      await simulate({ actors, command, engine, seed, seeds: 50, onTrial: (_seed, { hash }) => seen.push(hash) })
      return seen
    }
    expect(await hashes(1)).toEqual(await hashes(1))
    expect(new Set(await hashes(1)).size).toBe(50)
  },
)
