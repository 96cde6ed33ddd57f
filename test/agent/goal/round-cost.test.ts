import { type FileHandle, open } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { defineTool } from '../../../src/index.ts'
import { answer, call, openGoals } from './folder.ts'

const COUNTER: AgentDefinition = {
  name: 'counter',
  description: 'Counts',
  instructions: 'Count.',
  tools: ['add-one'],
  skills: [],
}

const addOne = defineTool({
  ...{ name: 'add-one', description: 'Adds one.', effect: 'pure', input: z.strictObject({ value: z.number() }) },
  execute: ({ value }) => ({ value: value + 1 }),
})

/** Counts the times that this process waits for a file or a folder to be on the disk. */
async function countFileSyncs(): Promise<() => number> {
  const handle = await open(import.meta.filename, 'r')
  await handle.close()
  const spy = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync')
  onTestFinished(() => spy.mockRestore())
  return () => spy.mock.calls.length
}

const ROUNDS = 10
const script = () => [
  ...Array.from({ length: ROUNDS }, (_, value) => call('add-one', { value })),
  { ...answer('done'), times: 1 },
]

test('a round of one goal costs at most 2.5 commits and 3 syncs, the start and the end of the goal included', async () => {
  const { runtime } = await openGoals([...script(), ...script()], '', { tools: [addOne] })
  const fileSyncs = await countFileSyncs()
  const work = async (id: string) => {
    await runtime.goals.start({ agent: COUNTER, goal: `Count for the ${id} time.`, id })
    await runtime.idle()
    const { status, rounds } = await runtime.goals.get(id)
    expect({ status, rounds: rounds.length }).toEqual({ status: 'completed', rounds: ROUNDS + 1 })
  }
  // the first one stores what all goals of an agent share
  await work('first')
  const commits = () => runtime.status().engine!.flushes
  const [commitsBefore, syncsBefore] = [commits(), fileSyncs()]
  await work('second')
  const perRound = (count: number) => count / ROUNDS
  const committed = commits() - commitsBefore
  expect(perRound(committed)).toBeLessThanOrEqual(2.5)
  // a commit is one sync
  expect(perRound(committed + fileSyncs() - syncsBefore)).toBeLessThanOrEqual(3)
  expect(committed).toBeGreaterThan(ROUNDS)
})
