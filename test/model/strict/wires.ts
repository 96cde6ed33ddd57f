import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { onTestFinished } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { toolSchemaFaults } from './tool-schemas.ts'
import type { AssistantTurn, Said, Turn, WireDouble } from './turns.ts'
import { anthropic } from './wire-anthropic.ts'
import { chat } from './wire-chat.ts'
import { google } from './wire-google.ts'
import { responses } from './wire-responses.ts'

export const WIRES = [
  'anthropic',
  'google',
  'openai',
  'responses',
  'deepseek',
  'groq',
  'mistral',
  'openrouter',
  'compatible',
] as const
export type WireName = (typeof WIRES)[number]

/** What the servers know of one conversation. */
export type Talk = {
  readonly script: readonly Said[]
  readonly given: { readonly wire: WireName; readonly turn: AssistantTurn }[]
  readonly requests: { readonly wire: WireName; readonly turns: readonly Turn[] }[]
  readonly faults: string[]
  readonly hold: ReturnType<typeof gate>
  /** aborted by a refusal: then no answer comes */
  readonly stuck: AbortController
  /** texts of results and rounds may be shortened in it, or replies lost */
  readonly isLoose: boolean
}

/** A conversation is known by a word in the texts of its user. */
const KEY = /talk-[a-z]+-\d+/g

/** A server on loopback for all wires. Each request is judged, and compared with what the server has said before. */
export async function openWires() {
  const talks = new Map<string, Talk>()
  let replies = 0
  const doubles: { readonly [wire in WireName]: WireDouble } = { anthropic, google, responses: responses(), ...chat }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const wire = request.url!.split('/')[1] as WireName
    const key = body.match(KEY)?.at(-1) ?? ''
    const isStream = /stream/i.test(request.url!) || JSON.parse(body).stream === true
    await answer(response, {
      wire,
      double: doubles[wire],
      body,
      talk: talks.get(key)!,
      isStream,
      next: () => ++replies,
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    providers: Object.fromEntries(WIRES.map((wire) => [wire, doubles[wire].provider(`${url}/${wire}`)])),
    idOf: (wire: WireName) => `${wire}/${doubles[wire].model}`,
    open(key: string, script: readonly Said[], isLoose = false): Talk {
      const own = JSON.parse(JSON.stringify(script).replaceAll('@', key)) as readonly Said[]
      const talk = {
        script: own,
        given: [],
        requests: [],
        faults: [],
        hold: gate(),
        stuck: new AbortController(),
        isLoose,
      }
      talks.set(key, talk)
      onTestFinished(() => talk.hold.release())
      return talk
    },
  }
}

type Asked = {
  readonly wire: WireName
  readonly double: WireDouble
  readonly body: string
  readonly talk: Talk
  readonly isStream: boolean
  /** the number of the next reply, among those of all conversations */
  next(): number
}

async function answer(response: ServerResponse, { wire, double, body, talk, isStream, next }: Asked): Promise<void> {
  const json = (status: number, value: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const { turns, faults: ofMessages } = double.read(body)
  const faults = [...ofMessages, ...toolSchemaFaults(wire, body)]
  const n = talk.requests.push({ wire, turns })
  const found = [...faults, ...(talk.isLoose ? [] : historyFaults(turns, talk, wire))]
  const said = talk.script[n - 1] ?? { text: 'The script is over.' }
  if (n > talk.script.length) found.push('asked more often than the script says')
  talk.faults.push(...found.map((fault) => `request ${n} of ${wire}: ${fault}`))
  if (faults.length > 0) {
    talk.stuck.abort()
    return void json(400, double.refusal(faults.join('; ')))
  }
  if (said.isHeld) await talk.hold.pass()
  if (said.status !== undefined) return void json(said.status, double.refusal('not now'))
  const { whole, events, turn } = double.render(said, next())
  if (!said.isBroken) talk.given.push({ wire, turn })
  if (!isStream) return void (said.isBroken ? response.destroy() : json(200, whole))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const sent = said.isBroken ? events.slice(0, -3) : events
  await new Promise((resolve) => response.write(sent.join(''), resolve))
  if (said.isBroken) response.destroy()
  else response.end()
}

/** The assistant's words in a request that are not, in this order, what the servers have said. */
function historyFaults(turns: readonly Turn[], { given }: Talk, wire: WireName): string[] {
  let next = 0
  return turns.flatMap((turn, at) => {
    if (turn.role !== 'assistant' || isBridge(turns, at)) return []
    const place = given.findIndex((one, order) => order >= next && isSame(one.turn, turn, one.wire === wire))
    if (place < 0) return [`message ${at} is not what the model said: ${JSON.stringify(turn)}`]
    next = place + 1
    return []
  })
}

/** A short message between a result and the user. */
function isBridge(turns: readonly Turn[], at: number): boolean {
  const turn = turns[at] as AssistantTurn
  const isBetween = turns[at - 1]?.role === 'tool' && turns[at + 1]?.role === 'user'
  return isBetween && turn.text === 'I have the results.' && turn.calls.length === 0
}

function isSame(one: AssistantTurn, other: AssistantTurn, isOwn: boolean): boolean {
  const plain = ({ text, calls, thoughts }: AssistantTurn) => [
    text,
    calls.map(({ name, input }) => [name, input]),
    // those of an answer are not needed any more
    isOwn && calls.length > 0 && thoughts,
  ]
  return isDeepStrictEqual(plain(one), plain(other))
}
