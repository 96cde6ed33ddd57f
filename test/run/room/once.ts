import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

const SETTINGS = {
  model: 'lab/one',
  models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  plugins: [join(import.meta.dirname, 'flaky.ts')],
}
const CLERK = '---\ndescription: Acts\ntools: [once]\napprove: none\n---\nAct.\n'

/** A runtime with a tool that acts once and then hangs, a run and an agent that call it. */
export async function openOnce(folder: string, file: string) {
  mkdirSync(join(folder, 'agents'), { recursive: true })
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(SETTINGS))
  writeFileSync(join(folder, 'agents/clerk.md'), CLERK)
  const config = await loadConfig({ folder, environment: {} })
  const model = scriptedModel([{ calls: [{ name: 'once', input: { file, label: 'goal' } }] }], 'lab/one')
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { models: { 'lab/one': model } })
  const call = { tool: 'once', parameters: { file, label: 'run' } }
  return { runtime, begin: () => runtime.tools.call([call], { id: 'run', onFailure: 'continue' }) }
}
