import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../src/testing/until.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'
import { GATE, PUBLIC, receiverAt } from '../office.ts'
import { SECRET } from '../receiver.ts'

/** One process on a data folder with an approval that waits, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** A folder whose approvals are announced at a URL. */
export function makeFolder(folder: string, url: string): string {
  mkdirSync(folder, { recursive: true })
  const settings = { serve: { publicUrl: PUBLIC }, notify: [receiverAt(url)] }
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  return folder
}

/** Starts the run if no earlier process has, and resolves when its approval is announced. */
export async function live({ folder, kill }: Life) {
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const config = await loadConfig({ folder, environment: { ANTIPHON_SECRET_HOOKS: SECRET } })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  await runtime.runs.start({ source: { text: GATE }, id: 'letter' })
  await runtime.runs.resume('letter')
  await until(async () => (await runtime.engine.view.list('notice', { where: { status: 'delivered' } })).length === 1)
  return { runtime, stop: () => runtime.stop({ grace: 0 }) }
}

/** The number of flushes that were written in a folder. */
export const flushesIn = (folder: string): number => {
  const file = join(folder, 'witness')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0
}
