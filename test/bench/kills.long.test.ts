import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { killAgainAndAgain } from '../../bench/kills/kill-loop.ts'
import { PROGRAMS } from '../../bench/kills/programs.ts'

it('kills an agent at random moments, and no call is lost or made twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-kills-'))
  const program = PROGRAMS.find(({ name }) => name === 'antiphon')!
  const { signal } = new AbortController()
  try {
    const result = await killAgainAndAgain({ program, kills: 4, seed: 7, folder, signal, tell: () => {} })
    expect(result).toMatchObject({ kills: 4, goals: 4, twice: 0, lost: 0, stuck: 0, said: [] })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
