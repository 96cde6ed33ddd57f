/**
 * The room of pipelines: `runtime.pipelines` checks and keeps them, and `runtime.tools` makes calls as a run. It is the
 * executor of runs (`room/executor.ts`), so it knows what belongs to one.
 */

import { KIND, stepRef } from '../house/actors.ts'
import type { WorkRoom } from '../house/room.ts'
import type { ReadParts } from '../kernel/parts.ts'
import type { ActorIndex, ActorRef } from '../kernel/types.ts'
import { ONCE_KIND } from '../step/call/once-actor.ts'
import { readStepParts } from '../step/messages/step-parts.ts'
import { UNDO_STEP } from '../step/messages/step-start.ts'
import { hasEnded } from '../step/record/outcome.ts'
import { CHANGES, PIPELINES, UPLOADS } from './room/contract.ts'

/** Pipelines, and the runs that execute them. */
export const pipelineRoom: WorkRoom = {
  contract: { ...PIPELINES, ...UPLOADS, ...CHANGES },
  owns: [
    {
      kind: KIND.run,
      place: 'runs',
      workIn: async (_, key, { finishedAt }) => (finishedAt === undefined ? [key] : []),
      below: actorsOfRun,
      belowKinds: [KIND.step, ONCE_KIND],
    },
    { kind: 'pipeline', place: 'pipelines' },
  ],
}

type View = {
  readonly parts: ReadParts
  list(kind: string, query: object): Promise<readonly { readonly key: string; readonly index: ActorIndex }[]>
}

/** The steps of a run that have not ended, and the records of parts of its calls. */
async function* actorsOfRun(view: View, run: string): AsyncGenerator<ActorRef> {
  yield stepRef(run, UNDO_STEP)
  for await (const [step, part] of readStepParts(view.parts, run)) if (!hasEnded(part)) yield stepRef(run, step)
  for (const { key } of await view.list(ONCE_KIND, { where: { run } })) yield { kind: ONCE_KIND, key }
}
