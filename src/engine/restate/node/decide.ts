import { type Journal, journaledEffects } from '../../../kernel/journal.ts'
import { runTurn } from '../../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../../kernel/types.ts'
import { duringTurn } from '../../telemetry.ts'
import type { Node } from './node.ts'

/** What an actor makes of a message. */
export function decide(
  node: Node,
  cell: Cell | undefined,
  envelope: Envelope,
  journal: Journal,
): Commit | Promise<Commit> {
  const actor = node.actors.get(envelope.to.kind)!
  const effects = journaledEffects(actor, cell, envelope, () => journal)
  const take = () => runTurn(actor, cell, envelope, effects)
  return node.observer.traces ? duringTurn(node.observer, cell, envelope, take) : take()
}
