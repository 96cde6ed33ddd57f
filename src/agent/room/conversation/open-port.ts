import { randomUUID } from 'node:crypto'
import type { Engine } from '../../../engine/engine.ts'
import { idTakenError } from '../../../engine/envelope.ts'
import { InvalidError, is, NotFoundError } from '../../../errors.ts'
import { goalRef, threadRef } from '../../../house/actors.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../../kernel/types.ts'
import { present } from '../../../lib/json/present.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../../lib/owner.ts'
import { threadNotFound } from '../../../thread/actor/lifecycle.ts'
import { type AskRecord, isAtWork, type ThreadState, workOfMessage } from '../../../thread/protocol/ask-state.ts'
import type { ThreadActors } from '../../../thread/room/follow-threads.ts'
import { presentThread, recordOf, threadState } from '../../../thread/room/records.ts'
import type { Activity, Admit } from '../../../work/activity.ts'
import type { WorkFor } from '../../../work/origin/call-for.ts'
import { checkMessageSize } from '../../../work/text-limits.ts'
import { readWait } from '../../../work/wait.ts'
import type { GoalRequest } from '../../goal/start/request.ts'
import type { GoalStart } from '../../protocol/messages.ts'
import { goalIndex, peekGoal } from '../../protocol/state.ts'
import { endsByItself } from '../../protocol/stored-goal.ts'
import { FILES_ALONE, namedFiles, resolveFiles, type StoredFiles, sameFiles, withPaths } from '../message-files.ts'
import { openCalls } from './open-calls.ts'
import type { ConversationsPort, MessageReply, MessageRequest, Receipt } from './port.ts'
import { streamConversation } from './stream.ts'

type Parts = {
  readonly engine: Engine
  readonly activity: Activity
  readonly admit: Admit
  readonly threads: ThreadActors
  readonly files: StoredFiles
  readonly goals: {
    prepare(request: GoalRequest, granted?: readonly string[], above?: WorkFor): Promise<GoalStart>
    cancel(goal: string, reason: string): Promise<void>
    /** The index of the step for which a goal waits for a person or for code. */
    awaitingStep(index: ActorIndex): Promise<ActorIndex | undefined>
  }
}

/** A message with the id and the text that its conversation keeps. */
type SentMessage = Pick<MessageRequest, 'conversation' | 'text' | 'owner'> & {
  readonly id: string
  readonly stored: ReturnType<typeof namedFiles>['stored']
}

/** Makes the request of a step that waits for an answer. `above`: for whom its work is done, besides its owner. */
export type OrderMessage = (
  message: MessageRequest & { readonly id: string },
  above?: WorkFor,
) => Promise<{ readonly to: ActorRef; readonly body: Json; readonly work: string }>

/** The conversations of a runtime, and the messages of its steps. */
type OpenConversations = { readonly port: ConversationsPort; readonly order: OrderMessage }

/** Opens the conversations of a runtime: threads whose messages agents answer. */
export function createConversations({ engine, activity, admit, threads, files, goals }: Parts): OpenConversations {
  const { view } = engine

  /** The receipt of a message that its conversation has taken. Throws if that is the message of another caller. */
  async function takenAs({
    conversation,
    id,
    text,
    stored,
    owner = LOCAL_OWNER,
  }: SentMessage): Promise<Receipt | undefined> {
    const found = await recordOf(view.parts, conversation, id)
    if (!found) return undefined
    const state = await threadState(view, conversation)
    if (!state || ownerOf(state) !== owner) throw threadNotFound(conversation)
    if (found.record.prompt !== text || !sameFiles(found.record.files, stored))
      throw idTakenError(`the id ${id} is taken by another message`)
    return { id, conversation, n: found.n, status: found.record.status }
  }

  async function post(given: MessageRequest): Promise<Receipt> {
    checkMessage(given)
    const { conversation, id = `msg_${randomUUID()}`, owner } = given
    const { text, stored } = contentOf(given)
    const sent = { conversation, id, text, stored, ...ownerField(owner) }
    const known = given.id === undefined ? undefined : await takenAs(sent)
    if (known) await threads.takeUp(conversation)
    if (known) return known
    await presentThread(view, conversation, owner ?? LOCAL_OWNER)
    if (given.id !== undefined) await checkNoQuestion(view, conversation, id)
    const work = workOfMessage(conversation, id)
    // an earlier process may have left it between its acknowledgement and its first turn
    if (given.id !== undefined) await engine.start({ only: work })
    const body = await askFor(given)
    const answered = engine.ask(threadRef(conversation), body, { id: work, correlationId: work })
    threads.noteAsk(conversation, owner, answered)
    activity.track({ kind: 'ask', id: work }, threads.untilResting(conversation, id, answered))
    await threads.untilTaken(conversation, id, answered)
    // of two messages with one id that came at once, the thread took the first
    const taken = await takenAs(sent)
    if (!taken) throw noMessage(conversation, id)
    return taken
  }

  async function askFor(given: MessageRequest, above?: WorkFor) {
    const { conversation, owner, onBusy, priority } = given
    const { text, granted, stored } = contentOf(given)
    await admit(owner)
    await threads.takeUp(conversation)
    const refs = await resolveFiles(files, stored, { owner, use: `thread/${conversation}` })
    // the thread adds the text, which is its prompt
    const { goal: _, ...start } = await goals.prepare({ ...goalRequest(given), goal: text }, granted, above)
    return {
      type: 'ask',
      prompt: text,
      agent: { name: start.agent, start: start as JsonObject },
      ...ownerField(owner),
      ...(onBusy && { onBusy }),
      ...(priority && { priority }),
      ...(refs.length > 0 && { files: refs }),
    }
  }

  async function get(conversation: string, id: string): Promise<MessageReply> {
    const found = await recordOf(view.parts, conversation, id)
    if (!found) await presentThread(view, conversation)
    if (!found) throw noMessage(conversation, id)
    const { n, record } = found
    const { status, answer, output, answerFiles: files, lacks, problem } = record
    // a message that steers is with the goal that it was told to
    const goal =
      record.goal ?? (status === 'joined' ? (await threadState(view, conversation))?.current?.goal?.key : undefined)
    const message = { id, conversation, n, ...(goal !== undefined && { goal }) }
    if (status === 'completed') {
      const open = goal === undefined ? [] : await openCalls(view, goal)
      const more = present({ output, files: files && [...files], lacks })
      return { ...message, status, answer, ...more, ...(open.length > 0 && { open: [...open] }) }
    }
    if (!isAtWork(record)) return { ...message, status: status as 'failed' | 'cancelled', problem: problem! }
    return {
      ...message,
      status: 'waiting',
      for: await waitOf(view, record, () => threadState(view, conversation), goals.awaitingStep),
    }
  }

  /** A goal that has not begun is cancelled before its first message; one that has ended meanwhile needs nothing. */
  async function stopGoal(goal: string, reason: string): Promise<void> {
    try {
      await goals.cancel(goal, reason)
    } catch (error) {
      if (is(error, 'NotFoundError')) return engine.cancel(goalRef(goal), goal, reason)
      if (!is(error) || error.code !== 'goal_over') throw error
    }
  }

  const port: ConversationsPort = {
    post,
    async send(message, { timeout, signal } = {}) {
      const { id, conversation } = await post(message)
      const limits = [...(signal ? [signal] : []), ...(timeout === undefined ? [] : [AbortSignal.timeout(timeout)])]
      const until = limits.length > 0 ? { signal: AbortSignal.any(limits) } : {}
      for await (const _ of threads.askEvents(conversation, id, until));
      return get(conversation, id)
    },
    get,
    async stop(conversation, reason = 'somebody has stopped the conversation') {
      const state = await presentThread(view, conversation)
      if (!state) throw new NotFoundError(`There is no conversation ${conversation}.`)
      await threads.takeUp(conversation)
      // waiting messages first, so that none of them begins
      for (const { id } of state.queue) await engine.cancel(threadRef(conversation), id, reason)
      const { current } = state
      // before its goal, which would give back the messages that it has not taken: they would begin goals of their own
      if (current) await engine.cancel(threadRef(conversation), current.id, reason)
      if (!current?.goal) return
      const { key } = current.goal
      await stopGoal(key, reason)
      // the streamed part of its reply is then in the history
      if (await peekGoal(view, key)) await engine.ask(goalRef(key), { type: 'look' }, { correlationId: `${key}.look` })
    },
    async *events(conversation, from = {}) {
      await presentThread(view, conversation)
      yield* streamConversation(view, conversation, from)
    },
  }
  return {
    port,
    async order(given, above) {
      checkMessage(given)
      const { conversation, id, owner = LOCAL_OWNER } = given
      await presentThread(view, conversation, owner)
      const work = workOfMessage(conversation, id)
      return { to: threadRef(conversation), body: await askFor(given, above), work }
    },
  }
}

/** Throws if a question on this thread has the id: the thread may not have taken it yet. */
async function checkNoQuestion(view: Engine['view'], conversation: string, id: string): Promise<void> {
  const asked = await view.asked(id)
  if (asked && nameOf(asked) === nameOf(threadRef(conversation)))
    throw idTakenError(`the id ${id} is taken by a question`)
}

const noMessage = (conversation: string, id: string) =>
  new NotFoundError(`There is no message ${id} in the conversation ${conversation}.`)

/** Tells why a message is not answered yet. */
async function waitOf(
  view: Engine['view'],
  { status, goal: own }: AskRecord,
  stateOfThread: () => Promise<ThreadState | undefined>,
  awaitingStep: Parts['goals']['awaitingStep'],
): Promise<'agent' | 'person' | 'code' | 'turn'> {
  if (status === 'queued') return 'turn'
  // a message that steers a goal waits for the same as the goal
  const goal = own ?? (await stateOfThread())?.current?.goal?.key
  const state = goal === undefined ? undefined : await peekGoal(view, goal)
  if (!state) return 'agent'
  if (state.wait?.type === 'code') return 'code'
  if (state.status === 'paused' || (state.status === 'waiting' && !endsByItself(state.wait))) return 'person'
  const awaiting = await awaitingStep(goalIndex(state))
  if (!awaiting) return 'agent'
  return readWait(awaiting)?.type === 'code' ? 'code' : 'person'
}

function goalRequest(message: MessageRequest): GoalRequest {
  const { agent, text: goal, owner, trusted, interactive, priority, budget, context } = message
  return {
    agent,
    goal,
    ...ownerField(owner),
    ...present({ trusted, interactive, priority, budget, context }),
  }
}

/** The text of a message as its conversation keeps it, the paths that it opens, and its stored files. */
function contentOf({ text, files, texts }: MessageRequest) {
  const { paths: granted, stored } = namedFiles(files)
  const words = text.trim() === '' ? FILES_ALONE : text
  return { text: withTexts(withPaths(words, granted), texts), granted, stored }
}

function withTexts(message: string, texts: MessageRequest['texts'] = []): string {
  const all = [message, ...texts.map(({ name, text }) => `Text ${JSON.stringify(name)}:\n${text}`)].join('\n\n')
  checkMessageSize(all, 'texts')
  return all
}

function checkMessage({ text, conversation, id, files = [] }: MessageRequest): void {
  // a program without types may give anything
  for (const [path, value] of Object.entries({ text, conversation, ...(id !== undefined && { id }) }))
    if (typeof value !== 'string')
      throw new InvalidError(`\`${path}\`: expected a text, got ${value === null ? 'null' : typeof value}.`, {
        place: { path },
        hint: `Write for example ${path}: 'customer-42'.`,
      })
  if (text.trim() === '' && files.length === 0)
    throw new InvalidError('Expected a message, got an empty text.', {
      place: { path: 'text' },
      hint: 'Say something.',
    })
  checkMessageSize(text, 'text')
  // the key of a conversation may begin with its owner, such as ann@shop.example
  if (/^(?:[A-Za-z0-9][\w.@-]{0,63}:)?[\w:/-][\w:./-]{0,99}$/.test(conversation)) return
  throw new InvalidError(`${JSON.stringify(conversation.slice(0, 120))} is not a valid id of a conversation.`, {
    place: { path: 'conversation' },
    hint: 'Use up to 100 letters, digits, hyphens, dots and underscores.',
  })
}
