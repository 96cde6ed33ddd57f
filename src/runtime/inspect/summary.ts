import type { Inspected } from '../../engine/engine.ts'
import { statusOf } from '../../engine/inspect.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorSummary } from '../ports/inspector.ts'

/** An actor as a list shows it. */
export function summaryOf(actor: Inspected): ActorSummary {
  const { of, cell, turn, waiting } = actor
  return {
    of: nameOf(of),
    status: statusOf(actor),
    seq: cell?.seq ?? 0,
    events: cell?.events ?? 0,
    waiting,
    ...(turn?.effect && { effect: turn.effect.name }),
    index: cell?.index ?? {},
  }
}
