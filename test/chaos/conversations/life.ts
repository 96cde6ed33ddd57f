import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { z } from 'zod'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { MessageReply } from '../../../src/agent/room/conversation/port.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import type { DatabaseOptions } from '../../../src/store/database/open.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder with a conversation, and when it dies; the engine is that of the folder. */
export type Life = { readonly folder: string; readonly kill?: Kill }

type Event = { readonly cursor: string; readonly type: string }

/**
 * The conversation at its end: the replies to its messages, its events, and the events as somebody saw them who
 * followed the conversation through all its processes.
 */
export type Lived = {
  readonly replies: readonly MessageReply[]
  /** the names of the files of its second message, and of all its files */
  readonly names: readonly string[]
  readonly events: readonly Event[]
  readonly followed: readonly Event[]
}

const WITNESS = 'witness'
const THOUGHTS = 'thoughts'
const PARTS = 'parts'
const FOLLOWED = 'followed'
const CONVERSATION = 'talk'

/** The smallest picture. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const CLERK: AgentDefinition = {
  name: 'clerk',
  description: 'Posts letters',
  instructions: 'You are the clerk.',
  tools: ['post', 'keep', 'pack'],
  skills: [],
  approve: ['post'],
}

/** A folder with the settings of all processes. */
export function makeFolder(folder: string, engine?: object): string {
  mkdirSync(folder, { recursive: true })
  const models = [{ id: 'lab/one', cost: { input: 1, output: 1 } }]
  const plugins = [join(import.meta.dirname, '../kinds/plugin.ts')]
  const settings = { model: 'lab/one', models, plugins, roots: ['.'], writes: ['.'], ...(engine && { engine }) }
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  return folder
}

/** A tool of the program that does three things, each of which is recorded. It writes down what it does. */
const packIn = (folder: string) =>
  defineTool({
    name: 'pack',
    description: 'Packs a letter',
    effect: 'idempotent',
    input: z.object({ of: z.string() }),
    async execute(_, { once }) {
      const parts: string[] = []
      for (const part of ['fold', 'seal', 'stamp'])
        parts.push(
          await once(part, () => {
            appendFileSync(join(folder, PARTS), `${part}\n`)
            return part
          }),
        )
      return { parts }
    },
  })

/** A model that goes by what it reads: it posts once, packs, and says what it was told. It writes down each call. */
function modelIn(folder: string): LanguageModelV4 {
  const turnFor = (options: LanguageModelV4CallOptions) => {
    const read = JSON.stringify(options.prompt)
    const results = options.prompt.filter(({ role }) => role === 'tool').length
    const isLast = read.includes('What did you do?')
    appendFileSync(join(folder, THOUGHTS), `${isLast ? 'last' : `round ${results + 1}`}\n`)
    // the picture comes with that message, as long as the conversation is shown
    const thanks = read.includes('And say thanks.') && read.includes('"type":"file"') ? ', thanks' : ''
    const turn: ScriptedTurn = isLast
      ? { reply: `I posted it${thanks}.` }
      : results === 0
        ? { calls: [{ name: 'post', input: { of: 'talk', v: 'sent' } }] }
        : results === 1
          ? { calls: [{ name: 'pack', input: { of: 'talk' } }] }
          : { reply: `Posted${thanks}.` }
    return scriptedModel([{ ...turn, usage: { input: 10, output: 1 } }])
  }
  return {
    ...scriptedModel([]),
    doGenerate: async (options) => turnFor(options).doGenerate(options),
    doStream: async (options) => turnFor(options).doStream(options),
  }
}

/** Sends the messages that are not sent yet, approves what waits, and resolves with the conversation at its end. */
export async function live({ folder, kill }: Life): Promise<Lived> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const witnessed = { openDatabase: (options: DatabaseOptions) => openWitnessed(options, notes, kill) }
  const runtime = await openRuntime(
    { ...config, embedder: 'none', ...(!config.restate && { durability: 'process' }) },
    {
      ...(!config.restate && witnessed),
      models: { 'lab/one': modelIn(folder) },
      tools: [packIn(folder)],
      notice: () => {},
    },
  )
  const { conversations } = runtime
  const message = (id: string, text: string, files: readonly string[] = []) => ({
    conversation: CONVERSATION,
    agent: CLERK,
    id,
    text,
    files,
  })
  try {
    // as a program does: the result of the call may be on its way
    await runtime.engine.start()
    await conversations.post(message('m1', 'Post it.'))
    const following = follow(runtime, folder)
    await nextWait(runtime)
    const { file } = await runtime.files.add(PIXEL, { name: 'photo.png' })
    await conversations.post(message('m2', 'And say thanks.', [file]))
    await untilNobodyWaits(runtime, folder)
    await conversations.send(message('m3', 'What did you do?'))
    const replies = await Promise.all(['m1', 'm2', 'm3'].map((id) => conversations.get(CONVERSATION, id)))
    await following
    const { asks, files = [] } = await runtime.threads.get(CONVERSATION)
    const names = [...(asks[1]!.files ?? []), ...files].map(({ name }) => name)
    return { replies, names, events: await eventsIn(runtime), followed: followedIn(folder) }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** A person approves the call, and looks after it if it may have been made or not. */
async function untilNobodyWaits(runtime: ServedRuntime, folder: string): Promise<void> {
  for (let item = await nextWait(runtime); item; item = await nextWait(runtime)) {
    if (!('run' in item)) throw new Error(`it waits: ${item.title}`)
    if (item.kind !== 'unknown') {
      // a node on Restate may be idle before the second message has its answer
      while ((await runtime.goals.get(`${CONVERSATION}.m1`)).status !== 'completed') await sleep(10)
      await runtime.runs.signal(item.run, item.signal, 'approve', { id: `approve-${item.run}` })
      continue
    }
    const isMade = linesIn(join(folder, LEDGER)).some((line) => /^start .* talk sent$/.test(line))
    const settlement = isMade ? { outcome: 'done' as const, result: 'sent' } : { outcome: 'not-done' as const }
    await runtime.runs.settle(item.run, item.step, settlement)
  }
}

/** What waits for a person; undefined: the first message has its answer, and the result of its call has come. */
async function nextWait({ goals, threads, inbox, idle }: ServedRuntime) {
  for (;;) {
    // a node on Restate may be idle while the server pauses before it calls it again
    await idle()
    const [item] = await inbox.list()
    if (item) return item
    const { asks } = await threads.get(CONVERSATION)
    const { status, rounds } = await goals.get(`${CONVERSATION}.m1`)
    const isLate = rounds[0]?.calls[0]?.outcome === 'pending'
    const isKnown = !isLate || asks.some(({ resultOf }) => resultOf)
    if (status === 'completed' && isKnown && asks.every(({ endedAt }) => endedAt)) return undefined
    await sleep(10)
  }
}

/** Follows the conversation to its last answer, after the last event that an earlier process has written down. */
async function follow({ conversations }: ServedRuntime, folder: string): Promise<void> {
  const seen = followedIn(folder)
  const after = seen.at(-1)?.cursor
  let ends = seen.filter(({ type }) => type === 'ask-end').length
  if (ends === MESSAGES) return
  for await (const { cursor, live: isLive, body } of conversations.events(
    CONVERSATION,
    after === undefined ? {} : { after },
  )) {
    if (isLive) continue
    const { type } = body as { readonly type: string }
    appendFileSync(join(folder, FOLLOWED), `${JSON.stringify({ cursor, type } satisfies Event)}\n`)
    if (type === 'ask-end' && ++ends === MESSAGES) return
  }
}

/** Two messages, the result of the call, and a third message. */
const MESSAGES = 4

/** The events as the follower saw them, in order. */
export const followedIn = (folder: string): readonly Event[] =>
  linesIn(join(folder, FOLLOWED)).map((line) => JSON.parse(line) as Event)

/** All events, read as a follower that begins anew after each one. */
async function eventsIn({ conversations }: ServedRuntime): Promise<Lived['events']> {
  const events: Event[] = []
  let ends = 0
  while (ends < MESSAGES) {
    const after = events.at(-1)?.cursor
    const from = after === undefined ? {} : { after }
    for await (const { cursor, live, body } of conversations.events(CONVERSATION, from)) {
      if (live) continue
      const { type } = body as { readonly type: string }
      events.push({ cursor, type })
      if (type === 'ask-end') ends++
      break
    }
  }
  return events
}

/** The parts of the packing as they were done, in order. */
export const partsIn = (folder: string): readonly string[] => linesIn(join(folder, PARTS))

/** The calls of the model, in order. */
export const thoughtsIn = (folder: string): readonly string[] => linesIn(join(folder, THOUGHTS))

export const flushesIn = (folder: string): number => linesIn(join(folder, WITNESS)).length

const linesIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])
