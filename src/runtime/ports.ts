import type { AskOptions, Engine, NumberedEvent } from '../engine/engine.ts'
import type { Json } from '../kernel/schema.ts'
import type { Observer } from '../observe/observer.ts'
import type { ArtifactContent, RunDocument, StepDetail } from '../pipeline/report/document.ts'
import type { Plan } from '../pipeline/report/plan.ts'
import type { AccessPort } from './ports/access.ts'
import type { Budgets } from './ports/budgets.ts'
import type { CataloguePort } from './ports/catalogue.ts'
import type { ListInbox } from './ports/inbox.ts'
import type { Inspector } from './ports/inspector.ts'
import type { MaintenancePort, RuntimeStatus } from './ports/maintenance.ts'
import type { ListQuery } from './ports/paging.ts'
import type {
  PipelineDocument,
  PipelineSummary,
  PipelineText,
  PutOptions,
  Upload,
  ValidateOptions,
  Verdict,
  WhichPipeline,
} from './ports/pipelines.ts'
import type { Changes, ForkRequest, RunRequest, RunSummary, RunsQuery } from './ports/runs.ts'
import type {
  Answer,
  AskDocument,
  AskRequest,
  Deciding,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from './ports/threads.ts'

/** Everything antiphon can do in one process over one data folder. What it starts outlives the process. */
export interface Runtime extends Deciding {
  readonly data: string
  readonly engine: Engine
  /** What its actors do and wait for, and the messages that failed. */
  readonly inspector: Inspector
  /** Who may ask, who answers by a link, and who changed what. */
  readonly access: AccessPort
  /** Backups, what is let go, and the replies that are kept. */
  readonly maintenance: MaintenancePort
  /** The tools and models that steps can use. */
  readonly catalogue: CataloguePort
  /** What may be spent on models, by run, thread, owner and day. */
  readonly budgets: Budgets
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
  runEvents(id: string, from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<NumberedEvent>
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
  ): AsyncIterable<NumberedEvent>
  /** Whether the ask is over, and who has its events up to that number has them all. */
  askEnded(thread: string, id: string, after: number): Promise<boolean>
  /**
   * Lets running turns end, and then gives the data folder up for a move: `broken` rejects with `moving`, and who works here is to stop. A
   * BusyError when they have not ended after `wait` ms: then all goes on.
   */
  handOver(wait: number, signal?: AbortSignal): Promise<void>
  status(): RuntimeStatus
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
