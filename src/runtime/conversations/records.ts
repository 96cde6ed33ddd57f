import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { NotFoundError } from '../../errors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { nameOf } from '../../kernel/ref.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import { threadNotFound, threadRemoved } from '../../thread/actor/lifecycle.ts'
import { askPartName, decodeAskPosition, numberPartName } from '../../thread/actor/parts.ts'
import type { AskRecord, ThreadState } from '../../thread/protocol/ask-state.ts'
import { workOfMessage } from '../../thread/protocol/message-id.ts'
import { threadRef } from '../../thread/protocol/refs.ts'
import type { MessageRequest, Receipt } from '../ports/conversations.ts'

/** A message with the id and the text that its conversation keeps. */
type SentMessage = Pick<MessageRequest, 'conversation' | 'text' | 'owner'> & { readonly id: string }

/** Reads what conversations have recorded of their messages. */
export function createRecords(view: Engine['view']) {
  const part = (thread: string, name: string) => readSinglePart(view.parts, threadRef(thread), name)
  const stateOf = async (thread: string) => (await view.peek(threadRef(thread))) as ThreadState | undefined

  /** Throws if the conversation was removed. Its id is free again after a month. */
  async function checkPresent(conversation: string, owner?: string): Promise<ThreadState | undefined> {
    const state = await stateOf(conversation)
    // other owners do not learn that it existed
    if (state?.removed && (owner === undefined || ownerOf(state) === owner)) throw threadRemoved(conversation)
    return state
  }

  async function recordOf(
    thread: string,
    id: string,
  ): Promise<{ readonly n: number; readonly record: AskRecord } | undefined> {
    const n = decodeAskPosition(await part(thread, numberPartName(id)))?.n
    const record = n === undefined ? undefined : ((await part(thread, askPartName(n))) as AskRecord | undefined)
    return record && { n: n!, record }
  }

  /** The receipt of a message that its conversation has taken. Throws if that is the message of another caller. */
  async function takenAs({ conversation, id, text, owner = LOCAL_OWNER }: SentMessage): Promise<Receipt | undefined> {
    const found = await recordOf(conversation, id)
    if (!found) return undefined
    const state = await stateOf(conversation)
    if (!state || ownerOf(state) !== owner) throw threadNotFound(conversation)
    if (found.record.prompt !== text) throw idTakenError(`the id ${id} is taken by another message`)
    return { id, conversation, n: found.n, status: found.record.status }
  }

  /** The id of the work on a message. Older versions sent messages under their own ids. */
  async function workOf(conversation: string, id: string): Promise<string> {
    const asked = await view.asked(id)
    return asked && nameOf(asked) === nameOf(threadRef(conversation)) ? id : workOfMessage(conversation, id)
  }

  return { stateOf, checkPresent, recordOf, takenAs, workOf }
}

export const noMessage = (conversation: string, id: string) =>
  new NotFoundError(`There is no message ${id} in the conversation ${conversation}.`)
