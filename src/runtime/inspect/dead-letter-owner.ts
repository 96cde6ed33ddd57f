import { threadOf } from '../../chain/phases/phase-actor.ts'
import type { View } from '../../engine/engine.ts'
import type { ActorRef, Envelope } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'

/** Whose work a message belongs to: its run's or its thread's; undefined: nobody's in particular, or that is no more. */
export async function ownerOfLetter({ peek }: Pick<View, 'peek'>, letter: Envelope): Promise<string | undefined> {
  const { type, owner } = (letter.body ?? {}) as { readonly type?: unknown; readonly owner?: unknown }
  // what would have begun a run or a thread says whose it is to be
  if ((letter.to.kind === 'run' && type === 'start') || type === 'ask') return ownerOf({ owner })
  const state = (await peek(workOf(letter))) as { readonly owner?: unknown } | undefined
  return state && ownerOf(state)
}

function workOf({ to, correlationId }: Envelope): ActorRef {
  if (to.kind === 'chain' || to.kind === 'run') return to
  return threadOf(to) ?? { kind: 'run', key: correlationId }
}
