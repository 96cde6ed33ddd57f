import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type App, type StartOptions, start } from '../../../src/index.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

/** A folder whose configuration has the price of the model `lab/one`. */
export async function makeProject(more = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-program-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await writeFile(
    join(folder, 'antiphon.yaml'),
    `embedder: none\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n${more}`,
  )
  return folder
}

/** Starts a program there whose model follows a script. Each start in a process is a program of its own. */
export async function startIn<Pipeline extends string = never>(
  folder: string,
  script: readonly ScriptedTurn[],
  options: Omit<StartOptions<Pipeline>, 'folder' | 'models'>,
): Promise<App<Pipeline>> {
  const usage = { input: 10, output: 1 }
  const model = scriptedModel(
    script.map((turn) => ({ usage, ...turn })),
    'lab/one',
  )
  const app = await start<Pipeline>({ folder, models: { 'lab/one': model }, ...options })
  onTestFinished(() => app.stop({ grace: 0 }))
  return app
}
