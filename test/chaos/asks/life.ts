import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { Answer } from '../../../src/runtime/ports/threads.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { scriptFor } from '../../chain/fixture.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder, the address of its search service, and when it dies. */
export type Life = { readonly folder: string; readonly url: string; readonly kill?: Kill }

const WITNESS = 'witness'
const SENT = 'sent'

/** The messages that the lives of a folder have sent. */
export const sentIn = (folder: string) => linesOf(join(folder, SENT))

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string) => linesOf(join(folder, WITNESS)).length

const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [])

const SCRIPT = scriptFor({
  action: [
    { only: (prompt) => !prompt.includes('was sent'), calls: [{ name: 'send', input: { to: 'ann' } }] },
    { reply: 'first answer' },
  ],
  understanding: [
    {
      only: (prompt) => !prompt.includes('the pier is old'),
      reply: { loop: true, confidence: 0.4, gaps: ['the pier'], target: 'experience' },
    },
    { reply: { loop: false, synthesis: 'entirely different words' } },
  ],
  yield: 'at 9:40 <vid>w1</vid> from the old pier <vid>w2</vid>',
})

/** Asks the question of the test in this process, approves the call that waits, and resolves with the answer. */
export async function live({ folder, url, kill }: Life): Promise<Answer> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const send = defineTool({
    name: 'send',
    description: 'Sends a message',
    input: z.object({ to: z.string() }),
    output: z.string(),
    effect: 'at-most-once',
    async execute({ to }) {
      appendFileSync(join(folder, SENT), `${to}\n`)
      return 'it was sent'
    },
  })
  const config = await loadConfig({ folder, environment: {} })
  const search = { backend: 'searxng', url } as const
  const runtime = await openRuntime(
    { ...config, model: 'scripted/model', embedder: 'none', search, durability: 'process' },
    {
      openDatabase: (options) => openWitnessed(options, notes, kill),
      notice: () => {},
      models: { 'scripted/model': scriptedModel(SCRIPT) },
      tools: [send],
    },
  )
  try {
    const answered = runtime.threads.ask({
      id: 'ask_1',
      thread: 't',
      prompt: 'When does the ferry leave?',
      tools: ['send'],
    })
    const settled = answered.then(
      () => true,
      () => true,
    )
    while (!(await Promise.race([settled, new Promise<false>((next) => setTimeout(next, 20, false))])))
      for (const item of await runtime.inbox.list()) {
        if (!('run' in item)) throw new Error(`the ask waits: ${item.title}`)
        const made = { outcome: 'done', result: 'it was sent' } as const
        if (item.kind !== 'unknown') await runtime.runs.signal(item.run, item.signal, 'approve')
        else await runtime.runs.settle(item.run, item.step, sentIn(folder).length > 0 ? made : { outcome: 'not-done' })
      }
    return await answered
  } finally {
    await runtime.stop({ grace: 0 })
  }
}
