import type { AgentData, AgentDocument, AgentSummary, PutAgent } from '../../agent/room/agents/port.ts'
import type {
  ConversationsPort,
  MessageReply,
  MessageRequest,
  Receipt,
  WaitOptions,
} from '../../agent/room/conversation/port.ts'
import type { FollowedGoalEvent } from '../../agent/room/goals/documents.ts'
import type { AgentTools, GoalRequest, GoalSummary, GoalsPort } from '../../agent/room/goals/port.ts'
import type { ToolCallOptions, ToolRequest } from '../../calls/room/port.ts'
import type { PhaseChoice, PhaseQuery, PhaseSummary } from '../../chain/define/describe-phases.ts'
import type { CallerRights } from '../../contract/documents/system.ts'
import type { FollowedEvent, From } from '../../house/describe.ts'
import type { PageQuery } from '../../house/paging.ts'
import type { InboxPort } from '../../inbox/room/port.ts'
import type { Json } from '../../kernel/json.ts'
import type { ModelFit } from '../../model/choose/choose.ts'
import type { Plan } from '../../pipeline/report/plan.ts'
import type { PipelineDocument, PipelineSummary, Uploaded, Verdict } from '../../pipeline/room/documents.ts'
import type { PipelinesPort, PutOptions, ValidateOptions } from '../../pipeline/room/port.ts'
import type { RunDocument } from '../../run/document.ts'
import type { WhenRequest } from '../../run/later/terms.ts'
import type { FollowedRunEvent, RunCounts, RunSummary } from '../../run/room/documents.ts'
import type {
  ForkRequest,
  PipelineText,
  RunCountsQuery,
  RunsPort,
  RunsQuery,
  WhichPipeline,
} from '../../run/room/port.ts'
import type { ModelSummary } from '../../runtime/ports/catalogue.ts'
import type { Branch, Inspector, WorkCounts } from '../../runtime/ports/inspector.ts'
import type { CacheControl, Collected, PoolsDocument, RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { Backup } from '../../store/backup/document.ts'
import type { SeriesDocument } from '../../telemetry/series.ts'
import type { Answer, AskRequest, ThreadSummary, ThreadsPort } from '../../thread/room/port.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import type { ToolHealth } from '../../tool/plugin/health.ts'

/** Pipelines of a server: uploaded ones are those of the key's owner. `runs.start({ pipeline })` starts one. */
export interface PipelinesClient extends Pick<PipelinesPort, 'changes'> {
  /** Compiles a pipeline and reports all findings. It starts nothing. */
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  /** Describes the steps of a run, and the times and costs of earlier runs. It starts nothing. */
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  /** Stores a pipeline as the newest version of a name. InvalidError `invalid_pipeline` when it does not compile. */
  put(
    name: string,
    source: Pick<PipelineText, 'text' | 'files'>,
    options?: Pick<PutOptions, 'strict'>,
  ): Promise<Uploaded>
  /** Lists uploaded pipelines, sorted by owner and name. */
  list(query?: PageQuery): Promise<readonly PipelineSummary[]>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: { readonly version?: string }): Promise<PipelineDocument>
  /** Removes a pipeline with all its versions. Its runs continue. NotFoundError when there is none. */
  remove(name: string): Promise<void>
}

/**
 * Runs of a server. A request that starts a run or sends a signal carries an id; the client makes one when none is
 * given. When the answer is lost, the client may send the request again: the server acts once.
 */
export interface RunsClient extends Omit<RunsPort, 'artifact' | 'events' | 'list' | 'counts'> {
  /** Starts a run that reuses all recorded results of another run, and runs only the steps without a result. */
  replay(run: string, request?: Pick<ForkRequest, 'id' | 'interactive' | 'budget'>): Promise<{ readonly id: string }>
  /** Lists runs by their start, the newest first. */
  list(query?: Omit<RunsQuery, 'owner'>): Promise<readonly RunSummary[]>
  /** Counts runs by status. */
  counts(query?: Omit<RunCountsQuery, 'owner'>): Promise<RunCounts>
  /** Lists the files that the steps of a run made. */
  artifacts(run: string): Promise<RunDocument['artifacts']>
  /** Reads the content of the file that a step made. */
  artifact(run: string, step: string, signal?: AbortSignal): Promise<Uint8Array>
  /** Streams durable events of a run after a number, and the output of models, until `run-end` or the signal. */
  events(id: string, from?: From): AsyncIterable<FollowedRunEvent>
}

/** Calls of tools on a server. A call carries an id; the client makes one when none is given. */
export interface ToolsClient {
  /** Starts a run that makes the calls, and resolves with its id once the run is durable. */
  call(
    calls: readonly ToolRequest[],
    options?: Omit<ToolCallOptions, 'owner' | 'trusted' | 'offered'>,
  ): Promise<{ readonly id: string }>
}

/** Agents at run time of a server, those of the key's owner. */
export interface AgentsClient {
  /** Stores an agent under a name, as the newest version. InvalidError `invalid_agent` when it is wrong. */
  put(name: string, definition: AgentData): Promise<PutAgent>
  /** Lists agents, sorted by owner and name. */
  list(query?: PageQuery): Promise<readonly AgentSummary[]>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: { readonly version?: string }): Promise<AgentDocument>
  /** Removes an agent with all its versions. Its goals continue. NotFoundError when there is none. */
  remove(name: string): Promise<void>
}

/** Goals of agents on a server. A start carries an id; the client makes one when none is given. */
export interface GoalsClient extends Omit<GoalsPort, 'start' | 'tools' | 'list' | 'events'> {
  /** Gives a goal to an agent of the server's project, and resolves with its id once the goal is durable. */
  start(
    request: Pick<GoalRequest, 'goal' | 'files' | 'budget' | 'interactive' | 'id' | 'context' | keyof WhenRequest> & {
      readonly agent: string
    },
  ): ReturnType<GoalsPort['start']>
  /** Reads the names of the tools that an agent has. NotFoundError when the server knows no such agent. */
  tools(agent: string): Promise<AgentTools>
  /** Lists goals by their start, the newest first. */
  list(query?: PageQuery & { readonly status?: string; readonly agent?: string }): Promise<readonly GoalSummary[]>
  /** Streams durable events of a goal after a number, and the text of its model, until `goal-end` or the signal. */
  events(id: string, from?: From): AsyncIterable<FollowedGoalEvent>
}

/**
 * Threads of a server and their questions. A question carries an id; the client makes one when none is given. When the
 * answer is lost, the client may send the request again: the server asks once.
 */
export interface ThreadsClient
  extends Pick<ThreadsPort, 'name' | 'remove' | 'get' | 'messages' | 'getAsk' | 'trace' | 'resumeAsk' | 'cancelAsk'> {
  /** Lists threads by their first question, the newest first. */
  list(query?: PageQuery): Promise<readonly ThreadSummary[]>
  /** Asks a question and waits for its answer. The signal ends the wait and cancels nothing. */
  ask(request: AskRequest, signal?: AbortSignal): Promise<Answer>
  /** Asks a question under the caller's id, and waits only until its thread has it. The same id is asked once. */
  startAsk(request: AskRequest & { readonly id: string }): Promise<{ readonly id: string }>
  /** Streams durable events of a question after a number, and the output of models, until `ask-end` or the signal. */
  askEvents(thread: string, id: string, from?: From): AsyncIterable<FollowedEvent>
}

/**
 * Conversations with agents of a server. A message carries an id; the client makes one when none is given. When the
 * answer is lost, the client may send the message again: the server takes it once.
 */
export interface ConversationsClient extends Pick<ConversationsPort, 'get' | 'stop' | 'events'> {
  /** Sends a message to an agent of the server's project, and resolves when it is durable. */
  post(message: NamedMessage): Promise<Receipt>
  /**
   * Sends a message and waits for its answer. When `timeout` (ms) or `signal` ends the wait, the message stays and its
   * reply is `waiting`.
   */
  send(message: NamedMessage, wait?: WaitOptions): Promise<MessageReply>
}

/** A message to an agent that the server knows by name. */
type NamedMessage = Omit<MessageRequest, 'agent' | 'owner' | 'trusted'> & { readonly agent: string }

/** Everything that waits for people on a server, and the answers. */
export interface InboxClient extends InboxPort {
  /**
   * Answers a step that waits for an approval. `signal` names the step when several wait. An error of code
   * `not_waiting` when no step of the run waits for one.
   */
  approve(run: string, approval?: Approval): Promise<{ readonly status: 'taken' | 'kept' }>
}

/** An answer to a step that waits for an approval: `approve` when `action` is absent. */
export type Approval = {
  readonly action?: 'approve' | 'reject' | 'modify'
  readonly reason?: string
  /** for `modify`: the new content */
  readonly content?: Json
  readonly signal?: string
  readonly id?: string
}

/** The inspector of another process. The events of a run or a question also contain the live output of its models. */
export interface InspectorClient extends Omit<Inspector, 'deltas' | 'pools' | 'metrics' | 'series' | 'tree' | 'work'> {
  /** Counts the open work that no other work waits for: a conversation counts, its goal and the runs of it do not. */
  work(): Promise<WorkCounts>
  /** An actor and the actors that work for it; without `ref` all actors with work that the caller may see. */
  tree(ref?: string): Promise<readonly Branch[]>
  pools(): Promise<PoolsDocument>
  /** Reads the numbers of the process in the last hour, by minutes, or in the last day, by quarters of an hour. */
  series(query?: { readonly span?: 'hour' | 'day' }): Promise<SeriesDocument>
  /** Metrics in Prometheus format. */
  metrics(): Promise<string>
}

/** Backup, retention and cache of a server. */
export interface MaintenanceClient {
  /** `file` is an absolute path. */
  backup(file: string, options?: { readonly force?: boolean }, signal?: AbortSignal): Promise<Backup>
  gc(options?: { readonly dryRun?: boolean }, signal?: AbortSignal): Promise<Collected>
  readonly cache: CacheControl
}

/** Tools, models and phases of a server. */
export interface CatalogueClient {
  /** The tools of steps, by name and without their fields; or one with all operations: NotFoundError if missing. */
  tools(name?: string): Promise<readonly ToolDescription[]>
  /** Asks the tools that say how the system behind them is. */
  health(): Promise<readonly ToolHealth[]>
  /** The models that may answer. */
  models(): Promise<readonly ModelSummary[]>
  /** Judges models by needs in words: which one is preferred, and why the others are not. */
  judgeModels(needs: string): Promise<readonly ModelFit[]>
  /** The phases that serve asks, and where each comes from. */
  phases(): Promise<readonly PhaseSummary[]>
  /** How the phases and pools of a question are chosen, phase by phase. */
  selectPhases(query?: PhaseQuery): Promise<readonly PhaseChoice[]>
}

/** A topic of a feed that has changed. `n`: the number of the newest event of a run. */
export type TopicChange = { readonly topic: string; readonly n?: number }

/** A server, as a client uses it. */
export interface System {
  /** Resolves when the process answers. */
  health(): Promise<void>
  /** Resolves when the process can accept work; throws the reason when it cannot. */
  ready(): Promise<void>
  status(): Promise<RuntimeStatus>
  /** The rights of the caller. */
  caller(): Promise<CallerRights>
  /**
   * Streams the names of topics that have changed, until the signal: `runs`, `inbox`, `threads`, `run/ID`. Each comes
   * once at the beginning and after a lost connection.
   */
  feed(query: { readonly topics: string }, from?: Pick<From, 'signal'>): AsyncIterable<TopicChange>
  /** The OpenAPI 3.1 document of the server. */
  openApi(): Promise<{ readonly [key: string]: Json }>
  /** The process gives up its data folder; `wait` in ms. */
  handOver(wait: number): Promise<void>
}
