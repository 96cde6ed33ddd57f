import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import type { Assignment, Document, JsonSchema, Task } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { PhaseInput } from '../protocol/phase-types.ts'

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
