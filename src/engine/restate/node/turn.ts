import type { ObjectContext } from '@restatedev/restate-sdk'
import { isInterruption } from '../../../kernel/faults.ts'
import { freeze } from '../../../kernel/json.ts'
import type { Cell } from '../../../kernel/types.ts'
import { isDown } from '../../mailbox.ts'
import type { StoredMail } from '../../transfer.ts'
import { type ActorState, openActorState } from '../state/actor-state.ts'
import { decodeTurnInput, PENDING, type TurnAnswer, type TurnInput, UNTAKEN } from '../turn-io.ts'
import { type CommittedTurn, openInvocationCommits } from './apply-commit.ts'
import { openInlineCalls } from './inline-calls.ts'
import { interruptTurn } from './interrupt.ts'
import { decide, restateJournal } from './journal.ts'
import type { RestateNode } from './node.ts'
import { dropOutlived } from './tombstones.ts'

/** The exclusive handler of an actor: a message, a turn, a write. Also runs a quick inline turn that it requests. */
export async function takeMessage(node: RestateNode, ctx: ObjectContext, handed: TurnInput): Promise<TurnAnswer> {
  if (handed === UNTAKEN) return PENDING
  if ('answer' in handed) return handed.answer
  const store = openActorState(ctx)
  const inlineCalls = openInlineCalls(node, ctx)
  const first = decodeTurnInput(handed)
  const commits = openInvocationCommits(node, ctx, store, first.envelope)
  for (let mail: StoredMail | undefined = first; mail; ) {
    const turn = await takeTurn(node, ctx, store, mail)
    const request = inlineCalls.requestIn(turn.commit)
    commits.apply(turn, request)
    mail = request && (await commits.during(() => inlineCalls.take(request, turn.time)))
  }
  return commits.end()
}

/** A message to the actor itself. */
async function takeTurn(
  node: RestateNode,
  ctx: ObjectContext,
  store: ActorState,
  { envelope, outcomes }: StoredMail,
): Promise<CommittedTurn> {
  const journal = restateJournal(node, ctx, store, freeze(envelope), outcomes)
  let before: Cell | undefined
  try {
    before = await journal.heed(() => store.cell())
    const outlived = isDown(before) ? await journal.heed(() => dropOutlived(ctx, before, envelope)) : undefined
    const commit = outlived ?? (await decide(node, before, envelope, journal))
    if (!journal.ended) return { before, commit, time: journal.time }
  } catch (error) {
    if (!isInterruption(error)) throw error
  }
  // Restate retries the turn on another node, or on this one after its restart
  if (journal.ended === 'stopping') throw new Error('this node stops')
  return { before, commit: await interruptTurn(node, ctx, before, envelope), time: journal.time }
}
