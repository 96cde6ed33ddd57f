import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { type Json, type JsonObject, tryParse } from '../../kernel/json.ts'
import { mapTexts } from '../../lib/json/map-texts.ts'
import { withoutDetails } from '../cost/usage.ts'
import { lines, sorted, unlined } from './request-form.ts'

/** A recorded reply. `pieces` of a text: the lengths in which it was streamed; without them, word by word. */
export type ReplyForm = {
  readonly content: readonly JsonObject[]
  readonly finish: string
  /** the finish reason in the words of the provider */
  readonly raw?: string
  readonly usage: Json
  readonly metadata?: Json
}

/** A reply as the SDK gives it, and the pieces of its texts. */
export type Heard = Pick<LanguageModelV4GenerateResult, 'content' | 'finishReason' | 'usage' | 'providerMetadata'> & {
  readonly pieces?: ReadonlyMap<LanguageModelV4Content, readonly number[]>
}

type Grown = { type: 'text' | 'reasoning'; text: string; providerMetadata?: unknown }

/** Collects the reply of a stream. `end` is undefined while it has no end. */
export function createHearing() {
  const content: LanguageModelV4Content[] = []
  const pieces = new Map<LanguageModelV4Content, number[]>()
  const open = new Map<string, Grown>()
  let end: Heard | undefined
  const begin = (type: Grown['type'], id: string): Grown => {
    const part: Grown = open.get(type + id) ?? { type, text: '' }
    if (!open.has(type + id)) {
      open.set(type + id, part)
      content.push(part as LanguageModelV4Content)
      pieces.set(part as LanguageModelV4Content, [])
    }
    return part
  }
  return {
    end: () => end,
    add(part: LanguageModelV4StreamPart): void {
      const [, type, what] = /^(text|reasoning)-(start|delta|end)$/.exec(part.type) ?? []
      if (type !== undefined) {
        const { id, delta = '', providerMetadata } = part as { id: string; delta?: string; providerMetadata?: unknown }
        const grown = begin(type as Grown['type'], id)
        grown.text += delta
        if (providerMetadata !== undefined) grown.providerMetadata = providerMetadata
        if (delta !== '') pieces.get(grown as LanguageModelV4Content)!.push(delta.length)
        if (what === 'end') open.delete(type + id)
      } else if (isContent(part)) content.push(part)
      else if (part.type === 'finish') {
        const { finishReason, usage, providerMetadata } = part
        end = { content, finishReason, usage, pieces, ...(providerMetadata && { providerMetadata }) }
      }
    },
  }
}

const CONTENT: readonly string[] = ['tool-call', 'source', 'file', 'tool-result']
const isContent = (
  part: LanguageModelV4StreamPart,
): part is Extract<LanguageModelV4StreamPart, LanguageModelV4Content> => CONTENT.includes(part.type)

/** Whether a reply says anything. An empty one is asked for again, so it is not recorded. */
export const saysSomething = ({ content }: Heard): boolean =>
  content.some((part) => (part.type !== 'text' && part.type !== 'reasoning') || part.text !== '')

/** The form of a reply. `hide` is run over each text. */
export function formOfReply(heard: Heard, hide: (text: string) => string): ReplyForm {
  const { content, finishReason, usage, providerMetadata, pieces } = heard
  return {
    content: content.map((part) => contentForm(part, pieces?.get(part) ?? [], hide)),
    finish: finishReason.unified,
    ...(finishReason.raw !== undefined && finishReason.raw !== finishReason.unified && { raw: finishReason.raw }),
    usage: sorted(withoutDetails(usage)),
    ...(isTelling(providerMetadata) && { metadata: mapTexts(sorted(providerMetadata), hide) }),
  }
}

const isTelling = (metadata: Heard['providerMetadata']): boolean =>
  Object.values(metadata ?? {}).some((noted) => Object.keys(noted).length > 0)

function contentForm(
  part: LanguageModelV4Content,
  pieces: readonly number[],
  hide: (text: string) => string,
): JsonObject {
  const noted = 'providerMetadata' in part && part.providerMetadata ? { metadata: sorted(part.providerMetadata) } : {}
  if (part.type === 'text' || part.type === 'reasoning') {
    const text = hide(part.text)
    const isSame = text === part.text && pieces.length > 1
    return { [part.type]: lines(text), ...(isSame && { pieces: pieces.join(' ') }), ...noted }
  }
  if (part.type === 'tool-call') {
    const { providerExecuted } = part
    const input = mapTexts(readInput(part.input), hide)
    return { call: part.toolName, input, ...(providerExecuted && { providerExecuted, id: part.toolCallId }), ...noted }
  }
  return mapTexts(sorted(part), hide) as JsonObject
}

/** The parameters of a call; as the text that they are if reading it would change them. */
function readInput(text: string): Json {
  const value = /\d{16}/.test(text) ? undefined : (tryParse(text) as Json | undefined)
  return typeof value === 'object' && value !== null ? value : text
}

/** The reply of a form. `show` is run over each text, and `nextId` names a call. */
export function replyOfForm(form: ReplyForm, show: (text: string) => string, nextId: () => string): Heard {
  const pieces = new Map<LanguageModelV4Content, readonly number[]>()
  const content = form.content.map((part): LanguageModelV4Content => {
    const { text, reasoning, call, input, id, metadata, pieces: lengths } = part
    const noted = metadata === undefined ? {} : { providerMetadata: metadata as never }
    if (call !== undefined) {
      const shown = mapTexts(input ?? null, show)
      return {
        type: 'tool-call',
        toolCallId: id === undefined ? nextId() : String(id),
        toolName: String(call),
        input: typeof shown === 'string' ? shown : JSON.stringify(shown),
        ...(part.providerExecuted === true && { providerExecuted: true }),
        ...noted,
      }
    }
    if (text === undefined && reasoning === undefined) return mapTexts(part, show) as LanguageModelV4Content
    const said: LanguageModelV4Content = {
      type: text === undefined ? 'reasoning' : 'text',
      text: show(unlined(text ?? reasoning)),
      ...noted,
    }
    if (typeof lengths === 'string') pieces.set(said, lengths.split(' ').map(Number))
    return said
  })
  const finishReason = { unified: form.finish as LanguageModelV4FinishReason['unified'], raw: form.raw ?? form.finish }
  const metadata = form.metadata === undefined ? {} : { providerMetadata: mapTexts(form.metadata, show) as never }
  return { content, finishReason, usage: form.usage as LanguageModelV4Usage, pieces, ...metadata }
}

/** The stream of a reply, with its texts in their pieces. */
export function* partsOf(reply: Heard): Generator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] }
  for (const [place, part] of reply.content.entries()) {
    if (part.type !== 'text' && part.type !== 'reasoning') {
      yield part as LanguageModelV4StreamPart
      continue
    }
    const id = String(place)
    const noted = part.providerMetadata ? { providerMetadata: part.providerMetadata } : {}
    yield { type: `${part.type}-start`, id }
    for (const delta of piecesOf(part.text, reply.pieces?.get(part))) yield { type: `${part.type}-delta`, id, delta }
    yield { type: `${part.type}-end`, id, ...noted }
  }
  const { finishReason, usage, providerMetadata } = reply
  yield { type: 'finish', finishReason, usage, ...(providerMetadata && { providerMetadata }) }
}

function piecesOf(text: string, lengths: readonly number[] = []): readonly string[] {
  const whole = lengths.reduce((sum, length) => sum + length, 0)
  if (whole !== text.length) return text.match(/(?:^\s+)?\S+\s*/g) ?? (text === '' ? [] : [text])
  let at = 0
  return lengths.map((length) => text.slice(at, (at += length)))
}
