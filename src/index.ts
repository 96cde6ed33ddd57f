/**
 * antiphon: actors decide, workers do, the engine remembers.
 *
 * A tour of the folders, the way a command travels down and its answer up:
 *   cli/       the commands: what a person types and reads
 *   http/      the same work over a Unix socket: routes, events, problems
 *   runtime/   puts everything below together over one data folder, as config/ says
 *   pipeline/  YAML → checked graph → a run and its steps, each an actor
 *   chain/     one question through six phases, each an actor, until Understanding yields
 *   budget/    money that runs, threads and owners may spend, as actors
 *   access/    who may ask over the network, and who has: keys and the audit
 *   tool/      what a step can do in the world; template/ fills in what it is told
 *   model/     which mind answers; offline/extractive needs no key and no network
 *   secret/    values that are told to nobody, and what takes them out of what is told
 *   worker/    the bounded pools that all work passes
 *   engine/    makes turns durable: libsql (one file) or inline (memory)
 *   store/     where the bytes lie: one writer, one owner, values by content
 *   kernel/    what an actor is, in pure functions; kernel/types.ts is the place to begin reading
 *   testing/   what tests of your own need: a simulated clock, gates
 */

// A runtime: pipelines, questions and actors of your own over one data folder.

export type { AnyPhase, Phase } from './chain/protocol/phase.ts'
export { type Config, type ConfigRequest, loadConfig } from './config/config.ts'
export { type RunOptions, runPipeline } from './http/server/run-pipeline.ts'
export { createRuntime } from './http/server/served-runtime.ts'
export type { Finding } from './pipeline/language/diagnostics/finding.ts'
export type { RunDocument, StepDetail, StepDocument } from './pipeline/report/document.ts'
export type { RuntimeParts } from './runtime/open/parts.ts'
export {
  type AskItem,
  type AskMoneyItem,
  type ConsentItem,
  cursorOfItem,
  type InboxItem,
  type InboxQuery,
  type StepItem,
} from './runtime/ports/inbox.ts'
export { cursorOfLetter, type Inspector, type Why } from './runtime/ports/inspector.ts'
export type { Collected, PoolDocument, PoolsDocument, RuntimeStatus } from './runtime/ports/maintenance.ts'
export type { ListQuery } from './runtime/ports/paging.ts'
export {
  cursorOfPipeline,
  type PipelineDocument,
  type PipelineSummary,
  type PipelineText,
  type PutOptions,
  type Upload,
  type Verdict,
  type WhichPipeline,
} from './runtime/ports/pipelines.ts'
export { cursorOfRun, type RunRequest, type RunSummary, type RunsQuery } from './runtime/ports/runs.ts'
export {
  type Answer,
  type AskDecision,
  type AskDocument,
  type AskRequest,
  type ConsentAnswer,
  type Consented,
  type ConsentQuestion,
  cursorOfThread,
  type Decided,
  type ThreadDocument,
  type ThreadMessage,
  type ThreadSummary,
} from './runtime/ports/threads.ts'
export type { Runtime } from './runtime/ports.ts'
export type { Backup, BackupOptions } from './store/backup.ts'

// Tools, as pipelines call them.

export { defineTool, type Tool, type ToolContext } from './tool/tool.ts'

// Pools and workers of your own.

export type { Needs, Offers } from './worker/capabilities.ts'
export { processWorker } from './worker/isolation/process.ts'
export { threadWorker } from './worker/isolation/thread.ts'
export type { Pool, PoolOptions, PoolReport, PoolStats } from './worker/pool/pool.ts'
export { createPool } from './worker/pool/pool.ts'
export type { Task as PoolTask } from './worker/pool/task.ts'
export type { OwnPoolSettings, ScaledPool, ScaledPools, ScaledPoolsOptions } from './worker/program-pools.ts'
export { createPools } from './worker/program-pools.ts'
export { inlineWorker, modelWorker, type Worker as PoolWorker } from './worker/worker.ts'

// Actors: what they are told, what they decide, what becomes of a failed effect.

export type { Json, Schema } from './kernel/schema.ts'
export { backoff, retryUpTo } from './kernel/supervise.ts'
export type { Child, OnRestart, Restart, Strategy, SupervisorStart } from './kernel/supervisor/spec.ts'
export { supervisorActor } from './kernel/supervisor/supervisor.ts'
export { defineActor } from './kernel/turn.ts'
export type { Actor, ActorRef, Directive, Effects, Envelope, Failure, Notice, Send, Turn } from './kernel/types.ts'

// The engine of a runtime, and one without a disk.

export type {
  AskOptions,
  DeadLetter,
  DeadLetters,
  Engine,
  EngineView,
  NumberedEvent,
  TellOptions,
} from './engine/engine.ts'
export { type InlineOptions, inlineEngine } from './engine/inline/engine.ts'
export type { Inspected, InspectQuery } from './engine/inspect.ts'
export { type RestateOptions, restateEngine } from './engine/restate/engine.ts'

// Errors: a name says what the runtime will do; `is` tells them apart, also those of another copy of the package.

export type { AntiphonError, Problem } from './errors.ts'
export { InvalidError, is, NotFoundError, RetryableError, TerminalError } from './errors.ts'
