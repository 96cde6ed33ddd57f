import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { loadConfig } from '../../../src/config/config.ts'
import type { Clock } from '../../../src/engine/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { RuntimeParts } from '../../../src/runtime/open/parts.ts'
import { type ScriptedModel, type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

/** An agent that reads, lists and appends. */
export const CLERK: AgentDefinition = {
  name: 'clerk',
  description: 'Keeps notes',
  instructions: 'You keep notes.',
  tools: ['filesystem:read', 'filesystem:append', 'filesystem:list'],
  skills: [],
}

const CONFIG = 'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n'
const usage = { input: 10, output: 1 }

/** The model asks for one call. */
export const call = (name: string, input: Json, times = 1): ScriptedTurn => ({ calls: [{ name, input }], times, usage })

/** The model answers. */
export const answer = (reply: string): ScriptedTurn => ({ reply, usage })

type OpenOptions = {
  readonly clock?: Clock
  readonly actors?: readonly Actor[]
  readonly notice?: (line: string) => void
  /** models beside the one that follows the script */
  readonly own?: { readonly [id: string]: ScriptedModel }
  readonly config?: string
  readonly environment?: { readonly [name: string]: string }
} & Pick<RuntimeParts, 'agents' | 'tools' | 'around'>

/** A folder with a model that follows a script, and its runtime, opened as often as is asked. */
export async function openGoals(
  script: readonly ScriptedTurn[],
  yaml = '',
  { clock, actors = [], notice, own = {}, config: base = CONFIG, environment = {}, ...program }: OpenOptions = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-goals-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  const write = (name: string, text: string) => writeFileSync(path(name), text)
  // goals write here without a person unless a test says otherwise
  write('antiphon.yaml', base + (/^writes:/m.test(yaml) ? '' : 'writes: [.]\n') + yaml)
  const model: ScriptedModel = scriptedModel(script, 'lab/one')
  const open = async (code: Pick<RuntimeParts, 'agents' | 'tools' | 'around'> = program) => {
    const config = await loadConfig({ folder, environment })
    // a busy machine is no reason for a goal to wait
    const health = { eventLoopMs: 60_000, ...config.health }
    const runtime = await createRuntime(
      { ...config, health, embedder: 'none' },
      { ...code, models: { 'lab/one': model, ...own }, actors, ...(clock && { clock }), ...(notice && { notice }) },
    )
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  return { folder, path, write, model, open, runtime: await open() }
}
