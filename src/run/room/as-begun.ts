import type { EngineView } from '../../engine/engine.ts'
import { KIND } from '../../house/actors.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { FirstRunMessage } from '../later/messages.ts'
import { isBeforeBegin, type KeptStart, LATER_PART } from '../later/state.ts'

/** The part of every run with the message that began it. */
const START_PART = 'start'

/** The first message of a run that has not begun, or that ended before. Undefined: it has begun, or kept none. */
export async function keptStart(
  view: Pick<EngineView, 'peek' | 'parts'>,
  of: ActorRef,
): Promise<FirstRunMessage | undefined> {
  if (of.kind !== KIND.run || !isBeforeBegin(await view.peek(of))) return undefined
  const kept = await readSinglePart((...given) => view.parts(...given), of, LATER_PART)
  return (kept as unknown as KeptStart | undefined)?.start
}

/**
 * A view for executors: a run that waits for its turn, or ended before it, reads as one that has just begun. So it has
 * its source, its inputs and its steps. `stateBy`: the fields of a state that follow from the first message.
 */
export function asBegun(view: EngineView, stateBy: (start: FirstRunMessage) => object): EngineView {
  const parts: ReadParts = async function* (of, page) {
    const start = page.prefix === START_PART ? await keptStart(view, of) : undefined
    if (start) yield [START_PART, start]
    else yield* view.parts(of, page)
  }
  return {
    ...view,
    parts: parts as EngineView['parts'],
    async peek(of) {
      const state = await view.peek(of)
      const start = isBeforeBegin(state) ? await keptStart(view, of) : undefined
      return start ? ({ ...(state as object), ...stateBy(start) } as Json) : state
    },
  }
}
