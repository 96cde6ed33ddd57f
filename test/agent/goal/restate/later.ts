import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { loadConfig } from '../../../../src/config/config.ts'
import { createRuntime } from '../../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../../src/testing/scripted-model.ts'

const CLERK = { name: 'clerk', description: 'Notes', instructions: 'You note.', tools: [], skills: [] }
const LAB = { id: 'lab/one', cost: { input: 1, output: 1 } }

/** A node whose model writes down the goal of each call, and answers after `before`. */
export async function openLater(folder: string, before: () => Promise<void>) {
  const model: LanguageModelV4 = {
    ...scriptedModel([]),
    async doGenerate(options) {
      appendFileSync(join(folder, 'asked'), `${/goal-\w+/.exec(JSON.stringify(options.prompt))![0]}\n`)
      await before()
      return scriptedModel([{ reply: 'noted' }]).doGenerate(options)
    },
  }
  const config = await loadConfig({ folder, environment: {} })
  const settings = { ...config, embedder: 'none' as const, model: LAB.id, models: [LAB] }
  return createRuntime(settings, { models: { 'lab/one': model } })
}

/** Starts goals of one key: one that works, two that wait for it, and two that begin later. */
export async function startLater({ goals }: Awaited<ReturnType<typeof openLater>>): Promise<void> {
  const queue = { key: 'ann' }
  const start = (id: string, when = {}) => goals.start({ agent: CLERK, goal: `Note ${id}.`, id, queue, ...when })
  for (const id of ['goal-one', 'goal-two', 'goal-gone']) await start(id)
  await start('goal-soon', { delay: 0.5 })
  await start('goal-far', { delay: '1h' })
}
