/** antiphon/client: a client for `antiphon serve --listen`. It needs only `fetch`. */

import { RetryableError } from './errors.ts'
import { type Client, createClient as clientOver } from './http/client/client.ts'
import { headersOf, serverUrl } from './http/client/transport/server-url.ts'

export type { NewLink } from './access/room/documents.ts'
export type { AgentData, AgentDocument, AgentSummary, PutAgent } from './agent/room/agents/port.ts'
export type {
  ChainEvent,
  ConversationEvent,
  GoalDelta,
  GoalEvent,
  MessageReply,
  Receipt,
} from './agent/room/conversation/documents.ts'
export type { MessageRequest } from './agent/room/conversation/port.ts'
export type { FollowedGoalEvent } from './agent/room/goals/documents.ts'
export type { Bulk } from './bulk/room/contract.ts'
export type { BulkRequest } from './bulk/room/port.ts'
export type { ToolCallOptions, ToolRequest } from './calls/room/port.ts'
export type { AntiphonError, Problem } from './errors.ts'
export { is } from './errors.ts'
export type { FollowedEvent as Happening, From } from './house/describe.ts'
export type { Client } from './http/client/client.ts'
export type { Approval } from './http/client/ports.ts'
export type { PipelineDocument, PipelineSummary, Uploaded } from './pipeline/room/documents.ts'
export type { RunDocument, StepDetail, StepDocument, StepRow } from './run/document.ts'
export type { RunEvent } from './run/event.ts'
export type { FollowedRunEvent, RunSummary, StepItem } from './run/room/documents.ts'
export type { RunRequest } from './run/room/port.ts'
export type { RunSource } from './run/room/source.ts'
export type { RunDelta } from './step/messages/delta.ts'
export type { TestCaseResult, TestDocument, TestResult, TestSummary } from './tested/room/documents.ts'
export type {
  AskItem,
  AskMoneyItem,
  ConsentItem,
  FactItem,
  GoalItem,
  InboxItem,
} from './thread/room/documents/inbox.ts'
export type {
  Answer,
  AskDecision,
  AskDocument,
  AskRequest,
  ConsentAnswer,
  Consented,
  ConsentQuestion,
  Decided,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from './thread/room/port.ts'

/** The address of a server and an API key. `patience`: ms that a lost event stream waits for the server. */
type ClientOptions = {
  readonly url: string
  readonly key?: string | undefined
  readonly patience?: number
  /** absent: the global fetch */
  readonly fetch?: (request: Request) => Promise<Response>
}

const RECONNECT_PATIENCE_MS = 60_000

/**
 * Creates a client. Its methods throw the errors of the server, `unreachable` if there is no
 * server, and `no_server` if something else answers. Event streams resume after their last durable
 * event.
 * @throws InvalidError if the URL or the key is invalid
 */
export function createClient(options: ClientOptions): Client {
  const { url, key, patience = RECONNECT_PATIENCE_MS, fetch = globalThis.fetch } = options
  const ask = async (request: Request) => {
    try {
      return await fetch(request)
    } catch (cause) {
      if (request.signal.aborted) throw cause
      throw new RetryableError(`${url} does not answer.`, { code: 'unreachable', cause })
    }
  }
  return clientOver(ask, {
    base: serverUrl(url).href.replace(/\/$/, ''),
    headers: headersOf(key),
    reconnect: { patience, pause: 250 },
  })
}
