import type { Inspected, View } from '../../engine/engine.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import { isOver, type RunState } from '../../pipeline/plan/run-state.ts'

/** The run that a link answers; undefined: it is no link, or was never made. */
export function runOfLink({ of, cell }: Inspected): ActorRef | undefined {
  const run = of.kind === 'link' ? cell?.index?.run : undefined
  return typeof run === 'string' ? runRef(run) : undefined
}

/** How a link stands: it has a timer until its time is over, though it is of no use any more once its run is. */
export async function linkStatus(view: View, link: Inspected, run: ActorRef): Promise<'open' | 'used' | 'over'> {
  if (link.cell?.index?.usedAt !== undefined) return 'used'
  const state = (await view.peek(run)) as RunState | undefined
  return state && !isOver(state) ? 'open' : 'over'
}
