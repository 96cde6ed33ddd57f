import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor } from '../../kernel/types.ts'

/** The kind of the actors in which earlier releases kept playbooks that agents had learned. */
export const LEARNED_PLAYBOOKS = 'playbooks'

/**
 * `playbooks/<owner>/<agent>`: what an agent learned with an earlier release. It ends with the first message, which
 * removes what it holds. A goal of an earlier release may still ask it for a lesson.
 */
export function learnedPlaybooksActor(): Actor<Json, Json> {
  return defineActor<Json, Json>({
    kind: LEARNED_PLAYBOOKS,
    message: z.json(),
    initial: () => null,
    receive: () => ({ stop: true, reply: { type: 'lesson' } }),
  })
}
