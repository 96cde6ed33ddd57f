import type { ObjectContext } from '@restatedev/restate-sdk'
import { isInterruption } from '../../../kernel/interrupt.ts'
import { freeze } from '../../../kernel/json.ts'
import type { Cell } from '../../../kernel/types.ts'
import { isDown } from '../../mailbox.ts'
import type { StoredMail } from '../../transfer.ts'
import { openStore, type Store } from '../state/actor-state.ts'
import { type Handed, openHanded, PENDING, type TurnAnswer, UNTAKEN } from '../turn-io.ts'
import { openCommits, type Taken } from './apply-commit.ts'
import { openAlong } from './inline-calls.ts'
import { callOff } from './interrupt.ts'
import { decide, restateJournal } from './journal.ts'
import type { Node } from './node.ts'
import { takeOutlived } from './tombstones.ts'

/** The exclusive handler of an actor: one message, one turn, one write; and what that turn asks for, should it be over in a moment. */
export async function take(node: Node, ctx: ObjectContext, handed: Handed): Promise<TurnAnswer> {
  if (handed === UNTAKEN) return PENDING
  if ('answer' in handed) return handed.answer
  const store = openStore(ctx)
  const along = openAlong(node, ctx)
  const first = openHanded(handed)
  const commits = openCommits(node, ctx, store, first.envelope)
  for (let mail: StoredMail | undefined = first; mail; ) {
    const turn = await takeTurn(node, ctx, store, mail)
    const request = along.requestIn(turn.commit)
    commits.carryOut(turn, request)
    mail = request && (await commits.during(() => along.take(request, turn.time)))
  }
  return commits.end()
}

/** A message to the actor itself. */
async function takeTurn(
  node: Node,
  ctx: ObjectContext,
  store: Store,
  { envelope, outcomes }: StoredMail,
): Promise<Taken> {
  const journal = restateJournal(node, ctx, store, freeze(envelope), outcomes)
  let before: Cell | undefined
  try {
    before = await journal.heed(() => store.cell())
    const outlived = isDown(before) ? await journal.heed(() => takeOutlived(ctx, before, envelope)) : undefined
    const commit = outlived ?? (await decide(node, before, envelope, journal))
    if (!journal.ended) return { before, commit, time: journal.time }
  } catch (error) {
    if (!isInterruption(error)) throw error
  }
  // Restate gives the turn to another node, or to this one when it is back
  if (journal.ended === 'stopping') throw new Error('this node stops')
  return { before, commit: await callOff(node, ctx, before, envelope), time: journal.time }
}
