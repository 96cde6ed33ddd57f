import type { EngineView } from '../../../engine/engine.ts'
import { goalRef } from '../../../house/actors.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { type FileRef, filesOfNote, textOfNote } from '../../../lib/media/file-ref.ts'
import { acceptableRounds } from '../../../model/call/acceptable-rounds.ts'
import { toolRoundMessages } from '../../../model/call/tool-calling.ts'
import { isReference } from '../../../model/request/files.ts'
import { toModelMessages } from '../../../model/request/messages.ts'
import type { ModelRequest, ToolRound } from '../../../model/request/request.ts'
import { environmentText } from '../../context/perceive.ts'
import { offeredTools } from '../../context/tool-offers.ts'
import type { AgentServices } from '../../goal/services.ts'
import { USUAL_WINDOW } from '../../goal/think/ask-models.ts'
import { readContext } from '../../goal/think/read-context.ts'
import { knownTexts, mayShowFiles } from '../../goal/think/read-files.ts'
import { changesOf, requestMaker } from '../../goal/think/request-of.ts'
import { MEMORY_PART } from '../../memory/recall.ts'
import { findStartOf } from '../../protocol/messages.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import { peekGoal } from '../../protocol/state.ts'
import type { RequestDocument } from './documents.ts'
import { noGoal, noRound } from './errors.ts'

type View = Pick<EngineView, 'peek' | 'parts'>
export type RequestServices = Pick<
  AgentServices,
  'toolbox' | 'readDefinition' | 'readHistory' | 'readEnvironment' | 'files' | 'contextOf' | 'formOf' | 'redact'
>

/**
 * The request that the model got in a round of a goal: made again from what is stored, by the code that made it. It
 * says how it differs from that one. Reads only: no model is asked, and no file is read again.
 */
export async function readRequest(
  view: View,
  services: RequestServices,
  goal: string,
  number: number,
): Promise<RequestDocument> {
  const { request, changed, model } = await requestAgain(view, services, goal, number)
  const form = await services.formOf?.({ ...request, ...(model !== undefined && { model }) })
  const prompt = toModelMessages({ ...request, files: [] }, form)
  const first = (request.files ?? []).filter(isReference)
  const rounds = acceptableRounds(request.rounds ?? [], request.tools)
  const messages: Message[] = [
    ...prompt.map(({ role, text }) => ({ role, text, ...(role === 'user' && first.length > 0 && { files: first }) })),
    ...rounds.flatMap(messagesOf),
  ]
  const { redact = (text: string) => text } = services
  return {
    goal,
    round: number,
    ...(model !== undefined && { model }),
    ...bounded(messages.map((message) => ({ ...message, text: redact(message.text) }))),
    tools: (request.tools ?? []).map(({ name }) => name),
    changed,
  }
}

type Message = RequestDocument['messages'][number]

/** A request that is made again; `changed`: how it differs from the one that the model got. */
async function requestAgain(
  view: View,
  services: RequestServices,
  goal: string,
  number: number,
): Promise<{ readonly request: ModelRequest; readonly changed: string[]; readonly model: string | undefined }> {
  const state = await peekGoal(view, goal)
  const start = await findStartOf(goal, view.parts)
  if (!state || !start) throw noGoal(goal)
  const part = (name: string) => readSinglePart(view.parts, goalRef(goal), name)
  const round = (await part(roundPart(number))) as Round | undefined
  if (!round || number > state.rounds) throw noRound(goal, number)
  // a reused round was asked in the goal that it was copied from
  if (start.from && number <= start.from.rounds && (await findStartOf(start.from.goal, view.parts)))
    return requestAgain(view, services, start.from.goal, number)
  const { given, model } = round
  const definition = await services.readDefinition(start.definition)
  const memory = (await part(MEMORY_PART)) as string | undefined
  const before = { rounds: number - 1, told: round.told ?? [] }
  const context = await readContext(services, start, before, memory, { part })
  const tools = offeredTools(definition, services.toolbox, mayShowFiles(context))
  const texts = await knownTexts(services, context, definition, round.readings)
  const name = definition.environment
  const environment =
    name === undefined
      ? undefined
      : (given?.environment ?? environmentText({ name, ...(await services.readEnvironment(name, state.owner)) }))
  const window = given?.window ?? services.contextOf(model ?? definition.model) ?? USUAL_WINDOW
  const request = requestMaker({ start, definition, context, tools, texts, environment })(window)
  return { request, changed: given ? changesOf(request, environment, given) : [UNKNOWN], model }
}

const UNKNOWN = 'The round was stopped, so whether its model got the same is not known.'

/** A round as messages of texts, each with the files that go with it. */
function messagesOf(round: ToolRound): Message[] {
  const { told: notes = [], now = [], results } = round
  const withoutFiles = {
    ...round,
    told: notes.map(textOfNote),
    now: now.map(textOfNote),
    results: results.map(({ files: _, ...result }) => result),
  }
  const files: { readonly [role: string]: readonly FileRef[] } = {
    user: [...notes, ...now].flatMap(filesOfNote),
    tool: results.flatMap((result) => result.files ?? []),
  }
  return toolRoundMessages(withoutFiles).map(({ role, content }) => {
    const shown = files[role] ?? []
    const text = typeof content === 'string' ? content : content.map(textOfPart).join('\n')
    return { role, text, ...(shown.length > 0 && { files: [...shown] }) }
  })
}

type Part = {
  readonly type: string
  readonly text?: unknown
  readonly toolName?: string
  readonly input?: unknown
  readonly output?: unknown
}

/** A part of a message as text: a call with its parameters, a result with its tool. */
function textOfPart({ type, text, toolName, input, output }: Part): string {
  if (type === 'tool-call') return `${toolName} ${JSON.stringify(input)}`
  if (type !== 'tool-result') return typeof text === 'string' ? text : ''
  const { value } = output as { readonly value: unknown }
  return `${toolName}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
}

/** Bytes of all texts, and messages, that are shown of a request. */
const MAX_BYTES = 256 * 1024
const MAX_MESSAGES = 1000
/** Messages at the beginning that stay: the instructions and the first text. */
const FIRST_MESSAGES = 2

/** Messages within bounds: the longest texts are cut, and of very many messages those after the first are left out. */
function bounded(all: readonly Message[]): Pick<RequestDocument, 'messages' | 'cut' | 'leftOut'> {
  const leftOut = Math.max(0, all.length - MAX_MESSAGES)
  const within = [...all.slice(0, FIRST_MESSAGES), ...all.slice(FIRST_MESSAGES + leftOut)]
  const most = longestText(within.map(({ text }) => Buffer.byteLength(text)))
  const messages = within.map((message) => {
    const bytes = Buffer.from(message.text)
    if (bytes.length <= most) return message
    // a stream leaves out the bytes of half a character
    const beginning = new TextDecoder().decode(bytes.subarray(0, most), { stream: true })
    return { ...message, text: `${beginning}…`, characters: message.text.length }
  })
  const isCut = leftOut > 0 || messages.some(({ characters }) => characters !== undefined)
  return { messages, ...(isCut && { cut: true as const }), ...(leftOut > 0 && { leftOut }) }
}

/** The bytes that a text may have so that all of them fit. Short texts leave their share to the longer ones. */
function longestText(sizes: readonly number[]): number {
  let left = MAX_BYTES
  const sorted = sizes.toSorted((one, other) => one - other)
  for (const [at, size] of sorted.entries()) {
    const share = left / (sorted.length - at)
    if (size > share) return Math.floor(share)
    left -= size
  }
  return MAX_BYTES
}
