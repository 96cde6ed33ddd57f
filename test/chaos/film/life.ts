import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { scriptFor, stepOf } from '../../chain/fixture.ts'
import { actsIn, doIn, linesOf } from '../asks/acts.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a folder, the film that it asks about, and when it dies. */
export type Life = { readonly folder: string; readonly film: string; readonly kill?: Kill }

const WITNESS = 'witness'

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string) => linesOf(join(folder, WITNESS)).length

/** A folder with the settings of all processes. A call costs a cent. */
export function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const settings = {
    model: 'scripted/model',
    paidModels: true,
    models: [{ id: 'scripted/model', modalities: ['text'], cost: { input: 1000, output: 0 } }],
    sandbox: { use: ['counted'] },
  }
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  return folder
}

/** Each program that decodes is an act. */
const countedIn = (folder: string): SandboxProvider => ({
  ...bubblewrap,
  name: 'counted',
  async open(options) {
    const sandbox = await bubblewrap.open(options)
    return {
      ...sandbox,
      run(command, how) {
        doIn(folder, `decode ${command[0]}`)
        return sandbox.run(command, how)
      },
    }
  },
})

/** The phases answer from the passage that the search found. */
function modelIn(folder: string) {
  const model = scriptedModel(
    scriptFor({ yield: 'Total 900 EUR <vid>v1</vid>' }).map((turn) => ({ ...turn, usage: { input: 10, output: 1 } })),
  )
  return {
    ...model,
    doGenerate(options: Parameters<typeof model.doGenerate>[0]) {
      const reply = model.doGenerate(options)
      doIn(folder, `model ${stepOf(model.calls.at(-1)!.prompt)}`)
      return reply
    },
    doStream(options: Parameters<typeof model.doStream>[0]) {
      const reply = model.doStream(options)
      doIn(folder, `model ${stepOf(model.calls.at(-1)!.prompt)}`)
      return reply
    },
  }
}

/** Asks about the film in this process, and resolves with all that came of it. */
export async function live({ folder, film, kill }: Life) {
  const config = await loadConfig({ folder, environment: {} })
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    {
      openDatabase: (options) => openWitnessed(options, notes, kill),
      notice: () => {},
      models: { 'scripted/model': modelIn(folder) },
      sandboxes: [countedIn(folder)],
    },
  )
  try {
    const stored = await runtime.files.list()
    const readings = await Promise.all(stored.map(({ file }) => runtime.files.readings.find(file, 'film')))
    const before = actsIn(folder).length
    const { answer, citations } = await runtime.threads.ask({
      ...{ id: 'ask_1', thread: 't', prompt: 'What is the total?', files: [film], budget: 100 },
    })
    const { spent, reserved } = (await runtime.budgets.get('thread/t'))!
    return {
      answer: {
        answer,
        places: citations.map(({ at }) => at),
        files: (await runtime.files.list()).length,
        spent,
        reserved,
      },
      /** whether an earlier process had stored the reading */
      wasRead: readings.some((reading) => reading !== undefined),
      decoded: actsIn(folder)
        .slice(before)
        .filter((act) => act.startsWith('decode')).length,
    }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}
