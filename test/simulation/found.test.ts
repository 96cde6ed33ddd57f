import { expect, test } from 'vitest'
import type { Command, Plan } from '../../src/testing/simulation/plan.ts'
import { runTrial } from '../../src/testing/simulation/trial.ts'
import { actors } from './actors.ts'

const WHOLE = { bytes: 4 << 20, chunk: 512, trim: 64 }
const tell: Command = { type: 'tell', to: { kind: 'counter', key: '0' }, body: { add: 1 } }

/** What a plan comes to when each client follows these commands. */
async function outcomeOf(clients: readonly (readonly Command[])[], faults: Plan['faults']): Promise<readonly string[]> {
  const commands = clients.flat()
  const plan = {
    seed: 1,
    clients: clients.map((list) => list.map((one) => commands.indexOf(one))),
    faults,
    checkpoint: WHOLE,
  }
  const setup = { engine: 'libsql', actors, commandOf: (number: number) => commands[number]! } as const
  return (await runTrial(plan, setup)).violations
}

test('two processes that die one after the other in the midst of their first flush', async () => {
  const faults = [2, 3].map((flush) => ({ type: 'torn', flush }) as const)
  expect(await outcomeOf([[tell, { ...tell }, { ...tell }]], faults)).toEqual([])
})
