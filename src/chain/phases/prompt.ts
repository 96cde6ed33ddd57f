import { extname } from 'node:path'
import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { Assignment, Document, JsonSchema, ModelTask } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { codeByContent } from '../../source/code/by-content.ts'
import type { Hit, PhaseInput } from '../../thread/protocol/phase-types.ts'
import { callDocuments, callHits } from '../calls/tool-rounds.ts'
import { learnedDocuments } from '../memory/learned.ts'
import { hitText } from '../retrieval/quotes.ts'

const SYSTEM_PROMPT =
  'Several models work on one question, one after another, and speak with one voice. You do one step of it: do that step only.'

type PhasePrompt = Omit<Assignment, 'system'> & { readonly input: PhaseInput }

/** The prompt as an assignment. In a later cycle it names the open questions. */
export function toAssignment({ input, instruction, ...step }: PhasePrompt): Assignment {
  const open = input.continuation === '' ? '' : `\n${input.continuation}`
  return { ...step, instruction: `${instruction}${open}`, system: SYSTEM_PROMPT }
}

/** The selection of what matters, for a model that only selects. */
export function selectionAssignment(input: PhaseInput, instruction: string, task: ModelTask): Assignment {
  return toAssignment({ input, task, documents: selectableDocuments(input), instruction })
}

/** A form to fill about all that the phases of this ask have found so far. */
export function formAssignment(
  input: PhaseInput,
  form: Required<Pick<PhasePrompt, 'instruction' | 'schema'>>,
): Assignment {
  const documents = [
    ...hitDocuments(input, { offline: false }),
    ...conversationDocuments(input),
    ...learnedDocuments(input),
    ...firstAnswerDocuments(input),
    ...noteDocuments(input),
  ]
  return toAssignment({ input, task: { kind: 'fill', question: input.prompt }, documents, ...form })
}

/** A schema as the model sees it. Keywords that JSON Schema cannot express are dropped. */
export function modelSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return rest as JsonSchema
}

/** The reply's object, parsed. TerminalError when the model declined or replied something else. */
export function parseReplyObject<T>(schema: z.ZodType<T>, reply: ModelReply): T {
  const { object } = requireAccepted(reply)
  const parsed = schema.safeParse(object)
  if (parsed.success) return parsed.data
  const [fault] = validationIssues(parsed.error.issues, object)
  const place = fault && fault.path.length > 0 ? `${fault.path.join('.')}: ` : ''
  throw new TerminalError(`${reply.model} did not reply as asked: ${place}${fault?.message ?? 'no object'}`, {
    code: 'model_invalid_output',
  })
}

/** The reply, unless the model declined: then a TerminalError `refused` with the reason. */
export function requireAccepted(reply: ModelReply): ModelReply {
  if (reply.refused === undefined) return reply
  throw new TerminalError(`${reply.model} declined: ${reply.refused}`, { code: 'refused' })
}

/** The conversation so far as one document; none on a new thread. */
export function conversationDocuments({ history }: PhaseInput): readonly Document[] {
  const lines = history.map(({ role, text, length }) => {
    const part = length === undefined ? '' : ` (the first ${text.length} of ${length} characters)`
    return `${role === 'user' ? 'User' : 'Answer'}${part}: ${text}`
  })
  return document('conversation', lines.join('\n\n'))
}

/** Earlier answers, the part of the conversation that may be selected: a question answers nothing. */
export function answerDocuments({ history }: PhaseInput): readonly Document[] {
  const said = history.flatMap(({ role, text }) => (role === 'assistant' ? [text] : []))
  return document('conversation', said.join('\n\n'))
}

/** The hits of an ask and the results of its calls, beside the pinned records of its memory. */
export function shownHits({ outputs, memory }: Pick<PhaseInput, 'outputs' | 'memory'>): readonly Hit[] {
  const legs = [outputs['experience.vectors'], outputs['experience.web']]
  return [...legs.flatMap((leg) => leg?.hits ?? []), ...callHits({ outputs }), ...(memory?.pinned ?? [])]
}

/** The hits and the results of calls, by the relevance that Intention found, and after them the pinned records. */
export function rankedHits({ outputs, memory }: PhaseInput): readonly Hit[] {
  const hits = shownHits({ outputs })
  const alignment = new Map(outputs.intention?.priorities.map(({ id, alignment }) => [id, alignment]))
  const weight = ({ vid }: Hit) => alignment.get(vid) ?? 0.5
  return [...[...hits].sort((a, b) => weight(b) - weight(a)), ...(memory?.pinned ?? [])]
}

/** Each hit as a document named by its id. The extension gives the kind of text, for models that read by it. */
export function hitDocuments(input: PhaseInput, { offline }: { readonly offline: boolean }): readonly Document[] {
  return rankedHits(input).map((hit) => documentOf(hit, offline))
}

/** Pinned records, which a prompt shows before anything was searched. */
export function pinnedDocuments({ memory }: PhaseInput): readonly Document[] {
  return memory?.pinned.map((hit) => documentOf(hit, false)) ?? []
}

function documentOf(hit: Hit, offline: boolean): Document {
  const { vid, file, origin, changedAt } = hit
  return {
    // the ending of an address or a run does not tell the kind of text
    name: offline && !/^[wt]/.test(vid) ? `${vid}${extname(codeByContent(file, hit.text)?.name ?? file)}` : vid,
    text: hitText(hit),
    ...(origin !== undefined && { from: origin }),
    ...(offline && changedAt !== undefined && { at: changedAt }),
  }
}

/** The documents that a selecting model may quote: the hits, and earlier answers when no texts were given. */
export function selectableDocuments(input: PhaseInput): readonly Document[] {
  const hits = hitDocuments(input, { offline: true })
  return input.sources.length > 0 ? hits : [...hits, ...answerDocuments(input)]
}

/** Action's answer in this ask, and the calls before it that have no result. */
export function firstAnswerDocuments(input: PhaseInput): readonly Document[] {
  return [...document('first answer', input.outputs.action?.response), ...callDocuments(input)]
}

/** Notes of the phases between retrieval and Understanding. */
export function noteDocuments({ outputs }: PhaseInput): readonly Document[] {
  const { intention, observation } = outputs
  const lines = [
    outputs['experience.vectors']?.summary,
    outputs['experience.web']?.summary,
    intention && `Intent: ${intention.explicitIntent}`,
    intention?.implicitIntent && `Also wanted: ${intention.implicitIntent}`,
    ...partLines(outputs),
    ...(observation?.observations ?? []),
    ...(observation?.connections ?? []).map(({ source, type, target }) => `${source} ${type} ${target}`),
  ]
  return document('notes', lines.filter(Boolean).join('\n'))
}

/** The parts of a question, and which of them have no passage. */
function partLines({ intention, ...outputs }: PhaseInput['outputs']): readonly string[] {
  const parts = intention?.parts ?? outputs['experience.vectors']?.parts ?? []
  return parts.map(
    ({ question, hits }) => `Part: ${question} ${hits.length > 0 ? hits.join(', ') : 'no passage was found'}`,
  )
}

export function synthesisDocuments({ outputs }: PhaseInput): readonly Document[] {
  return document('synthesis', outputs.understanding?.synthesis)
}

const document = (name: string, text: string | undefined): readonly Document[] => (text ? [{ name, text }] : [])
