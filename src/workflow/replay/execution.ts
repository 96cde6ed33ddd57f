import type { Problem } from '../../errors.ts'
import { firstFrame } from '../../lib/stack.ts'
import { runPluginCode } from '../../tool/plugin/stray-errors.ts'
import { drain } from './drain.ts'
import type { RecordedOperation, TurnRecord } from './history.ts'
import type { OperationType, OperationWork, Outcome, WorkflowOperation } from './operation.ts'

/** How an execution stands. */
type ExecutionState =
  | { readonly type: 'waits' }
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failed'; readonly error: unknown }
  /** the code of the workflow is not that of its history, or it waits for something that no operation brings */
  | { readonly type: 'stopped'; readonly stop: Stop }

/** Why an execution stopped, in a sentence; `places`: where, as `file:line`. */
export type Stop = {
  readonly reason: 'diverged' | 'foreign-wait' | 'too-many'
  readonly message: string
  readonly hint: string
}

/** An operation that the function awaits. */
type Waiting = { resolve(value: unknown): void; reject(error: unknown): void }

/** The most operations of one history. */
const MAX_OPERATIONS = 10_000

/**
 * A function of a workflow that runs against its history, without effects: outcomes go in, operations come out.
 * Outcomes are handed out one at a time, and all code that can go on goes on in between. So every race has the same
 * winner in each replay.
 */
export class WorkflowExecution {
  readonly operations: WorkflowOperation[] = []
  /** the time of the turn, in ms since the epoch */
  now = 0
  /** the number of operations that the history has in all; fewer are begun while it is replayed */
  private recorded: readonly RecordedOperation[] = []
  private readonly waiting = new Map<number, Waiting>()
  private readonly ids = new Map<string, number>()
  private state: ExecutionState = { type: 'waits' }
  private isHandingOut = false
  readonly name: string
  private readonly onStop: () => void

  /** `onStop`: called when code goes on between turns, by something that no operation brought. */
  constructor(name: string, onStop: () => void = () => {}) {
    this.name = name
    this.onStop = onStop
  }

  get end(): ExecutionState {
    return this.state
  }

  /** Whether what happens now has happened in the history. */
  isReplaying = false

  /** Whether an operation awaits its outcome. */
  awaits(number: number): boolean {
    return this.waiting.has(number)
  }

  /** The operations that have not ended, in their order. */
  get open(): readonly number[] {
    return [...this.waiting.keys()]
  }

  /** Replays the turns of a history, with what loads the outcome of an operation. */
  async replay(
    turns: readonly TurnRecord[],
    run: () => Promise<unknown>,
    outcomeOf: (number: number, problem: Problem | undefined) => Outcome,
  ): Promise<void> {
    this.recorded = turns.flatMap(({ operations }) => operations)
    this.isReplaying = true
    await this.replayTurns(turns, run, outcomeOf)
    this.isReplaying = false
    const missing = this.recorded[this.operations.length]
    if (missing && this.state.type === 'waits') this.diverge(missing, undefined)
  }

  private async replayTurns(
    turns: readonly TurnRecord[],
    run: () => Promise<unknown>,
    outcomeOf: (number: number, problem: Problem | undefined) => Outcome,
  ): Promise<void> {
    for (const [index, { now, outcomes }] of turns.entries()) {
      this.now = now
      if (index === 0) await this.begin(run)
      for (const recorded of outcomes) {
        if (this.state.type !== 'waits') return
        const [number, problem] = typeof recorded === 'number' ? [recorded, undefined] : recorded
        await this.settle(outcomeOf(number, problem))
      }
    }
  }

  /** Calls the function, and lets it go on until it waits. */
  async begin(run: () => Promise<unknown>): Promise<void> {
    const fail = (error: unknown) => {
      this.stray ??= { error }
      return true
    }
    await this.handOut(() => {
      const ended = runPluginCode({ what: `The workflow ${this.name}`, fail }, async () => run())
      ended.then(
        (value) => this.finish({ type: 'done', value }),
        (error) => this.finish({ type: 'failed', error }),
      )
    })
  }

  /** The first error that nobody awaited. It ends nothing: a branch may be awaited later. */
  stray: { readonly error: unknown } | undefined

  /** Hands one outcome to the function, and lets it go on until it waits. */
  async settle(outcome: Outcome): Promise<void> {
    const waiting = this.waiting.get(outcome.number)
    if (!waiting) return
    this.waiting.delete(outcome.number)
    await this.handOut(() => {
      if ('error' in outcome) waiting.reject(outcome.error)
      else waiting.resolve(outcome.value)
    })
  }

  private async handOut(act: () => void): Promise<void> {
    this.isHandingOut = true
    act()
    await drain()
    this.isHandingOut = false
  }

  private finish(end: ExecutionState): void {
    if (this.state.type === 'waits') this.state = end
    // the function ended by itself, between turns
    if (!this.isHandingOut) this.stopForeign(undefined)
  }

  private stop(stop: Stop): void {
    if (this.state.type !== 'stopped') this.state = { type: 'stopped', stop }
  }

  /** Begins an operation. It never ends if the execution has stopped, so no `catch` and no `finally` runs. */
  begun(type: OperationType, name: string, work: OperationWork): Promise<unknown> {
    const at = placeOfCaller()
    if (!this.isHandingOut) this.stopForeign(at)
    if (this.state.type === 'stopped') return NEVER
    const operation = {
      number: this.operations.length,
      type,
      id: this.idFor(name),
      ...(at !== undefined && { at }),
      work,
    }
    const recorded = this.recorded[operation.number]
    if (recorded && (recorded[0] !== type || recorded[1] !== operation.id)) {
      this.diverge(recorded, operation)
      return NEVER
    }
    if (operation.number >= MAX_OPERATIONS) {
      this.stop(tooMany(this.name, at))
      return NEVER
    }
    this.operations.push(operation)
    if (work.type === 'mark') return Promise.resolve()
    const promise = new Promise((resolve, reject) => this.waiting.set(operation.number, { resolve, reject }))
    // a branch that nobody awaits yet is no stray error
    promise.catch(() => {})
    return promise
  }

  /** Whether the history has this mark as its next operation; outside of a replay it is made. */
  mark(type: OperationType, name: string): boolean {
    const recorded = this.recorded[this.operations.length]
    if (recorded && (recorded[0] !== type || recorded[1] !== this.nextId(name))) return false
    void this.begun(type, name, { type: 'mark' })
    return true
  }

  /** Stops an execution that waits although nothing is open: the function awaits something else. */
  stopIfIdle(): void {
    if (this.state.type === 'waits' && this.waiting.size === 0) this.stop(this.foreignWait(undefined))
  }

  /** Code went on by itself, between turns. */
  private stopForeign(at: string | undefined): void {
    if (this.state.type === 'stopped') return
    this.stop(this.foreignWait(at))
    this.onStop()
  }

  private foreignWait(at: string | undefined): Stop {
    const last = this.operations.at(-1)
    const after = last ? `after ${quoted(last)}` : 'at its beginning'
    const place = at === undefined ? after : `before ${at}`
    return {
      reason: 'foreign-wait',
      message: `The workflow ${this.name} waits for something that no operation brings, ${place}.`,
      hint: 'Put the timer, the file or the request into a step: await ctx.step(name, () => …). For a pause: await ctx.sleep(time).',
    }
  }

  private diverge(recorded: RecordedOperation, found: WorkflowOperation | undefined): void {
    const [type, id, at] = recorded
    const before = quoted({ type, id, ...(at !== undefined && { at }) })
    const now = found ? `the code now begins ${quoted(found)}` : 'the code now does not begin it'
    this.stop({
      reason: 'diverged',
      message: `The workflow ${this.name} has changed: the run began ${before}, and ${now}.`,
      hint: 'Restore the old code, or keep both: ctx.patched(NAME) is true where new code is new to a run. To begin anew: antiphon fork.',
    })
  }

  private idFor(name: string): string {
    const id = this.nextId(name)
    this.ids.set(name, (this.ids.get(name) ?? 0) + 1)
    return id
  }

  private nextId(name: string): string {
    const uses = this.ids.get(name) ?? 0
    return uses === 0 ? name : `${name}#${uses + 1}`
  }
}

const NEVER = new Promise<never>(() => {})

const quoted = ({ type, id, at }: Pick<WorkflowOperation, 'type' | 'id' | 'at'>) =>
  `${type} \`${id}\`${at === undefined ? '' : ` at ${at}`}`

function tooMany(name: string, at: string | undefined): Stop {
  return {
    reason: 'too-many',
    message: `The workflow ${name} has begun ${MAX_OPERATIONS} operations${at === undefined ? '' : `; the next one is at ${at}`}.`,
    hint: 'Use ctx.loop for work without an end: it drops the history of each iteration.',
  }
}

/** The line of the program that called an operation, relative to the current folder. */
function placeOfCaller(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = MAX_FRAMES
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  const frame = firstFrame(stack)
  return frame && `${frame.file.split(/[\\/]/).at(-1)}:${frame.line}`
}

const MAX_FRAMES = 12
