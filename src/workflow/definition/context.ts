import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Agent, AgentTool } from '../../agent/definition/agent-value.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorAt, EffectClass, PlainRef } from '../../kernel/types.ts'
import type { CallFinding, CallInDoubt } from '../../tool/once/call-finding.ts'
import type { CallProgress } from '../../tool/once/call-progress.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Duration } from './duration.ts'
import type { AnySchema, Stored, Workflow } from './workflow-value.ts'

/** The call of a step: its arguments. */
export type WorkflowStepCall = CallProgress & {
  /** aborts when the step is cancelled, or takes too long */
  readonly signal: AbortSignal
  /** the same for all attempts and restarts: give it to the service that acts */
  readonly idempotencyKey: string
  /** 1 for the first attempt */
  readonly attempt: number
  /** Tells present followers of the run; never stored. */
  delta(part: Json): void
}

/** How a step is attempted, and undone. */
export type WorkflowStepOptions<T> = {
  /** attempts after the first; absent: 2, and 0 for an at-most-once step */
  readonly retry?:
    | number
    | { readonly attempts: number; readonly delay?: Duration; readonly factor?: number; readonly max?: Duration }
  /** of one attempt */
  readonly timeout?: Duration
  /** The most time between two signs of life: `progress`, `log` or `heartbeat` of its call. Then the attempt fails. */
  readonly heartbeat?: Duration
  /** as for tools; absent: idempotent */
  readonly effect?: EffectClass
  /** the resource of antiphon.yaml, with `steps: true`, whose places it takes */
  readonly resource?: string
  /**
   * as for tools: finds out whether a step with `effect: 'at-most-once'` took place, whose outcome is unknown. It gets
   * the key, and only reads
   */
  lookUp?(call: CallInDoubt): CallFinding<T> | Promise<CallFinding<T>>
  /** as for tools: the time after which a step that `lookUp` does not find was not made */
  readonly settlesAfter?: Duration
  /** Undoes the step when the run is undone: the newest step first. It may run twice. */
  undo?(result: Stored<T>, call: WorkflowStepCall): unknown
}

/** How a wait is given up. */
export type WorkflowAbort = {
  /** when it aborts, the wait rejects with its reason, and the work behind it is cancelled */
  readonly signal?: AbortSignal
}

/** A wait for a signal. */
export type WorkflowWaitOptions = WorkflowAbort & {
  /** as the inbox shows it */
  readonly title?: string
  /** what the question is about; the inbox shows it */
  readonly content?: Json
  /** a TimeoutError after it; absent: it waits as long as it takes */
  readonly timeout?: Duration
}

/** The decision of a person. */
export type WorkflowDecision = { readonly action: 'approve' | 'reject'; readonly reason?: string }

/** A request to a model. Documents are data: the model gets them delimited. */
export type WorkflowPrompt = {
  readonly prompt: string
  readonly system?: string
  readonly documents?: readonly { readonly name: string; readonly text: string }[]
  /** its name, or names in the order in which they are asked; absent: the default */
  readonly model?: string | readonly string[]
  readonly maxTokens?: number
}

/** A pipeline, by the path of its file. */
export type PipelineTarget = { readonly pipeline: string }

/** A message of a conversation of the run's owner. The first message begins the conversation. */
export type MessageTarget<Output = unknown, Context = unknown> = {
  /** its id, as for `app.conversation` */
  readonly conversation: string
  /** the agent, or its name */
  readonly agent: string | Agent<Output, readonly AgentTool[], Context>
  /** while an earlier message is answered; absent: `steer` */
  readonly onBusy?: 'steer' | 'queue' | 'interrupt'
  /** dollars for the answer; absent: as the agent says, else 1 */
  readonly budget?: number
}

/** How a call is made. */
export type WorkflowCallOptions = WorkflowAbort & {
  /** its name in the history; absent: that of what is called */
  readonly name?: string
  readonly timeout?: Duration
}

/** The answer of an agent. `output` is the value of an agent with an `output`. */
export type AgentReply<Output = unknown> = {
  readonly status: string
  readonly answer: string | null
  readonly goal: string
} & (unknown extends Output ? { readonly output?: Json } : { readonly output: Stored<Output> })

/** One item of `map`: its result, or why it failed. */
export type Mapped<T> =
  | { readonly status: 'fulfilled'; readonly value: T }
  | { readonly status: 'rejected'; readonly reason: Error }

/** How an iteration of a loop ends: with the state of the next one, or with the result of the loop. */
export type LoopEnd<State, Result> = { readonly next: State } | { readonly done: Result }

type Out<S extends AnySchema> = StandardSchemaV1.InferOutput<S>

/** The only door out of a workflow. Each operation is recorded, and a replay gets the recorded outcome. */
export interface WorkflowContext {
  readonly run: { readonly id: string; readonly workflow: string; readonly version: number; readonly startedAt: Date }
  /**
   * Does something outside of the workflow, once. Its result must be JSON. It is attempted again as `retry` says; the
   * error of the last attempt is thrown.
   */
  step<T>(
    name: string,
    act: (call: WorkflowStepCall) => T | Promise<T>,
    options?: WorkflowStepOptions<NoInfer<T>>,
  ): Promise<Stored<T>>
  /** Pauses, also for days: no thread, turn or process waits. */
  sleep(time: Duration, options?: WorkflowAbort): Promise<void>
  sleepUntil(time: Date | number, options?: WorkflowAbort): Promise<void>
  /**
   * The next signal of that name, also one that came early. The schema refuses a wrong value at its sender. With `url`,
   * the promise has an address to which a machine sends its JSON once: `POST` to `url`.
   */
  signal<S extends AnySchema>(
    name: string,
    options: WorkflowWaitOptions & { readonly schema: S; readonly url: true },
  ): Promise<Out<S>> & { readonly url: string }
  signal(name: string, options: WorkflowWaitOptions & { readonly url: true }): Promise<Json> & { readonly url: string }
  signal<S extends AnySchema>(name: string, options: WorkflowWaitOptions & { readonly schema: S }): Promise<Out<S>>
  signal(name: string, options?: WorkflowWaitOptions): Promise<Json>
  /** The decision of a person, who finds the question in the inbox. */
  approve<S extends AnySchema>(name: string, options: WorkflowWaitOptions & { readonly schema: S }): Promise<Out<S>>
  approve(name: string, options?: WorkflowWaitOptions): Promise<WorkflowDecision>
  /**
   * As `Promise.race`, and withdraws the waits among the others: a question of `signal` or `approve` goes, and a pause
   * ends. Each rejects with the code `withdrawn`. A signal on its way goes to the next wait of that name, or is kept.
   * Steps and calls go on. It knows promises that `signal`, `approve`, `sleep` and `race` returned.
   */
  race<T extends readonly unknown[] | []>(promises: T): Promise<Awaited<T[number]>>
  /** Runs a workflow below this one, and waits for its result. */
  call<Input, Output>(
    target: Workflow<string, Input, Output>,
    input: NoInfer<Input>,
    options?: WorkflowCallOptions,
  ): Promise<Output>
  /** Calls a tool of the program. */
  call<Input, Output extends Json>(
    target: Tool<Input, Output>,
    input: NoInfer<Input>,
    options?: WorkflowCallOptions,
  ): Promise<Output>
  /** Gives a goal to an agent, and waits for its answer. */
  call<Output, Context>(
    target: Agent<Output, readonly AgentTool[], Context>,
    goal: string,
    options?: WorkflowCallOptions,
  ): Promise<AgentReply<Output>>
  /** Sends a message to a conversation, once, and waits for its answer. */
  call<Output = unknown, Context = unknown>(
    target: MessageTarget<Output, Context>,
    text: string,
    options?: WorkflowCallOptions,
  ): Promise<AgentReply<Output>>
  /** Runs a pipeline below this run; its outputs. */
  call(
    target: PipelineTarget,
    inputs: { readonly [name: string]: Json },
    options?: WorkflowCallOptions,
  ): Promise<{ readonly [name: string]: Json }>
  /** Sends a message to an actor, and waits for its reply; `counter.at('orders')` knows the types of both. */
  call<Message, Reply>(
    target: ActorAt<Message, Reply>,
    message: NoInfer<Message>,
    options?: WorkflowCallOptions,
  ): Promise<Reply>
  /** The same for an address without types. */
  call(target: PlainRef, message: Json, options?: WorkflowCallOptions): Promise<Json>
  /** Starts a run of a workflow that does not end with this one. The same `id` and input start one run. */
  start<Input, Output>(
    target: Workflow<string, Input, Output>,
    input: NoInfer<Input>,
    options?: Omit<WorkflowCallOptions, 'signal'> & { readonly id?: string },
  ): Promise<{ readonly id: string }>
  /** Asks a model, in its pool and out of the budget of the run. */
  generate<S extends AnySchema>(name: string, options: WorkflowPrompt & { readonly schema: S }): Promise<Out<S>>
  generate(name: string, options: WorkflowPrompt): Promise<string>
  /**
   * Calls `each` for all items, at most `concurrency` (32) at once. The first failure is thrown; with `tolerate` each
   * item has its result or its error in its place.
   */
  map<Item, T>(
    items: readonly Item[],
    each: (item: Item, index: number) => Promise<T>,
    options: { readonly concurrency?: number; readonly tolerate: true },
  ): Promise<readonly Mapped<T>[]>
  map<Item, T>(
    items: readonly Item[],
    each: (item: Item, index: number) => Promise<T>,
    options?: { readonly concurrency?: number; readonly tolerate?: false },
  ): Promise<readonly T[]>
  /**
   * Repeats `each` without a growing history: the state is JSON, and all that an iteration recorded is dropped when it
   * ends. While it works, no other branch of the workflow may wait for anything.
   */
  loop<State, Result>(
    state: State,
    each: (state: Stored<State>) => Promise<LoopEnd<NoInfer<State>, Result>>,
  ): Promise<Stored<Result>>
  /**
   * Answers questions about the run, from what it knows, also after its end: `run.ask(name, question)`. The schema
   * refuses a wrong question. The answer is JSON. A handler begins no operation and waits for nothing.
   */
  handle<S extends AnySchema>(name: string, schema: S, answer: (question: Out<S>) => unknown): void
  /** A durable event of the run, once. */
  event(type: string, data?: unknown): void
  /** A line in the events of the run, once. */
  log(text: string): void
  /** When the last outcome was recorded. */
  now(): Date
  /** From 0 to below 1, the same in each replay. */
  random(): number
  uuid(): string
  /** True from the moment when this line is new to a run; false in runs that passed it before it was written. */
  patched(change: string): boolean
  /**
   * An operation has another name now. Runs that recorded it under the old name go on. Stands before the operation;
   * names are those that `antiphon show` has.
   */
  renamed(before: string, now: string): void
  /** Stands where an operation was. A run that began it awaits its end, or cancels it if open; other runs pass. */
  dropped(name: string): Promise<void>
}
