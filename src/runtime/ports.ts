import type { Citation } from '../chain/protocol/phase-types.ts'
import type { AskOptions, Engine, Numbered } from '../engine/engine.ts'
import type { Json } from '../kernel/schema.ts'
import type { Judgement } from '../model/choose/choose.ts'
import type { Observer } from '../observe/observer.ts'
import type { Finding } from '../pipeline/language/diagnostics/finding.ts'
import type { Strategy } from '../pipeline/language/parse/pipeline-spec.ts'
import type { ArtifactContent, RunDocument, StepDetail, StepDocument } from '../pipeline/report/document.ts'
import type { Plan } from '../pipeline/report/plan.ts'
import type { Backup, BackupOptions } from '../store/backup.ts'
import type { ToolDescription } from '../tool/describe.ts'
import type { Audit } from './access/audit.ts'
import type { Keys } from './access/keys.ts'
import type { Links } from './access/links.ts'
import type { Budgets } from './budgets/budgets.ts'
import type { Collected } from './maintenance/retention/collected.ts'
import type { Deciding } from './ports/deciding.ts'
import type { ListInbox } from './ports/inbox.ts'
import type { Inspector } from './ports/inspector.ts'
import type { RuntimeStatus } from './ports/maintenance.ts'
import type { ModelSummary } from './ports/model-summary.ts'
import type {
  PipelineDocument,
  PipelineSummary,
  PipelineText,
  PutOptions,
  Upload,
  WhichPipeline,
} from './ports/pipelines.ts'
import type { PoolsDocument } from './ports/pool-document.ts'
import type { RunSummary } from './ports/runs.ts'
import type { Answer, AskRequest } from './ports/threads.ts'
import type { ValidateOptions, Verdict } from './ports/verdict.ts'
import type { CacheControl } from './services/cache-control.ts'
import type { AskDocument, ThreadDocument, ThreadMessage, ThreadSummary } from './threads/conversations.ts'

export type { Judgement } from '../model/choose/choose.ts'
export type { CachePlace, CacheRemoved, CacheReport } from '../store/cache/cache.ts'
export type { Audit, AuditLine, AuditQuery } from './access/audit.ts'
export type { ApiKey, KeyRequest, Keys } from './access/keys.ts'
export type { Link, LinkRequest, Links } from './access/links.ts'
export type { Budget, Budgets, BudgetsQuery } from './budgets/budgets.ts'
export type { AskItem, AskMoneyItem, ConsentItem, InboxItem, InboxQuery, StepItem } from './ports/inbox.ts'
export type {
  ActorDocument,
  ActorSummary,
  Attempt,
  Branch,
  Hold,
  LetterSummary,
  Retried,
  Why,
} from './ports/inspector.ts'
export type { RestateStatus, RuntimeStatus } from './ports/maintenance.ts'
export type { ModelSummary } from './ports/model-summary.ts'
export type {
  PipelineDocument,
  PipelineSummary,
  PipelineText,
  PutOptions,
  Upload,
  WhichPipeline,
} from './ports/pipelines.ts'
export type { PoolDocument, PoolsDocument } from './ports/pool-document.ts'
export type { RunSummary } from './ports/runs.ts'
export type { Answer, AskRequest } from './ports/threads.ts'
export type { ValidateOptions, Verdict } from './ports/verdict.ts'
export type { CacheControl, CacheDrop, CacheDropped } from './services/cache-control.ts'
export type { ConsentAnswer, Consented, ConsentQuestion } from './threads/consents.ts'
export type {
  AskDocument,
  Proposal,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from './threads/conversations.ts'
export type { AskDecision, Decided } from './threads/decisions.ts'
export type {
  ArtifactContent,
  Backup,
  Citation,
  Collected,
  Finding,
  Inspector,
  Plan,
  RunDocument,
  StepDetail,
  StepDocument,
}

/** Everything antiphon can do in one process over one data folder. What it starts outlives the process. */
export interface Runtime extends Deciding {
  readonly data: string
  readonly engine: Engine
  /** What its actors do and wait for, and the messages that failed. */
  readonly inspector: Inspector
  readonly keys: Keys
  readonly audit: Audit
  /** What may be spent on models, by run, thread, owner and day. */
  readonly budgets: Budgets
  readonly links: Links
  /** Compiles; starts nothing. */
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  /** What a run would do, and what earlier ones took; starts nothing. InvalidError when the file or an input is wrong. */
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  /** Starts a run and resolves with its id once that is durable. InvalidError when the file or an input is wrong: nothing is started. */
  startRun(request: RunRequest): Promise<{ readonly id: string }>
  /**
   * Starts a run that takes over what another has recorded, at no cost: all but the step `at`, what `set` and another `file` change, and
   * what follows from that. Without any of these it is a replay. NotFoundError when there is no such run.
   */
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string }>
  /** In which steps the file of a run differs from what it was started with; InvalidError when it does not compile any more. */
  changes(run: string): Promise<Changes>
  /**
   * Keeps a pipeline under a name, as a version beside those before; refused where it does not compile, as the verdict says. InvalidError
   * for what is no name.
   */
  putPipeline(name: string, source: PipelineText, options?: PutOptions): Promise<Upload>
  /** What was uploaded, by owner and name. */
  pipelines(query?: ListQuery): Promise<readonly PipelineSummary[]>
  /** The newest version, or the one of that hash; NotFoundError when there is none. */
  getPipeline(name: string, options?: { readonly owner?: string; readonly version?: string }): Promise<PipelineDocument>
  /** Runs that were started with it go on. NotFoundError when there is none. */
  removePipeline(name: string, options?: { readonly owner?: string }): Promise<void>
  /** Runs by start, newest first. */
  runs(query?: RunsQuery): Promise<readonly RunSummary[]>
  /** Whose run it is; undefined when there is none. */
  ownerOf(run: string): Promise<string | undefined>
  /** NotFoundError when there is none. */
  run(id: string): Promise<RunDocument>
  /** One step of a run with its parameters, the messages its model got, and its reply; NotFoundError when the run has no such step. */
  step(run: string, id: string): Promise<StepDetail>
  /**
   * The file that a step of a run made, as it is now, at most 16 MiB: read only where the run's tools may read. NotFoundError when the step
   * made none, or it is there no more.
   */
  artifact(run: string, step: string, options?: { readonly signal?: AbortSignal }): Promise<ArtifactContent>
  /** The run's durable events after a number, then live, until `run-end` or the signal. */
  runEvents(id: string, from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<Numbered>
  /** Whether the run is over, and who has its events up to that number has them all. */
  runEnded(id: string, after: number): Promise<boolean>
  /** Takes up what an earlier process left of a run; an ask is taken up by asking it again. NotFoundError when there is no such run. */
  resume(id: string): Promise<void>
  cancel(id: string, reason: string, options?: { readonly undo?: boolean }): Promise<void>
  /**
   * Sends a run what one of its steps waits for, or will: resolves with `taken`, or with `kept` when no step waits for that name yet.
   * InvalidError when the step cannot take the value, or the run is over. The same `id` is sent once only.
   */
  signal(
    run: string,
    name: string,
    value: Json,
    options?: { readonly id?: string },
  ): Promise<{ readonly status: 'taken' | 'kept' }>
  /** What waits for people, the longest first; of one run its steps. */
  readonly inbox: ListInbox
  /** Begins a thread before anything is asked on it; one that is there stays as it is. NotFoundError when it is another owner's. */
  openThread(request: { readonly id: string; readonly name?: string; readonly owner?: string }): Promise<void>
  /** One question through the phase chain; the same id gets the same answer. NotFoundError on another owner's thread. */
  ask(request: AskRequest, options?: AskOptions): Promise<Answer>
  /** Puts a question to a thread, and resolves with its id once it is taken: its events tell the rest. The same id is asked once. */
  startAsk(request: AskRequest): Promise<{ readonly id: string }>
  /** NotFoundError when there is none. */
  askDocument(thread: string, id: string): Promise<AskDocument>
  /** Calls a question off, under way or waiting. InvalidError `ask_over` when it is over. */
  cancelAsk(thread: string, id: string, reason: string): Promise<void>
  /** Threads by their first ask, the newest first; without those that a step of a run has for itself. */
  threads(query?: ListQuery): Promise<readonly ThreadSummary[]>
  /** NotFoundError when there is none. */
  thread(id: string): Promise<ThreadDocument>
  /** What was said on a thread, in order, after a number; 100 at most unless `limit` says something else. Fewer are the last so far. */
  messages(
    thread: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly ThreadMessage[]>
  /** Whose thread it is; undefined when there is none. */
  ownerOfThread(thread: string): Promise<string | undefined>
  /** The ask's durable events, until `ask-end` or the signal. */
  askEvents(
    thread: string,
    id: string,
    from?: { readonly after?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Numbered>
  /** Whether the ask is over, and who has its events up to that number has them all. */
  askEnded(thread: string, id: string, after: number): Promise<boolean>
  deltas(id: string, signal: AbortSignal): AsyncIterable<Json>
  /** Writes all that was acknowledged so far into one file while work goes on; `restore` makes a data folder of it. */
  backup(file: string, options?: BackupOptions): Promise<Backup>
  /** Lets go now of what was over long ago, as it does from time to time by itself; `dryRun`: only tells what would go. */
  gc(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<Collected>
  /**
   * Lets running turns end, and then gives the data folder up for a move: `broken` rejects with `moving`, and who works here is to stop. A
   * BusyError when they have not ended after `wait` ms: then all goes on.
   */
  handOver(wait: number, signal?: AbortSignal): Promise<void>
  status(): RuntimeStatus
  /** The pools that were asked for so far, and what they share. */
  pools(): PoolsDocument
  /** The replies that are kept, to be given again. */
  readonly cache: CacheControl
  /** The tools that steps can use, by name; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): readonly ToolDescription[]
  /** The models that may answer. */
  models(): readonly ModelSummary[]
  /** What a choice comes to for each of them, who would be taken first, by needs in words; InvalidError for words that are not understood. Asks nobody. */
  judgeModels(needs: string): readonly Judgement[]
  /**
   * Remembers for a day what was asked for under an id, as a text of at most 256 characters, and says whether that was so already; InvalidError
   * `key_reused` when it was something else.
   */
  claimRequest(id: string, asked: string): Promise<'new' | 'again'>
  /** The text that is remembered under an id; undefined when none is. */
  claimedRequest(id: string): Promise<string | undefined>
  /** Forgets what was asked for under an id, if it was this: nothing came of it. */
  releaseRequest(id: string, asked: string): Promise<void>
  /** Told what this process does: spans, counts and log lines are made of it. */
  readonly observer: Observer
  /** What was counted since this process began, as Prometheus reads it. */
  metrics(): string
  /** Resolves when no run and no ask of this process is under way, but for runs that wait for nothing but signals and asks that wait for a decision. */
  idle(): Promise<void>
  /**
   * Rejects when the data folder can no longer be written: nothing is acknowledged from then on, and nothing that was is lost. With a
   * CancelledError `stopped` when that is because of `stop`.
   */
  broken(): Promise<never>
  /** Resolves when work can be taken up; rejects with why it cannot, for now (what it would need cannot be stored) or for good. */
  ready(): Promise<void>
  stop(options?: { readonly grace?: number }): Promise<void>
}

/** What to list: all, or only what is one owner's; behind a cursor, if one is given; at most `limit`, 100 when absent. Fewer are the last. */
export type ListQuery = { readonly owner?: string; readonly after?: string; readonly limit?: number }
/** Which runs to list. */
export type RunsQuery = ListQuery & { readonly status?: string }

/** What to run: a pipeline and its inputs; the same `id` starts one run only. */
export type RunRequest = WhichPipeline & {
  /** whose run it is, and of those that it starts; absent: `local`. It sees and takes over what is that owner's only. */
  readonly owner?: string
  /** false: whoever asks is not of this machine. Paths among the inputs open nothing, and only what is open to all can be reached. */
  readonly trusted?: boolean
  readonly inputs?: { readonly [name: string]: Json }
  readonly id?: string
  /** an unknown key is an error */
  readonly strict?: boolean
  /** whether its steps run side by side; absent: what the pipeline says */
  readonly strategy?: Strategy
  /** somebody follows it at a terminal, and may be asked there */
  readonly interactive?: boolean
  /** steps whose inputs have not changed since that run (true: the newest of this pipeline) take over what is recorded of them */
  readonly reuse?: boolean | string
  /** begins with that step: all before it is taken over, as it is recorded. InvalidError `not_recorded` when it is not. */
  readonly from?: string
  /** dollars that its calls of models may cost in all, those of the runs below it too: then it waits until that is raised */
  readonly budget?: number
}
/** The file of a run (of a text, what it is called), absent when there is none any more or the run is over, and the steps that are another there, or only in one of both. */
export type Changes = {
  readonly file?: string
  readonly steps: readonly string[]
  /** only the default model is another one: the steps are those it answered for */
  readonly model?: { readonly was: string; readonly is: string }
}
/** How a run is to differ from the one it is forked from; without a pipeline, it goes on with the one that run was started with. */
export type ForkRequest = WhichPipeline & {
  /** the step that is done anew: its id, of a loop's body with the loop's and a dot before it */
  readonly at?: string
  /** inputs */
  readonly set?: { readonly [name: string]: Json }
  /** false: as for a run; what comes of an untrusted run is none that is trusted */
  readonly trusted?: boolean
  /** who forks: of another's run there is none; absent: `local` */
  readonly owner?: string
  readonly id?: string
  readonly interactive?: boolean
  /** dollars that what it does anew may cost: as for a run */
  readonly budget?: number
}
