import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AgentDefinition } from '../../../../src/agent/definition/definition.ts'
import { loadConfig } from '../../../../src/config/config.ts'
import { createRuntime } from '../../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../../src/testing/scripted-model.ts'
import { dieOnce } from './die.ts'

export const GOAL = 'chores'

const AGENT: AgentDefinition = {
  name: 'porter',
  description: 'Does chores',
  instructions: 'Do the chores.',
  tools: ['pure', 'idempotent', 'at-most-once'],
  skills: [],
  approve: ['at-most-once'],
  onUnknown: 'tell',
}

const ask = (name: string, v: string) => ({ name, input: { v } })

const ROUNDS = [
  [ask('pure', 'seen'), ask('idempotent', 'kept')],
  [ask('idempotent', 'cut')],
  [ask('at-most-once', 'sent')],
  [ask('at-most-once', 'lost')],
]

/** A model that goes by what it was told so far, and writes down each call. */
function porter(folder: string): LanguageModelV4 {
  const usage = { input: 10, output: 1 }
  return {
    ...scriptedModel([]),
    async doGenerate(options: LanguageModelV4CallOptions) {
      const round = options.prompt.filter(({ role }) => role === 'tool').length + 1
      appendFileSync(join(folder, 'thoughts'), `${round}\n`)
      dieOnce(folder, `thought-${round}`)
      const calls = ROUNDS[round - 1]
      return scriptedModel([calls ? { calls, usage } : { reply: 'done', usage }]).doGenerate(options)
    },
  }
}

/** A process of a node with the goal, which it starts or takes up. */
export async function openLife(folder: string) {
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { models: { 'lab/one': porter(folder) } })
  await runtime.goals.start({ agent: AGENT, goal: 'Do the chores.', id: GOAL })
  return runtime
}
