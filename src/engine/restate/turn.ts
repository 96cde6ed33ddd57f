import type { ObjectContext } from '@restatedev/restate-sdk'
import { freeze } from '../../kernel/freeze.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import { journaledEffects, lazyEffects } from '../../kernel/journal.ts'
import { runTurn } from '../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../kernel/types.ts'
import { nameOf } from '../mailbox.ts'
import { carryOut, PENDING, type TurnAnswer } from './carry-out.ts'
import { takeOutlived } from './ended.ts'
import { type Handed, openHanded } from './handed.ts'
import { callOff } from './interrupt.ts'
import { restateJournal, type TurnJournal } from './journal.ts'
import type { Node } from './node.ts'
import { UNTAKEN } from './send.ts'
import { openStore } from './store.ts'

/** The exclusive handler of an actor: one message, one turn, one write. */
export async function take(node: Node, ctx: ObjectContext, handed: Handed): Promise<TurnAnswer> {
  if (handed === UNTAKEN) return PENDING
  if ('answer' in handed) return handed.answer
  const { envelope, outcomes } = openHanded(handed)
  const store = openStore(ctx)
  const journal = restateJournal(node, ctx, store, freeze(envelope), outcomes)
  const end = (commit: Commit) => {
    tellWhenOver(node, ctx, commit)
    return carryOut(node, ctx, store, before, commit, journal.time)
  }
  let before: Cell | undefined
  try {
    before = await journal.heed(() => store.cell())
    const outlived = before ? undefined : await journal.heed(() => takeOutlived(ctx, envelope))
    const commit = outlived ?? (await decide(node, before, envelope, journal))
    if (!journal.ended) return end(commit)
  } catch (error) {
    if (!isInterruption(error)) throw error
  }
  // Restate gives the turn to another node, or to this one when it is back
  if (journal.ended === 'stopping') throw new Error('this node stops')
  return end(await callOff(node, ctx, before, envelope))
}

function decide(
  node: Node,
  cell: Cell | undefined,
  envelope: Envelope,
  journal: TurnJournal,
): Commit | Promise<Commit> {
  const actor = node.actors.get(envelope.to.kind)!
  const effects = lazyEffects(envelope, () => journaledEffects(actor, cell, envelope, journal))
  return runTurn(actor, cell, envelope, effects)
}

/** Those who follow the actor look once the turn is over, if there is anything new to see. */
function tellWhenOver(node: Node, ctx: ObjectContext, { taken, cell, events }: Commit): void {
  if (cell && events.length === 0) return
  const tell = () => node.happened.tell(nameOf(taken.to), null)
  ctx.request().attemptCompletedSignal.addEventListener('abort', tell, { once: true })
}
