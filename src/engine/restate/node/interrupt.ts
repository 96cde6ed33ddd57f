import type { Context, ObjectContext, ObjectSharedContext } from '@restatedev/restate-sdk'
import { deadLetterCommit } from '../../../kernel/dead-letter.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../../kernel/types.ts'
import { belongsToWork, interrupts } from '../../mailbox.ts'
import { type InvocationMail, mailOf, mailOfSameActor } from '../admin/mail.ts'
import type { RestateNode } from './node.ts'
import { answerUntaken } from './send.ts'

type ControlMessage = Pick<Envelope, 'type' | 'body'>

/**
 * Handles a cancellation or a stop outside the actor's turns: ends the running turn and removes the mail that the
 * control message overtakes. The control message itself also waits in the mail, like any message.
 */
export async function overtake(node: RestateNode, ctx: ObjectSharedContext, control: Envelope): Promise<void> {
  const beside = ctx.request().id
  const overtaken = await ctx.run('look', async () => {
    return overtakenBy(control, await mailOfSameActor(node.client, beside)).map(({ invocation }) => invocation)
  })
  for (const invocation of overtaken) await takeOut(node, ctx, control, invocation)
}

/** Removes a waiting message and commits its outcome, because it will never run. A running turn commits its own. */
async function takeOut(
  node: RestateNode,
  ctx: ObjectSharedContext,
  control: Envelope,
  invocation: string,
): Promise<void> {
  let here = false
  const posted = await ctx.run(`read ${invocation}`, async () => {
    here = true
    return (await mailOf(node.client, invocation)) ?? null
  })
  if (!posted) return
  const status = await ctx.run(`cancel ${invocation}`, () => node.client.cancel(invocation))
  // after a crash between the cancel and its record, the invocation is already gone
  const isOut = status === 200 || (!here && posted.status !== 'running' && status !== 202)
  if (isOut) answerUntaken(node, ctx, interruptedCommit(control, undefined, posted.envelope), control.createdAt)
}

/** Ends an interrupted turn according to the control message in the mail of its actor. */
export async function interruptTurn(
  node: RestateNode,
  ctx: ObjectContext,
  cell: Cell | undefined,
  envelope: Envelope,
): Promise<Commit> {
  return interruptedCommit(await controlOver(node, ctx, envelope), cell, envelope)
}

/** The same for a turn inline in a cancelled caller. Undefined: the caller was stopped, and the turn continues. */
export async function interruptInlineTurn(
  node: RestateNode,
  ctx: ObjectContext,
  envelope: Envelope,
): Promise<Commit | undefined> {
  const control = await controlOver(node, ctx, envelope)
  return control.type === 'stop' ? undefined : interruptedCommit(control, undefined, envelope)
}

function controlOver(node: RestateNode, ctx: ObjectContext, envelope: Envelope): Promise<ControlMessage> {
  return undisturbed(node, ctx, '#why', async () => {
    const mail = await mailOfSameActor(node.client, ctx.request().id)
    const found = mail.find((posted) => posted.status === 'waiting' && interrupts(posted.envelope, envelope))
    return found?.envelope ?? BY_OPERATOR
  })
}

const BY_OPERATOR: ControlMessage = { type: 'cancel', body: { reason: 'it was cancelled at the server' } }

function interruptedCommit({ type, body }: ControlMessage, cell: Cell | undefined, envelope: Envelope): Commit {
  if (type === 'stop') return deadLetterCommit(cell, envelope, STOPPED_BEFORE_TURN)
  return cancelledCommit(cell, envelope, (body as { readonly reason: string }).reason)
}

/** An invocation that a second cancellation does not end. */
async function undisturbed<T>(node: RestateNode, ctx: Context, name: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ctx.run(name, work)
    } catch (error) {
      if (!(error instanceof node.sdk.CancelledError)) throw error
    }
  }
}

/** The messages that a control message overtakes. */
function overtakenBy(control: Envelope, mail: readonly InvocationMail[]): readonly InvocationMail[] {
  const place = mail.findIndex(({ envelope, status }) => envelope.id === control.id && status === 'waiting')
  return mail.filter(({ envelope, status }, index) => {
    if (status === 'running') return place !== -1 && interrupts(control, envelope)
    return isTakenOut(control, envelope, status === 'asleep') && (status === 'asleep' || index < place)
  })
}

function isTakenOut(control: Envelope, envelope: Envelope, isAsleep: boolean): boolean {
  // a timer finds out for itself that it was replaced
  if (envelope.timer !== undefined) return false
  if (control.type === 'cancel') return belongsToWork(envelope, control.correlationId)
  return !isAsleep && (envelope.type === 'request' || envelope.type === 'event')
}
