import { type FileHandle, open } from 'node:fs/promises'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
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

/** Goals that are counted. A busy machine splits commits, so the cheapest one tells what is needed. */
const GOALS = 5

/** Registers a provider of the program, which records each span. */
function registerProvider() {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(() => {
    trace.disable()
    context.disable()
  })
  return exporter
}

test.each([
  ['without a provider', undefined],
  ['with the provider of a program', registerProvider],
])(
  '%s, a round of one goal costs at most 2.5 commits and 3 syncs, the start and the end of the goal included',
  async (_, register) => {
    const exporter = register?.()
    const scripts = Array.from({ length: GOALS + 1 }, script).flat()
    const { runtime } = await openGoals(scripts, '', { tools: [addOne] })
    const fileSyncs = await countFileSyncs()
    const commits = () => runtime.status().engine!.flushes
    const costOf = async (id: string) => {
      const [commitsBefore, syncsBefore] = [commits(), fileSyncs()]
      await runtime.goals.start({ agent: COUNTER, goal: `Count for the ${id} time.`, id })
      await runtime.idle()
      const { status, rounds } = await runtime.goals.get(id)
      expect({ status, rounds: rounds.length }).toEqual({ status: 'completed', rounds: ROUNDS + 1 })
      return { commits: (commits() - commitsBefore) / ROUNDS, files: (fileSyncs() - syncsBefore) / ROUNDS }
    }
    // it stores what all goals of an agent share
    await costOf('first')
    const costs = []
    for (let goal = 1; goal <= GOALS; goal++) costs.push(await costOf(`${goal}`))
    const least = Math.min(...costs.map((cost) => cost.commits))
    expect(least).toBeLessThanOrEqual(2.5)
    expect(least).toBeGreaterThan(1)
    // a commit is one sync
    expect(Math.min(...costs.map((cost) => cost.commits + cost.files))).toBeLessThanOrEqual(3)
    if (exporter) expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain('begin agent counter')
  },
)
