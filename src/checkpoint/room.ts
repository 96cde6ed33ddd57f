/**
 * Checkpoints of graphs: an actor for each thread holds its checkpoints, the values of its channels and the writes of
 * its tasks. `packages/langgraph` saves the state of LangGraph graphs here; use the other rooms for everything else. It
 * has no operations, because a checkpoint holds serialized objects, which only code of the program may write.
 */

import type { Room } from '../house/room.ts'
import { GRAPH_THREAD, graphThreadActor } from './actor.ts'
import { type CheckpointNeeds, openCheckpoints } from './room/open-port.ts'
import type { CheckpointsPort } from './room/port.ts'

export const checkpointRoom: Room<CheckpointsPort, object, CheckpointNeeds> = {
  contract: {},
  actors: () => [graphThreadActor()],
  owns: [{ kind: GRAPH_THREAD, place: 'threads of graphs', withRun: true }],
  open: openCheckpoints,
  view: () => ({}),
  forTools: (checkpoints, owner, _source, run) => checkpoints.of(owner, run?.id),
}
