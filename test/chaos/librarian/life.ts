import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoalDocument } from '../../../src/agent/room/goals/port.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a copy of the example, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

const WITNESS = 'witness'
const EXAMPLE = join(import.meta.dirname, '../../../examples/agents/librarian')

/** A copy of the example in a new folder. */
export function copyExample(folder: string): string {
  cpSync(EXAMPLE, folder, { recursive: true, filter: (path) => !path.endsWith('.antiphon') })
  return folder
}

/** Works on the goal of the example in this process, approves what waits, and resolves with the goal as it is then. */
export async function live({ folder, kill }: Life): Promise<GoalDocument> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  try {
    const [, goal = ''] = /agent run librarian "([^"]+)"/.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
    await runtime.goals.start({ agent: 'librarian', goal, id: 'tidy' })
    await runtime.idle()
    for (const item of await runtime.inbox.list()) {
      if (!('run' in item)) throw new Error(`the goal waits: ${item.title}`)
      await runtime.runs.signal(item.run, item.signal, 'approve')
    }
    await runtime.idle()
    return await runtime.goals.get('tidy')
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** How many flushes the processes of a folder made. */
export function flushesIn(folder: string): number {
  const path = join(folder, WITNESS)
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').length : 0
}
