import { join } from 'node:path'
import { Mastra } from '@mastra/core'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { LibSQLStore } from '@mastra/libsql'
import { z } from 'zod'

let storage

/**
 * Mastra under a load of runs, on libSQL as it opens it: WAL and synchronous=NORMAL, so no step is synced to the disk. A chain has a
 * step for each; what is done side by side goes over a list, which in a fan-out the first step makes and the last one takes.
 */
export async function openRuns({ shape, steps }, { folder }) {
  storage ??= new LibSQLStore({ id: 'bench', url: `file:${join(folder, 'mastra.db')}` })
  const { workflow, inputData, count } = WORKFLOWS[shape](steps)
  const found = new Mastra({ workflows: { workflow }, storage, logger: false }).getWorkflow('workflow')
  return async (id) => {
    const run = await found.createRun({ runId: `${id}-${steps}` })
    const ended = await run.start({ inputData })
    if (ended.status !== 'success') throw new Error(`the run ended as ${ended.status}`)
    return count(ended.result)
  }
}

const WORKFLOWS = { chain: chainOf, fan: fanOf, each: eachOf }

const value = z.object({ value: z.number() })
const list = z.array(value)

const stepOf = (n) =>
  createStep({
    id: `step-${n}`,
    inputSchema: value,
    outputSchema: value,
    execute: async ({ inputData }) => ({ value: inputData.value + 1 }),
  })

function chainOf(steps) {
  let workflow = createWorkflow({ id: `chain-${steps}`, inputSchema: value, outputSchema: value })
  for (let n = 0; n < steps; n++) workflow = workflow.then(stepOf(n))
  return { workflow: workflow.commit(), inputData: { value: 0 }, count: (result) => result.value }
}

function fanOf(steps) {
  const first = createStep({
    id: 'first',
    inputSchema: value,
    outputSchema: list,
    execute: async ({ inputData }) => Array.from({ length: steps - 2 }, () => inputData),
  })
  const last = createStep({
    id: 'last',
    inputSchema: list,
    outputSchema: value,
    execute: async ({ inputData }) => ({ value: inputData.length + 2 }),
  })
  const workflow = createWorkflow({ id: `fan-${steps}`, inputSchema: value, outputSchema: value })
    .then(first)
    .foreach(stepOf(0), { concurrency: steps })
    .then(last)
  return { workflow: workflow.commit(), inputData: { value: 0 }, count: (result) => result.value }
}

function eachOf(steps) {
  const workflow = createWorkflow({ id: `each-${steps}`, inputSchema: list, outputSchema: list })
  const inputData = Array.from({ length: steps }, () => ({ value: 0 }))
  return {
    workflow: workflow.foreach(stepOf(0), { concurrency: steps }).commit(),
    inputData,
    count: (result) => result.length,
  }
}
