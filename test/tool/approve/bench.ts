import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StepItem } from '../../../src/run/room/documents.ts'
import type { ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { openGoals } from '../../agent/goal/folder.ts'

/** The plugin with the refunds. */
export const PLUGIN = join(import.meta.dirname, 'refund-plugin.ts')

/** A folder with refunds, of which no policy asks for any. `refunds`: those that were made, as a file outside says. */
export async function openShop(script: readonly ScriptedTurn[] = [], yaml = 'tools: { approve: none }') {
  const opened = await openGoals(script, `plugins: [${PLUGIN}]\n${yaml}\n`)
  mkdirSync(opened.path('agents'))
  const refunds = () => refundsIn(opened.folder)
  const run = async (text: string, id: string) => {
    await opened.runtime.runs.start({ source: { text }, id })
    await opened.runtime.idle()
  }
  return { ...opened, refunds, run }
}

export type Shop = Awaited<ReturnType<typeof openShop>>

/** The refunds of a folder. */
export const refundsIn = (folder: string): readonly string[] =>
  existsSync(join(folder, 'refunds')) ? readFileSync(join(folder, 'refunds'), 'utf8').trim().split('\n') : []

/** Answers everything that waits, one after the other, and returns the questions. */
export async function answerAll(runtime: ServedRuntime, answer: object = { action: 'approve' }) {
  const asked: string[] = []
  for (;;) {
    const [item] = (await runtime.inbox.list()) as readonly StepItem[]
    if (!item) return asked
    asked.push(item.title)
    await runtime.runs.signal(item.run, item.signal, answer as never)
    await runtime.idle()
  }
}
