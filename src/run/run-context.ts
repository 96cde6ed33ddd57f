import type { ActorRef } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import type { Priority } from '../lib/priority.ts'
import type { RunProvenance } from '../step/messages/run-origin.ts'
import type { RunContext } from '../step/messages/step-start.ts'
import type { RunHead, StartPart } from './run.ts'

/** The facts that a language adds for one of its steps. */
type OfStep = {
  readonly priority?: Priority | undefined
  readonly undoable?: true
  /** it starts work elsewhere, which gets the origin of the run */
  readonly startsWork: boolean
}

/** The run of a step, as far as the step needs it. */
export function runContextOf(
  { startedAt, owner }: Pick<RunHead, 'startedAt' | 'owner'>,
  origin: StartPart,
  { key: id }: ActorRef,
  { priority, undoable, startsWork }: OfStep,
): RunContext {
  const { granted, denied, approve, recorded, ancestry, workFor } = origin
  const until = ancestry?.until
  const { untrusted, foreign, chosenByModel, failsOnUnknown } = origin
  const isForeign = foreign ? (true as const) : undefined
  const shared = { owner, untrusted, foreign: isForeign, chosenByModel, approve, failsOnUnknown, priority, workFor }
  const own = present({
    ...shared,
    granted,
    denied,
    recorded,
    undoable,
    callTime: until === undefined ? undefined : Math.max(1, until - startedAt),
    provenance: startsWork ? provenanceOf(origin, shared) : undefined,
  })
  return { id, startedAt, ...own }
}

function provenanceOf(origin: StartPart, shared: object): RunProvenance {
  const { source, written, agents, interactive, above, ancestry } = origin
  return present({ ...shared, source, written, agents, interactive, above, ancestry })
}
