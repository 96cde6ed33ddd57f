import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { scriptFor, stepOf } from '../../chain/fixture.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'
import { actsIn, type DieAt, dieAt, doIn, linesOf } from './acts.ts'

/** One process on a folder, and when it dies; the engine is that of the folder. */
export type Life = { readonly folder: string; readonly kill?: Kill; readonly dies?: DieAt }

const WITNESS = 'witness'

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string) => linesOf(join(folder, WITNESS)).length

/** A folder with the settings of all processes: the search service at `url`, and a phase file. */
export function makeFolder(folder: string, url: string, more: object = {}): string {
  mkdirSync(folder, { recursive: true })
  const settings = {
    model: 'scripted/model',
    search: { backend: 'searxng', url },
    ledger: { sharing: 'public' },
    phases: ['./phase.ts'],
    ...more,
  }
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  const phase = JSON.stringify(join(import.meta.dirname, 'own-phase.ts'))
  writeFileSync(
    join(folder, 'phase.ts'),
    `import { ownYield } from ${phase}\nexport default ownYield(import.meta.dirname)\n`,
  )
  return folder
}

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

/** The model of the script, whose calls are acts. */
function modelIn(folder: string): LanguageModelV4 {
  const model = scriptedModel(SCRIPT)
  const noted = <T>(act: (options: LanguageModelV4CallOptions) => T) => {
    return (options: LanguageModelV4CallOptions) => {
      const reply = act(options)
      doIn(folder, `model ${stepOf(model.calls.at(-1)!.prompt)}`)
      return reply
    }
  }
  return { ...model, doGenerate: noted(model.doGenerate), doStream: noted(model.doStream) }
}

const toolsIn = (folder: string) => [
  defineTool({
    name: 'send',
    description: 'Sends a message',
    input: z.object({ to: z.string() }),
    output: z.string(),
    effect: 'at-most-once',
    execute() {
      doIn(folder, 'send')
      return 'it was sent'
    },
  }),
  defineTool({
    name: 'stamp',
    description: 'Stamps a text',
    input: z.object({ text: z.string() }),
    output: z.string(),
    effect: 'idempotent',
    execute(_, { idempotencyKey }) {
      doIn(folder, `stamp ${idempotencyKey}`)
      return 'stamped'
    },
  }),
]

const PROMPT = 'When does the ferry leave?'

/** Asks the question of the test in this process, approves the call that waits, and resolves with all that came of it. */
export async function live({ folder, kill, dies }: Life) {
  dieAt(dies)
  const config = await loadConfig({ folder, environment: {} })
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const runtime = await openRuntime(
    { ...config, embedder: 'none', ...(!config.restate && { durability: 'process' }) },
    {
      ...(!config.restate && { openDatabase: (options) => openWitnessed(options, notes, kill) }),
      notice: () => {},
      models: { 'scripted/model': modelIn(folder) },
      tools: toolsIn(folder),
    },
  )
  const { threads, priors, ledger } = runtime
  const memory = runtime.memory('local')
  try {
    await memory.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees.' }])
    const asked = threads.ask({
      id: 'ask_1',
      thread: 't',
      prompt: PROMPT,
      tools: ['send', 'stamp'],
      share: true,
      memory: { remember: true },
    })
    const answer = await approving(runtime, folder, asked)
    const entries = await untilBooked(runtime)
    const { prior, ...rewards } = await priors.rewards('ask_1')
    const { account: _, ...balance } = await ledger.balance()
    return {
      answer,
      rewards,
      balance,
      receipts: await Promise.all(entries.map(async ({ op, hash }) => (await ledger.receipt(op)).hash === hash)),
      amounts: entries.map(({ n, amount }) => [n, amount]),
      verified: (await ledger.verify()).ok,
      remembered: (await memory.list()).map(({ kind, text }) => `${kind} ${text}`).toSorted(),
      priors: (await runtime.memory('public').list()).map(({ id, text }) => [id === prior, text]),
    }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** Everything that came of an ask. */
export type Lived = Awaited<ReturnType<typeof live>>

/** A person approves each call, and looks after it if it may have been made or not. */
async function approving<T>({ inbox, runs }: ServedRuntime, folder: string, asked: Promise<T>): Promise<T> {
  const settled = asked.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([settled, sleep(20, false)])))
    for (const item of await inbox.list()) {
      if (!('run' in item)) throw new Error(`the ask waits: ${item.title}`)
      const made = { outcome: 'done', result: 'it was sent' } as const
      if (item.kind !== 'unknown') await runs.signal(item.run, item.signal, 'approve', { id: `approve-${item.run}` })
      else await runs.settle(item.run, item.step, actsIn(folder).includes('send') ? made : { outcome: 'not-done' })
    }
  return asked
}

/** The ledger gets the reward after the answer. */
async function untilBooked({ ledger }: ServedRuntime) {
  for (;;) {
    const entries = await ledger.history()
    if (entries.length > 0) return entries
    await sleep(10)
  }
}
