/**
 * antiphon: actors decide, workers execute, the engine remembers.
 *
 * The folders, in the order in which a command travels down:
 *   cli/       commands: what a person types and reads
 *   http/      the same operations over HTTP and a Unix socket: routes, events, problems
 *   runtime/   combines everything below over one data folder, as config/ says
 *   contract/  the operations and documents of http and runtime, described once
 *   pipeline/, workflow/ and agent/ decide what is done next: a graph from YAML, a function, a model in rounds
 *   calls/     decides for lists of tool calls: each is a step, and a person may approve it
 *   run/       lists, waits, cancels and ends, whatever decides in it; step/ is one piece of work that survives
 *   rooms/     the list of rooms that describe themselves, each in its `room.ts`
 *   thread/    questions and messages in their order, with history and consents; chain/ and agent/ answer them
 *   chain/     an ask: six phases, each an actor, until Understanding yields
 *   work/      what runs, asks and goals share: payer, origin, approval, waits, inbox
 *   budget/    spending limits; environment/ is shared state with versions
 *   memory/    records that outlive runs: found by words and time, forgotten for good
 *   ledger/    rewards of owners: one entry for each, in a chain of hashes
 *   commons/   prompts that owners share, and the rewards for them
 *   bulk/      many runs cancelled, resumed or forked at once; tested/ has the last results of `agent test`
 *   schedule/  work at its time; hook/ starts work by webhooks; file/ keeps the files that callers give
 *   erasure/   everything of an owner, removed for good
 *   checkpoint/ the state of LangGraph graphs, which packages/langgraph keeps here
 *   inbox/     what waits for people, in one list
 *   notify/    messages to receivers outside when a person is needed
 *   access/    access control: API keys, links and the audit
 *   house/     what the door of a room needs: operations, access rules, lists
 *   source/    one way from a file to passages, for asks and memory; extension/ has readers that packages add
 *   tool/      the tools of steps; template/ renders their parameters
 *   sandbox/   runs the code of others; web/ is the only way to the network
 *   model/     models and providers; model/offline/ needs no key and no network
 *   secret/    secrets, and their redaction from texts
 *   worker/    bounded pools that all work passes through
 *   engine/    makes turns durable: libsql (one file), restate (a cluster) or inline (memory)
 *   store/     storage: one writer, one owner, content-addressed values
 *   kernel/    what an actor is, in pure functions; start reading at kernel/types.ts
 *   telemetry/ what models, tools and pools report; observe/ makes logs, metrics and traces of it
 *   yaml/      a YAML reader; like lib/ a leaf without a domain
 * testing/ helpers for your tests: a simulated clock, gates; trials/ beside src/ holds the suite of engines, and
 * crashes and attacks what it is given
 */

import './lib/require-node.ts'

// A runtime: pipelines, asks and your own actors over one data folder.

export type { GoalEvent } from './agent/protocol/goal-event.ts'
export type { GoalDelta } from './agent/protocol/live.ts'
export {
  type AgentData,
  type AgentDocument,
  type AgentSummary,
  type AgentsPort,
  cursorOfAgent,
  type PutAgent,
  type PutAgentOptions,
} from './agent/room/agents/port.ts'
export type { ConversationEvent, MessageReply, Receipt } from './agent/room/conversation/port.ts'
export type { FollowedGoalEvent } from './agent/room/goals/documents.ts'
export type { ApprovalPolicy, ToolCallOptions, ToolRequest, ToolsPort } from './calls/room/port.ts'
export { definePhase, type OwnPhaseResult, type PhaseDefinition } from './chain/define/define-phase.ts'
export type { AnyPhase, Phase, PhaseContext } from './chain/protocol/phase.ts'
export { type Config, type ConfigRequest, loadConfig } from './config/config.ts'
export type { ListQuery } from './house/paging.ts'
export type { App, AppAgents, AppRunOptions } from './http/program/app.ts'
export type { Conversation, ConversationOptions } from './http/program/conversation.ts'
export type { FetchHandler, HandlerOptions, RequestOwner } from './http/program/handler.ts'
export { toNodeListener } from './http/program/node-listener.ts'
export type { Reply } from './http/program/reply.ts'
export { type StartOptions, start } from './http/program/start.ts'
export type { AppPipelines } from './http/program/targets.ts'
export { type RunOptions, runPipeline } from './http/server/run-pipeline.ts'
export { createServedRuntime as createRuntime } from './http/server/served-runtime.ts'
export { cursorOfItem, type InboxQuery } from './inbox/room/port.ts'
export type { ErasureReport, ForgetTarget, FoundRecord, Memory, MemoryChange } from './memory/memory.ts'
export type { MemoryRecord, NewRecord } from './memory/record.ts'
export type { EndedWork, OnEnd } from './notify/item.ts'
export type { StepStrategies, StepStrategy, StrategyStep } from './pipeline/plan/strategy.ts'
export type { PipelineDocument, PipelineSummary, Verdict } from './pipeline/room/documents.ts'
export { cursorOfPipeline, type PutOptions, type Upload } from './pipeline/room/port.ts'
export type { RunDocument, StepDetail, StepDocument } from './run/document.ts'
export type { RunEvent } from './run/event.ts'
export type { Finding } from './run/finding.ts'
export type { FollowedRunEvent, RunSummary, StepItem } from './run/room/documents.ts'
export type { PipelineText, WhichPipeline } from './run/room/port.ts'
export { cursorOfRun, type RunRequest, type RunsQuery } from './run/room/port.ts'
export type { EngineFactory, RuntimeParts } from './runtime/open/parts.ts'
export { cursorOfLetter, type Inspector, type Why } from './runtime/ports/inspector.ts'
export type { Collected, PoolDocument, PoolsDocument, RuntimeStatus } from './runtime/ports/maintenance.ts'
export type { Runtime } from './runtime/ports.ts'
export type { RunDelta } from './step/messages/delta.ts'
export type { Backup } from './store/backup/document.ts'
export type { BackupOptions } from './store/backup.ts'
export type { ChainEvent } from './thread/protocol/ask-state.ts'
export type { Hit, PhaseInput } from './thread/protocol/phase-types.ts'
export type {
  AskItem,
  AskMoneyItem,
  ConsentItem,
  FactItem,
  GoalItem,
  InboxItem,
} from './thread/room/documents/inbox.ts'
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
} from './thread/room/port.ts'

// Agents of a program.

export type {
  Agent,
  AgentInstructions,
  AgentOptions,
  AgentTime,
  AgentTool,
  ContextSchema,
  GoalFor,
} from './agent/definition/agent-value.ts'
export { defineAgent } from './agent/definition/define-agent.ts'
export type { ObjectJsonSchema, OutputSchema } from './agent/definition/output-schema.ts'

// Durable functions.

export type { WorkflowRun, WorkflowRunOptions } from './http/client/workflow-run.ts'
export type {
  AgentReply,
  LoopEnd,
  Mapped,
  MessageTarget,
  PipelineTarget,
  WorkflowAbort,
  WorkflowCallOptions,
  WorkflowContext,
  WorkflowDecision,
  WorkflowPrompt,
  WorkflowStepCall,
  WorkflowStepOptions,
  WorkflowWaitOptions,
} from './workflow/definition/context.ts'
export { type DurableToolOptions, durable, type SdkModel } from './workflow/definition/durable.ts'
export type { Duration } from './workflow/definition/duration.ts'
export {
  type AnySchema,
  defineWorkflow,
  type Stored,
  type Workflow,
  type WorkflowOptions,
} from './workflow/definition/workflow-value.ts'
export type { WorkflowSummary } from './workflow/room/contract.ts'
export type { WorkflowsPort } from './workflow/room/open-port.ts'

// Tools that pipelines can call.

export type { CallFinding, CallInDoubt } from './tool/once/call-finding.ts'
export type { Once, OnceOptions, OncePart } from './tool/once/once.ts'
export { processCall } from './tool/plugin/process-call.ts'
export {
  type CallContext,
  type CallFor,
  defineTool,
  type Tool,
  type ToolContext,
} from './tool/tool.ts'

// Rules of the house around calls of models and tools.

export type {
  Around,
  AroundModel,
  AroundTool,
  RuledCall,
  RuledReply,
  RuledRequest,
} from './work/rules/house-rules.ts'

// Your own sandboxes for code that steps run.

export type {
  Execution,
  Mount,
  OpenSandboxOptions,
  RunCommandOptions,
  Sandbox,
  SandboxGap,
  SandboxLimits,
  SandboxProvider,
  ScratchFile,
} from './sandbox/sandbox.ts'

// Your own pools and workers.

export type { Needs, Offers } from './worker/capabilities.ts'
export type { Command } from './worker/isolation/command.ts'
export { processWorker } from './worker/isolation/process.ts'
export { threadWorker } from './worker/isolation/thread.ts'
export type { Pool, PoolOptions } from './worker/pool/pool.ts'
export { createPool } from './worker/pool/pool.ts'
export type { Task as PoolTask } from './worker/pool/task.ts'
export type { OwnPoolSettings, ScaledPool, ScaledPools, ScaledPoolsOptions } from './worker/program-pools.ts'
export { createPools, machineSizes } from './worker/program-pools.ts'
export type { PoolReport, PoolStats } from './worker/report.ts'
export type { PoolSizes } from './worker/scaling/default-sizes.ts'
export { inlineWorker, modelWorker, type Worker as PoolWorker } from './worker/worker.ts'

// Actors: messages, decisions, and the consequences of failed effects.

export { backoff, retryUpTo } from './kernel/attempt/supervise.ts'
export type { Json, Schema } from './kernel/schema.ts'
export type { Child, OnRestart, Restart, Strategy, SupervisorStart } from './kernel/supervisor/spec.ts'
export { supervisorActor } from './kernel/supervisor/supervisor.ts'
export { defineActor } from './kernel/turn.ts'
export type {
  Actor,
  ActorAt,
  ActorRef,
  AddressedActor,
  Directive,
  Effects,
  Envelope,
  Failure,
  Notice,
  Send,
  Turn,
} from './kernel/types.ts'

// The engine of a runtime, and one in memory.

export type {
  AskOptions,
  DeadLetter,
  DeadLetters,
  Engine,
  EngineView,
  NumberedEvent,
  TellOptions,
  TypedEngine,
} from './engine/engine.ts'
export { type InlineOptions, inlineEngine } from './engine/inline/engine.ts'
export type { Inspected, InspectQuery } from './engine/inspect.ts'
export { type RestateOptions, restateEngine } from './engine/restate/engine.ts'

// Errors: the name says what the runtime does; `is` recognises them, also across copies of the package.

export type { AntiphonError, Problem } from './errors.ts'
export { InvalidError, is, NotFoundError, RetryableError, TerminalError, UnknownError } from './errors.ts'
