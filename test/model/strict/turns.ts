import { createHash } from 'node:crypto'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'

/** A message of a conversation, as each server understands the request that holds it. */
export type Turn =
  | { readonly role: 'user'; readonly text: string; readonly files?: readonly string[] }
  | AssistantTurn
  | { readonly role: 'tool'; readonly results: readonly TurnResult[] }
/** `files`: the types of the files in it. */
type TurnResult = { readonly id: string; readonly text: string; readonly files?: readonly string[] }
export type AssistantTurn = {
  readonly role: 'assistant'
  readonly text: string
  /** exactly as the server gave them, with all signatures */
  readonly thoughts: Json
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: Json }[]
}

/** A reply that the model of a script gives. */
export type Said = {
  readonly think?: string
  readonly text?: string
  readonly calls?: readonly (readonly [tool: string, input: { readonly [name: string]: Json }])[]
  /** it ends at the limit of tokens */
  readonly isCut?: true
  /** the server refuses the request with this status */
  readonly status?: number
  /** the connection breaks off in the middle */
  readonly isBroken?: true
  /** the server waits until the test goes on */
  readonly isHeld?: true
}

/** A reply in the forms of a protocol. */
export type Rendered = { readonly whole: object; readonly events: readonly string[]; readonly turn: AssistantTurn }

/** A server of a protocol, which refuses what the real one refuses. */
export interface WireDouble {
  /** its provider, in antiphon.yaml */
  provider(url: string): ProviderConfig
  readonly model: string
  read(body: string): { readonly turns: readonly Turn[]; readonly faults: readonly string[] }
  render(said: Said, n: number): Rendered
  refusal(message: string): object
}

/** The demands on the order of messages. */
export type OrderRules = { readonly ids?: RegExp; readonly alternates?: boolean; readonly bridged?: boolean }

/** The faults that each server finds, whatever its protocol. */
export function orderFaults(turns: readonly Turn[], { ids = /./, alternates, bridged }: OrderRules = {}): string[] {
  const faults: string[] = []
  const used = new Set<string>()
  if (turns[0]?.role !== 'user') faults.push('the first message is not of the user')
  if (turns.at(-1)?.role === 'assistant') faults.push('the last message is of the assistant')
  for (const [at, turn] of turns.entries()) {
    const before = turns[at - 1]
    if (alternates && before?.role === turn.role) faults.push(`message ${at}: the roles do not alternate`)
    if (bridged && before?.role === 'tool' && turn.role === 'user')
      faults.push(`message ${at}: a message of the user follows a result`)
    if (turn.role === 'tool') {
      if (before?.role !== 'assistant' || before.calls.length === 0)
        faults.push(`message ${at}: a result without a call`)
      continue
    }
    if (turn.role === 'user') {
      if (turn.text.trim() === '') faults.push(`message ${at} is empty`)
      continue
    }
    if (turn.text === '' && turn.calls.length === 0) faults.push(`message ${at} has neither a text nor calls`)
    const next = turns[at + 1]
    const answered = next?.role === 'tool' ? next.results.map(({ id }) => id) : []
    if (JSON.stringify(answered.toSorted()) !== JSON.stringify(turn.calls.map(({ id }) => id).toSorted()))
      faults.push(`message ${at}: calls without their results: ${JSON.stringify(turn.calls)}, ${answered}`)
    for (const { id } of turn.calls) {
      if (!ids.test(id)) faults.push(`message ${at}: the id ${id}`)
      if (used.has(id)) faults.push(`message ${at}: the id ${id} again`)
      used.add(id)
    }
  }
  return faults
}

/** The fields in which the protocols take base64. */
const BASE64_FIELDS = ['data', 'url', 'image_url', 'file_data']
const BASE64 = /[A-Za-z0-9+/]{120}/

/** Base64 in a field that a model reads as a text. */
export function base64Faults(value: unknown, field = ''): string[] {
  if (typeof value === 'string')
    return BASE64.test(value) && !BASE64_FIELDS.includes(field) ? [`base64 in the field ${field}`] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => base64Faults(one, Array.isArray(value) ? field : name))
}

/** The type of a file in base64 or a data URL; a fault if the server does not take it. */
export function fileIn(base64: string, type: string | undefined, takes: readonly string[]): FileInBody {
  const [, ofUrl, data = base64] = /^data:([^;]+);base64,(.*)$/s.exec(base64) ?? []
  const found = type ?? ofUrl ?? 'no type'
  const isWhole = Buffer.from(data, 'base64').toString('base64') === data && data !== ''
  return {
    type: found,
    faults: [...(takes.includes(found) ? [] : [`the type ${found}`]), ...(isWhole ? [] : ['no base64'])],
  }
}
type FileInBody = { readonly type: string; readonly faults: readonly string[] }

/** The types of files in a turn, as its field. */
export const filesField = (files: readonly string[]) => (files.length > 0 ? { files } : {})

/** The signature of a thought: a server knows its own. */
export const sign = (text: string) => `sig_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`

/** A text in the pieces of a stream. */
export const pieces = (text: string): readonly string[] => text.match(/.{1,9}/gsu) ?? []

export const dataLine = (event: object) => `data: ${JSON.stringify(event)}\n\n`
