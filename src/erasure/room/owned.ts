import { AGENT_DEFINITION } from '../../agent/definition/agent-data.ts'
import { LEARNED_PLAYBOOKS } from '../../agent/playbook/learned-before.ts'
import type { EngineView } from '../../engine/engine.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { UNDO_STEP } from '../../pipeline/plan/messages/step-start.ts'
import { stepRef } from '../../pipeline/plan/refs.ts'
import { hasEnded } from '../../pipeline/plan/step-outcome.ts'
import { readStepParts } from '../../pipeline/report/step-parts.ts'
import { ONCE_KIND } from '../../pipeline/step/once/actor.ts'
import type { Ownership } from '../../rooms/owned.ts'
import { openAsks, type ThreadState } from '../../thread/protocol/ask-state.ts'
import { PHASES } from '../../thread/protocol/phase-types.ts'
import { phaseRef } from '../../thread/protocol/refs.ts'

/** The owners of actors in folders that are not rooms. Keys and links come first, so that they open nothing. */
export const CORE_OWNERSHIP: readonly Ownership[] = [
  { kind: 'api-key', place: 'keys' },
  { kind: 'link', place: 'links' },
  {
    kind: 'agent',
    place: 'goals',
    workIn: async (_, key, { finishedAt }) => (finishedAt === undefined ? [key] : []),
  },
  {
    kind: 'chain',
    place: 'threads',
    async workIn(view, key, { status }) {
      const state = status === 'running' ? await view.peek({ kind: 'chain', key }) : undefined
      return state ? openAsks(state as ThreadState).map(({ id }) => id) : []
    },
    async *below(_, key) {
      for (const phase of PHASES) yield phaseRef(key, phase)
    },
    belowKinds: ['phase'],
  },
  {
    kind: 'run',
    place: 'runs',
    workIn: async (_, key, { finishedAt }) => (finishedAt === undefined ? [key] : []),
    below: actorsOfRun,
    belowKinds: ['step', ONCE_KIND],
  },
  { kind: 'notes', place: 'notes', isKeyedByOwner: true },
  { kind: 'pipeline', place: 'pipelines' },
  { kind: LEARNED_PLAYBOOKS },
  { kind: AGENT_DEFINITION, place: 'agents' },
  { kind: 'request', place: 'idempotency keys' },
  { kind: 'supervisor', stays: 'it has names of actors that a program chose' },
  { kind: 'audit', stays: 'it says who did what, until its days are over; each report names it' },
]

/** The steps of a run that have not ended, and the records of parts of its calls. */
async function* actorsOfRun(view: EngineView, run: string): AsyncGenerator<ActorRef> {
  yield stepRef(run, UNDO_STEP)
  for await (const [step, part] of readStepParts(view.parts, run)) if (!hasEnded(part)) yield stepRef(run, step)
  for (const { key } of await view.list(ONCE_KIND, { where: { run } })) yield { kind: ONCE_KIND, key }
}
