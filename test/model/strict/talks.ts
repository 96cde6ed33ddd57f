import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { loadConfig } from '../../../src/config/config.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { type Gate, gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { fastClock } from '../../fast-clock.ts'
import { CONVERSATIONS } from './conversations.ts'
import type { Conversation, Person } from './person.ts'
import { openWires, type Talk, WIRES, type WireName } from './wires.ts'

/** Characters of the result of `big`: a few of them do not fit the window of a model. */
const BIG = 7_000
const WINDOW = '12k'
/** All talks happen at once, so each wait may take as long as all of them. */
const ALL_TALKS_MS = 80_000

type Played = {
  readonly talk: Talk
  /** what tools did for it, in alphabetic order */
  readonly made: readonly string[]
  readonly texts: readonly { readonly role: string; readonly text: string }[]
  readonly statuses: readonly string[]
}

/** Lets each of these conversations happen on each wire, all at once in one runtime. */
export async function playAll(
  conversations: readonly (readonly [what: string, conversation: Conversation])[],
  wires: readonly WireName[] = WIRES,
  settings: { readonly [provider: string]: Partial<ProviderConfig> } = {},
): Promise<ReadonlyMap<string, Played>> {
  const servers = await openWires()
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-talks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const models = WIRES.map((wire) => ({ id: servers.idOf(wire), context: WINDOW, tools: true }))
  const configured = Object.entries(servers.providers).map(([name, one]) => [name, { ...one, ...settings[name] }])
  const providers = Object.fromEntries(configured)
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ model: models[0]!.id, providers, models }))
  const { tools, made, gateOf } = tricks()
  const open = async () => {
    const config = await loadConfig({ folder, environment: { LAB_KEY: 'k' } })
    return createRuntime({ ...config, embedder: 'none' }, { tools, clock: fastClock(Date.now(), 10), notice: () => {} })
  }
  let runtime = await open()
  const all = wires.flatMap((wire, order) =>
    conversations.map(([what, conversation], place) => {
      const key = `talk-${wire}-${place}`
      const talk = servers.open(key, conversation.script, conversation.isLoose)
      const around = {
        key,
        wire,
        talk,
        gate: gateOf(key),
        tools: tools.map(({ name }) => name),
        isStream: (place + order) % 2 === 0,
      }
      const person = personOf({
        ...around,
        agent: conversation.agent ?? {},
        idOf: servers.idOf,
        runtime: () => runtime,
      })
      return { name: `${wire}: ${what}`, key, talk, conversation, person }
    }),
  )
  await Promise.all(all.map(({ person, conversation }) => conversation.play(person)))
  await runtime.idle()
  const later = all.filter(({ conversation }) => conversation.later)
  if (later.length > 0) {
    await runtime.stop({ grace: 0 })
    runtime = await open()
    await Promise.all(later.map(({ person, conversation }) => conversation.later!(person)))
    await runtime.idle()
  }
  const played = all.map(async ({ name, key, talk }) => {
    const { asks } = await runtime.threads.get(key)
    const own = made.filter((to) => to.startsWith(`${key}.`)).map((to) => to.slice(key.length + 1))
    return [
      name,
      {
        ...{ talk, made: own.toSorted(), texts: await runtime.threads.messages(key) },
        statuses: asks.map(({ status }) => status),
      },
    ] as const
  })
  const found = new Map(await Promise.all(played))
  await runtime.stop({ grace: 0 })
  return found
}

/** Tools that note what they do, and the gates that hold `wait`. */
function tricks() {
  const made: string[] = []
  const gates = new Map<string, Gate>()
  const gateOf = (key: string) => gates.get(key) ?? gates.set(key, gate()).get(key)!
  const input = z.object({ to: z.string() })
  const none = z.object({})
  const act = async ({ to }: z.infer<typeof input>) => {
    made.push(to)
    return { done: to }
  }
  const once = { input, effect: 'at-most-once' } as const
  const tools = [
    defineTool({ name: 'pay', description: 'Pays.', ...once, execute: act }),
    defineTool({ name: 'sell', description: 'Sells.', ...once, approve: true, execute: act }),
    defineTool({
      ...{ name: 'wait', description: 'Waits.', ...once },
      async execute(given) {
        const done = await act(given)
        await gateOf(given.to.split('.')[0]!).pass()
        return done
      },
    }),
    defineTool({
      ...{ name: 'look', description: 'Looks.', input: z.object({ at: z.string() }), effect: 'pure' },
      execute: async ({ at }) => `saw ${at}`,
    }),
    defineTool({
      ...{ name: 'big', description: 'Reads.', input: z.object({ at: z.int() }), effect: 'pure' },
      execute: async ({ at }) => `${at} `.repeat(BIG / 2),
    }),
    defineTool({
      ...{ name: 'any', description: 'Takes anything.', input: z.looseObject({}), effect: 'pure' },
      execute: async () => null,
    }),
    defineTool({ name: 'empty', description: 'Gives nothing.', input: none, effect: 'pure', execute: async () => '' }),
    defineTool({
      ...{ name: 'fail', description: 'Fails.', input: none, effect: 'pure' },
      async execute(): Promise<string> {
        throw new Error('it is broken')
      },
    }),
  ]
  onTestFinished(() => {
    for (const one of gates.values()) one.release()
  })
  return { tools, made, gateOf }
}

type PersonParts = {
  readonly key: string
  readonly wire: WireName
  readonly talk: Talk
  readonly gate: Gate
  readonly tools: readonly string[]
  readonly agent: Partial<AgentDefinition>
  readonly isStream: boolean
  readonly idOf: (wire: WireName) => string
  readonly runtime: () => Runtime
}

function personOf({ key, wire, talk, gate, tools, agent, isStream, idOf, runtime }: PersonParts): Person {
  let models: readonly string[] = [idOf(wire)]
  let sent = 0
  const message = (text: string, more: object) => ({
    ...{ conversation: key, text: `${text} (${key})`, id: `m${++sent}` },
    agent: {
      ...{ name: 'clerk', description: 'Works.', instructions: 'You work.', skills: [], approve: 'none' as const },
      ...{ tools, model: models[0]!, otherModels: models.slice(1), ...agent },
    },
    ...(isStream && { interactive: true }),
    ...more,
  })
  return {
    say: (text, more = {}) => runtime().conversations.send(message(text, more), { signal: talk.stuck.signal }),
    post: (text, more = {}) => runtime().conversations.post(message(text, more)),
    began: () => gate.started,
    asked: (times) => until(() => talk.requests.length >= times, ALL_TALKS_MS),
    release() {
      gate.release()
      talk.hold.release()
    },
    stop: () => runtime().conversations.stop(key),
    async answer(action) {
      const item = await until(
        async () => (await runtime().inbox.list()).find((one) => 'run' in one && one.run.startsWith(`${key}.`)),
        ALL_TALKS_MS,
      )
      const { run, signal } = item as { readonly run: string; readonly signal: string }
      await runtime().runs.signal(run, signal, action)
    },
    change(...to) {
      models = [...new Set(to.map((one) => idOf(one === 'own' ? wire : one)))]
    },
  }
}

/** Everything that went wrong, one line each. */
export function faultsOf(played: ReadonlyMap<string, Played>): readonly string[] {
  return [...played].flatMap(([name, { talk, made, texts, statuses }]) => {
    const { made: wanted = [], isUnanswered } = CONVERSATIONS[name.slice(name.indexOf(': ') + 2)]!
    const found = [...talk.faults]
    if (JSON.stringify(made) !== JSON.stringify(wanted)) found.push(`made ${made} instead of ${wanted}`)
    if (talk.requests.length < talk.script.length) found.push(`asked ${talk.requests.length} times`)
    if (statuses.at(-1) !== 'completed' && !isUnanswered) found.push(`it is ${statuses.join(', ')}`)
    return [...found, ...historyFaults(texts, talk)].map((fault) => `${name}: ${fault}`)
  })
}

/** The messages of the conversation as antiphon has them, beside those that the last server was given and gave. */
function historyFaults(texts: Played['texts'], { requests, given, isLoose }: Talk): string[] {
  const last = requests.at(-1)?.turns ?? []
  const heard = last.flatMap((turn) => (turn.role === 'user' ? [turn.text] : [])).join('\n')
  return texts.flatMap(({ role, text }) => {
    const isKnown = role === 'user' ? heard.includes(text) : isLoose || given.some(({ turn }) => turn.text === text)
    return isKnown ? [] : [`the server does not know this message of ${role}: ${text}`]
  })
}
