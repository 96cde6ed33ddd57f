import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLimits } from '../../src/chain/protocol/limits.ts'
import { limitsOf } from '../../src/chain/settings.ts'
import { loadConfig } from '../../src/config/config.ts'
import { setUp } from './fixture.ts'

function configOf(chain: string) {
  const folder = mkdtempSync(join(tmpdir(), 'chain-settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'antiphon.yaml'), `chain: ${chain}\n`)
  return loadConfig({ folder, environment: {} })
}

test('chain: sets the limits that it names, and the others stay', async () => {
  const { chain } = await configOf(
    '{ maxCycles: 2, deadline: 3m, phaseDeadlines: { intention: 10 }, history: { exchanges: 4 }, files: { count: 1 } }',
  )
  expect(createLimits(limitsOf(chain))).toEqual({
    ...createLimits(),
    maxCycles: 2,
    deadline: 180_000,
    phaseDeadlines: { intention: 10_000 },
    remembered: 4,
    files: 1,
  })
  expect(limitsOf(undefined)).toEqual({})
})

test.each([
  ['{ maxCycles: 6 }', 'chain.maxCycles'],
  ['{ deadline: 0.5 }', 'chain.deadline'],
  ['{ phaseDeadlines: { intention: 2d } }', 'chain.phaseDeadlines.intention'],
  ['{ files: { count: 0 } }', 'chain.files.count'],
])('chain: %s is refused with its place', async (text, path) => {
  await expect(configOf(text)).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringContaining(path) })
})

test('a phase that misses its deadline is degraded, and the ask goes on', async () => {
  const { ask } = setUp({
    script: { intention: { gate: new Promise(() => {}), reply: 'never' } },
    limits: { phaseDeadlines: { intention: 60 } },
  })
  const reply = await ask('What is the moon made of?')
  expect(reply).toMatchObject({ answer: expect.stringContaining('the answer') })
  expect(reply.degraded).toEqual([
    { phase: 'intention', reason: expect.stringContaining('The phase took longer than its deadline, 0.06 s.') },
  ])
})

test('at the deadline of Yield an ask with files fails and names it', async () => {
  const { ask } = setUp({
    script: { yield: { gate: new Promise(() => {}), reply: 'never' } },
    limits: { phaseDeadlines: { yield: 60 } },
  })
  await expect(ask('What is the moon made of?')).rejects.toThrow('longer than its deadline')
})
