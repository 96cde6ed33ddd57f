import type { Json } from '../../kernel/schema.ts'
import { decodeEvent } from '../../step/messages/codec.ts'
import { type StepPart, type StepValue, toStepRead } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import { valueOfStep } from '../step/values/step-values.ts'

/** The event of a run with all its fields. Runs store events in a short form. */
export const wholeEvent = (stored: Json): Json => decodeEvent(stored)

/** The value of a step, as later steps get it. */
export const readStepValue = (part: StepPart, values: ValueStore): StepValue | Promise<StepValue> =>
  valueOfStep(toStepRead(part), values)
