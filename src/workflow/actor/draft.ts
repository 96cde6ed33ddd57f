import type { Json } from '../../kernel/schema.ts'
import type { Effects, Envelope, Turn } from '../../kernel/types.ts'
import type { StartPart } from '../../pipeline/plan/run-state.ts'
import type { EndedStep } from '../../pipeline/plan/step-outcome.ts'
import type { WorkflowServices } from '../live/services.ts'
import type { WorkflowState } from '../replay/state.ts'

/** A turn of a run in the making. */
export type TurnDraft = {
  readonly services: WorkflowServices
  readonly effects: Effects
  readonly start: StartPart
  readonly parts: { [name: string]: Json | null }
  readonly events: Json[]
}

export type WorkflowTurn = Turn<WorkflowState> & { readonly state: WorkflowState }

/** The ends of steps that come with a message, by their ids. */
export type Ends = ReadonlyMap<string, EndedStep>

/** When the message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
export const timeOf = ({ createdAt, due = 0 }: Envelope): number => Math.max(createdAt, due)
