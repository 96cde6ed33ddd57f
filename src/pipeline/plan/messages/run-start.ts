import { z } from 'zod'
import { refSchema } from '../../../step/fields.ts'
import { originFields, type RunOrigin } from '../../../step/messages/run-origin.ts'
import type { ValueRef } from '../../../step/values.ts'

/** Begins a run: `pipeline` is the hash of the compiled pipeline in the value store. */
export type RunStart = RunOrigin & {
  readonly type: 'start'
  readonly pipeline: string
  readonly name: string
  readonly inputs: ValueRef
}

export const runStartSchema = z.object({
  type: z.literal('start'),
  pipeline: z.string(),
  name: z.string(),
  inputs: refSchema,
  ...originFields,
})
