import { isJsonObject } from '../../kernel/json.ts'
import { filesOfNote, type Note, textOfNote } from '../../lib/media/file-ref.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { inSentNames, withNames } from '../offer/parameter-names.ts'
import { namesOfSchema } from '../offer/tool-schema.ts'
import type { JsonSchema } from '../prompt/task.ts'
import type { AssistantPart, ToolOffer, ToolResult, ToolRound } from '../request/request.ts'
import { type CallIds, createCallIds } from '../wire/call-ids.ts'
import type { WireRules } from '../wire/rules.ts'

/**
 * Rounds as a strict provider accepts them, whatever the model has said: the ids of calls are unique in the
 * conversation, parameters are an object, names were offered, also those of parameters, each call has one result in the
 * same order, and no text or message is empty. Equal rounds give equal results, so the beginning of a conversation
 * stays the same. Pure.
 */
export function acceptableRounds(
  rounds: readonly ToolRound[],
  tools: readonly ToolOffer[] = [],
  form: WireRules['callIds'] = 'any',
): ToolRound[] {
  const ids = createCallIds(form)
  const offered = new Map(tools.map(({ name, schema }) => [name, schema]))
  return rounds.map((round) => acceptableRound(round, ids, offered))
}

function acceptableRound(
  { told: notes = [], now = [], said, results }: ToolRound,
  ids: CallIds,
  offered: ReadonlyMap<string, JsonSchema>,
): ToolRound {
  const left = [...results]
  const paired: ToolResult[] = []
  const parts = said.flatMap((part): AssistantPart[] => {
    if (part.type !== 'tool-call') return isEmpty(part) ? [] : [part]
    const [result] = left.splice(indexOfResult(left, part), 1)
    // several providers reject a call without a result
    if (!result) return []
    const name = nameFor(String(part.toolName ?? ''), result, [...offered.keys()])
    const id = ids(part.toolCallId)
    const names = namesOfSchema(offered.get(name))
    paired.push({ ...result, id, name, ...(result.failed && { output: inSentNames(result.output, names) }) })
    const input = withNames(isJsonObject(part.input) ? part.input : {}, names.sent)
    return [{ ...part, toolCallId: id, toolName: name, input }]
  })
  return {
    ...(notes.some(saysMore) && { told: notes.filter(saysMore) }),
    ...(now.some(saysMore) && { now: now.filter(saysMore) }),
    // thoughts alone are no message
    said: parts.some(({ type }) => type !== 'reasoning') ? parts : [],
    results: paired,
  }
}

/** Calls with equal ids have their results in the order of the calls. */
function indexOfResult(results: readonly ToolResult[], { toolCallId }: AssistantPart): number {
  const at = results.findIndex(({ id }) => id === String(toolCallId ?? ''))
  return at < 0 ? results.length : at
}

const isText = (text: string) => text.trim() !== ''
const saysMore = (note: Note) => isText(textOfNote(note)) || filesOfNote(note).length > 0

/** Thoughts and texts without words; a signature of Google may belong to a text without words. */
function isEmpty({ type, text, whole, providerOptions }: AssistantPart): boolean {
  if (isText(String(whole ?? text ?? ''))) return false
  if (type === 'reasoning') return providerOptions === undefined
  return !JSON.stringify(providerOptions ?? null).includes('thoughtSignature')
}

const VALID_NAME = /^[A-Za-z0-9_-]{1,64}$/

/** The offered tool of that name, else the one that the model may have meant: the result says what it named. */
function nameFor(name: string, { output }: ToolResult, offered: readonly string[]): string {
  const isRefused = isJsonObject(output) && Object.hasOwn(output, 'refused')
  if (offered.includes(name) || (!isRefused && VALID_NAME.test(name))) return name
  const whole = plainName(name)
  const last = plainName(name.split(/[.:/\s]+/).at(-1) ?? '')
  const meant = [whole, last].find((one) => offered.includes(one))
  return meant ?? nearestWord(last, offered) ?? offered[0] ?? (whole || 'unknown')
}

const plainName = (name: string) => name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)
