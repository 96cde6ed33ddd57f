import { expect, test } from 'vitest'
import type { ClientCommand, TrialPlan } from '../../trials/simulation/plan/plan.ts'
import { runTrial } from '../../trials/simulation/trial.ts'
import { actors } from './actors.ts'

const LIMITS = { whole: { bytes: 4 << 20, chunk: 512, trim: 64 }, small: { bytes: 1, chunk: 1, trim: 1 } }
const to = { kind: 'counter', key: '0' }
const tell: ClientCommand = { type: 'tell', to, body: { add: 1 } }
const fail: ClientCommand = { type: 'tell', to, body: { add: 1, end: 'fail' } }
const retry: ClientCommand = { type: 'retry' }

/** What goes wrong when clients follow these commands, over some orders of events. */
async function violationsOf(
  clients: readonly (readonly ClientCommand[])[],
  { faults = [], checkpoint = LIMITS.whole, batch = 1024, over = 0 }: Partial<TrialPlan> = {},
): Promise<readonly string[]> {
  const commands = clients.flat()
  const numbers = clients.map((list) => list.map((one) => commands.indexOf(one)))
  const violations: string[] = []
  for (let seed = 1; seed <= 60; seed++) {
    const plan = { seed, clients: numbers, faults, checkpoint, batch, over }
    const trial = await runTrial(plan, { engine: 'libsql', actors, commandOf: (number) => commands[number]! })
    violations.push(...trial.violations)
  }
  return violations
}

test('processes that die one after the other in the midst of their first flush', async () => {
  const faults = [2, 3, 4].map((flush) => ({ type: 'torn', flush }) as const)
  expect(await violationsOf([[tell, tell, tell]], { faults })).toEqual([])
})

const look: ClientCommand = { type: 'look', at: to }

test('dead letters are there while a checkpoint moves them', async () => {
  const clients = [
    [fail, fail, fail],
    [look, look, look],
    [look, tell, look],
  ]
  expect(await violationsOf(clients, { checkpoint: LIMITS.small })).toEqual([])
})

test('a dead letter that two send again at once is taken once', async () => {
  const start: ClientCommand = {
    type: 'tell',
    to: { kind: 'run', key: '0' },
    body: { type: 'start', steps: 1, effect: 'idempotent' },
  }
  const clients = [
    [start, tell, tell, tell],
    [tell, retry, retry],
    [tell, retry, retry],
  ]
  expect(await violationsOf(clients, { faults: [{ type: 'effect', call: 1, problem: 'terminal' }] })).toEqual([])
})
