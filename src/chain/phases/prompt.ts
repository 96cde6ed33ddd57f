import { extname } from 'node:path'
import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import type { Assignment, Document, JsonSchema, Task } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { Hit, PhaseInput } from '../protocol/phase-types.ts'
import { hitText } from '../retrieval/quotes.ts'

const VOICE =
  'Several models work on one question, one after another, and speak with one voice. You do one step of it: do that step only.'

/** What one phase asks of its model. */
export type Step = {
  readonly input: PhaseInput
  readonly task: Task
  readonly documents: readonly Document[]
  readonly instruction: string
  readonly schema?: JsonSchema
}

/** The step as an assignment; in a later cycle it says what is still open. */
export function assign({ input, instruction, ...step }: Step): Assignment {
  const open = input.continuation === '' ? '' : `\n${input.continuation}`
  return { ...step, instruction: `${instruction}${open}`, system: VOICE }
}

/** A schema as a model is shown it: what it says beyond that is passed over. */
export function shown(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return rest as JsonSchema
}

/** What the model replied, as the type asked for; a TerminalError when it declined or replied something else. */
export function readObject<T>(schema: z.ZodType<T>, reply: ModelReply): T {
  const parsed = schema.safeParse(accepted(reply).object)
  if (parsed.success) return parsed.data
  throw new TerminalError(`${reply.model} did not reply as asked: ${parsed.error.issues[0]?.message ?? 'no object'}`, {
    code: 'model_invalid_output',
  })
}

/** The reply, unless the model declined: then a TerminalError `refused` that says why. */
export function accepted(reply: ModelReply): ModelReply {
  if (reply.refused === undefined) return reply
  throw new TerminalError(`${reply.model} declined: ${reply.refused}`, { code: 'refused' })
}

/** What was said on the thread before, as one document; none on a new thread. */
export function conversation({ history }: PhaseInput): readonly Document[] {
  const lines = history.map(({ role, text }) => `${role === 'user' ? 'User' : 'Answer'}: ${text}`)
  return document('conversation', lines.join('\n\n'))
}

/** What was answered on the thread before: what of the conversation may be selected, for a question answers none. */
export function answers({ history }: PhaseInput): readonly Document[] {
  const said = history.flatMap(({ role, text }) => (role === 'assistant' ? [text] : []))
  return document('conversation', said.join('\n\n'))
}

/** What was retrieved in this ask, what Intention found to matter most first. */
export function hitsOf({ outputs }: PhaseInput): readonly Hit[] {
  const hits = outputs['experience.vectors']?.hits ?? []
  const alignment = new Map(outputs.intention?.priorities.map(({ id, alignment }) => [id, alignment]))
  const weight = ({ vid }: Hit) => alignment.get(vid) ?? 0.5
  return [...hits].sort((a, b) => weight(b) - weight(a))
}

/** Each hit as a document named by its id; the ending says what kind of text it is, where a model reads it by that. */
export function hitDocuments(input: PhaseInput, { offline }: { readonly offline: boolean }): readonly Document[] {
  return hitsOf(input).map((hit) => ({
    name: offline ? `${hit.vid}${extname(hit.file)}` : hit.vid,
    text: hitText(hit),
  }))
}

/** What a model that selects may select from: the hits in the texts that were given. Without texts it is the earlier answers. */
export function selectable(input: PhaseInput): readonly Document[] {
  return input.sources.length > 0 ? hitDocuments(input, { offline: true }) : answers(input)
}

/** Action's answer of this ask. */
export function firstAnswer({ outputs }: PhaseInput): readonly Document[] {
  return document('first answer', outputs.action?.response)
}

/** What the phases between retrieval and Understanding noted down. */
export function notes({ outputs }: PhaseInput): readonly Document[] {
  const { intention, observation } = outputs
  const lines = [
    outputs['experience.vectors']?.summary,
    outputs['experience.web']?.summary,
    intention && `Intent: ${intention.explicitIntent}`,
    intention?.implicitIntent && `Also wanted: ${intention.implicitIntent}`,
    ...(observation?.observations ?? []),
    ...(observation?.connections ?? []).map(({ source, type, target }) => `${source} ${type} ${target}`),
  ]
  return document('notes', lines.filter(Boolean).join('\n'))
}

/** What Understanding made of it all. */
export function synthesis({ outputs }: PhaseInput): readonly Document[] {
  return document('synthesis', outputs.understanding?.synthesis)
}

function document(name: string, text: string | undefined): readonly Document[] {
  return text ? [{ name, text }] : []
}
