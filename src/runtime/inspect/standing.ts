import type { Inspected } from '../../engine/engine.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorSummary } from './inspector.ts'

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

/** What an actor says of itself, else what it is doing. */
export function statusOf({ cell, turn, mail }: Inspected): string {
  if (cell && cell.status !== 'live') return cell.status
  const said = cell?.index?.status
  if (typeof said === 'string') return said
  if (turn) return 'working'
  if (mail.some(({ held }) => held)) return 'left'
  return mail.length > 0 || cell?.index?.waits !== undefined ? 'waiting' : 'idle'
}
