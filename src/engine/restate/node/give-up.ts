import type { ObjectSharedContext } from '@restatedev/restate-sdk'
import { terminalProblem } from '../../../errors.ts'
import { deadLetterCommit } from '../../../kernel/dead-letter.ts'
import type { Envelope } from '../../../kernel/types.ts'
import { mailOf, sqlText } from '../admin/mail.ts'
import type { RestateClient } from '../client/client.ts'
import type { GivenUp } from '../turn-io.ts'
import type { RestateNode } from './node.ts'
import { answerUntaken } from './send.ts'

/**
 * Ends a turn that no present code can continue: its message becomes a dead letter, and its caller gets an error. This
 * is a durable handler outside the turns, so it completes despite crashes.
 */
export async function giveUp(node: RestateNode, ctx: ObjectSharedContext, invocation: string): Promise<GivenUp> {
  const found = await ctx.run('read', () => readTurn(node.client, invocation))
  if (typeof found === 'string') return found
  await ctx.run('kill', () => node.client.kill(invocation))
  answerUntaken(node, ctx, deadLetterCommit(undefined, found.envelope, GIVEN_UP), found.at)
  return 'given-up'
}

const GIVEN_UP = terminalProblem({
  code: 'given_up',
  message: 'the release that started its turn no longer exists, and an operator gave the turn up',
})

async function readTurn(
  client: RestateClient,
  invocation: string,
): Promise<'over' | 'committing' | { readonly envelope: Envelope; readonly at: number }> {
  const posted = await mailOf(client, invocation)
  if (!posted) return 'over'
  if (await isCommitting(client, invocation)) return 'committing'
  return { envelope: posted.envelope, at: Date.now() }
}

/** Whether part of a turn's commit has left already, so that the rest must follow. */
export async function isCommitting(client: Pick<RestateClient, 'query'>, invocation: string): Promise<boolean> {
  const found = await client.query(
    `select index from sys_journal where id = ${sqlText(invocation)} and entry_type in (${COMMIT_ENTRIES.map(sqlText)}) limit 1`,
  )
  return found.length > 0
}

/** Journal entries that only a commit writes. A turn with one cannot be given up: half of its commit would remain. */
const COMMIT_ENTRIES = ['SetState', 'ClearState', 'ClearAllState', 'OneWayCall', 'Output'].map(
  (name) => `Command: ${name}`,
)
