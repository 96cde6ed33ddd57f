import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { placeOfCaller } from '../../lib/stack.ts'
import { runPluginCode } from '../../tool/plugin/stray-errors.ts'
import { boundPassed, RecordSize } from './bounds.ts'
import { drain } from './drain.ts'
import type { RecordedOperation, TurnRecord } from './history.ts'
import type { OperationIds } from './ids.ts'
import { OpenOperations } from './open-operations.ts'
import type { LoopTurn, NumberedTurn, OperationType, OperationWork, Outcome, WorkflowOperation } from './operation.ts'
import { Races, withdrawn } from './race.ts'
import { RecordedOperations } from './recorded-operations.ts'
import type { FoundOperation } from './remedies.ts'
import { isIdle } from './state.ts'
import { diverged, type ExecutionState, foreignWait, type Stop, usedAgain } from './stop.ts'

/** Loads the outcome of an operation that a history has. */
type OutcomeOf = (number: number, problem: Problem | undefined) => Outcome

/** The run of an execution, as its messages name it. */
type ExecutionOf = { readonly run: string; readonly version: number }

/**
 * A function of a workflow that runs against its history, without effects: outcomes go in, operations come out.
 * Outcomes are handed out one at a time, and all code that can go on goes on in between. So every race has the same
 * winner in each replay.
 */
export class WorkflowExecution {
  readonly operations: WorkflowOperation[] = []
  /** the time of the turn, in ms since the epoch */
  now = 0
  /** the number of the record that is made, or replayed */
  record = 0
  /** a loop that waits for its turn */
  due: { readonly loop: number; readonly turn: LoopTurn; readonly isFirst: boolean } | undefined
  private history = new RecordedOperations()
  private readonly waiting = new OpenOperations()
  private size = new RecordSize()
  private state: ExecutionState = { type: 'waits' }
  private isHandingOut = false
  readonly races = new Races()
  /** the changes of code that this run passed without them: it needs the old branches */
  readonly passed = new Set<string>()
  /** how the function answers questions, by their names; each gets the value as it was sent */
  readonly handlers = new Map<string, (value: Json) => unknown>()
  readonly name: string
  private readonly onStop: () => void
  private readonly of: ExecutionOf

  /** `onStop`: called when code goes on between turns, by something that no operation brought. */
  constructor(name: string, onStop: () => void = () => {}, of: ExecutionOf = { run: 'RUN', version: 1 }) {
    this.name = name
    this.onStop = onStop
    this.of = of
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
    return this.waiting.numbers
  }

  /** The operations that have not ended, and that the code no longer begins. */
  get openDropped(): readonly WorkflowOperation[] {
    return this.open.map((number) => this.operations[number]!).filter(({ work }) => work.type === 'dropped')
  }

  /** Replays the turns of a history, with what loads the outcome of an operation. */
  async replay(turns: readonly TurnRecord[], run: () => Promise<unknown>, outcomeOf: OutcomeOf): Promise<void> {
    this.history = new RecordedOperations(turns.flatMap(({ operations }) => operations))
    this.isReplaying = true
    await this.replayTurns(turns, run, outcomeOf)
    this.isReplaying = false
    this.aborted.length = 0
    const missing = this.history.next(this.operations.length)
    if (missing && this.state.type !== 'stopped') this.diverge(missing, undefined)
  }

  private async replayTurns(
    turns: readonly TurnRecord[],
    run: () => Promise<unknown>,
    outcomeOf: OutcomeOf,
  ): Promise<void> {
    for (const [index, { now, turn, outcomes }] of turns.entries()) {
      this.now = now
      this.record = index
      if (index === 0) await this.begin(run)
      if (turn) await this.turnLoop(outcomeOf(turn.loop, undefined))
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
    const waiting = this.waiting.take(outcome.number)
    if (!waiting) return
    const isDropped = this.operations[outcome.number]!.work.type === 'dropped'
    if (this.due?.loop === outcome.number) this.due = undefined
    await this.handOut(() => {
      if (isDropped) waiting.resolve(undefined)
      else if ('error' in outcome) waiting.reject(outcome.error)
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

  private stop(stop: Stop): Promise<never> {
    if (this.state.type !== 'stopped') this.state = { type: 'stopped', stop }
    return NEVER
  }

  /** Begins an operation. It never ends if the execution has stopped, so no `catch` and no `finally` runs. */
  begun(type: OperationType, name: string, work: OperationWork, signal?: AbortSignal): Promise<unknown> {
    const at = this.enter()
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.state.type === 'stopped') return NEVER
    const passed = this.boundPassed(type)
    if (passed) return Promise.reject(passed)
    const now = this.history.renamed(name)
    if (now !== undefined) return this.stop(usedAgain(this.name, { type, id: name, ...at }, now))
    const { marks, id, instead } = this.history.fit(this.operations.length, type, name)
    if (instead) return this.diverge(instead, { type, id, ...at })
    this.pass(marks)
    const waits = this.add({ type, id, ...at, work })
    const operation = this.operations.at(-1)!
    if (isIdle(type)) this.races.add(waits, () => this.drop(operation, withdrawn(operation.id)))
    if (signal) this.abortBy(signal, operation)
    return waits
  }

  /** The operations that the function gave up in this turn. */
  readonly aborted: WorkflowOperation[] = []

  private abortBy(signal: AbortSignal, operation: WorkflowOperation): void {
    signal.addEventListener('abort', () => this.drop(operation, signal.reason), { once: true })
  }

  /** Lets an operation that is open end with an error; its work is cancelled. */
  private drop(operation: WorkflowOperation, error: unknown): void {
    const { number } = operation
    // an iteration of a loop that began later has its number now
    if (!this.waiting.has(number) || this.operations[number] !== operation) return
    if (!this.isHandingOut) return void this.stopForeign(undefined)
    this.aborted.push(operation)
    this.waiting.take(number)?.reject(error)
  }

  /** Whether a change of code is new to the run. It is then marked in its history. */
  patched(name: string): boolean {
    const isNew = this.mark(`patch-${name}`)
    if (!isNew) this.passed.add(name)
    return isNew
  }

  /** Stands for an operation that the code no longer begins: a run that began it waits for its end. */
  dropped(name: string): Promise<unknown> {
    if (this.mark(`dropped-${name}`)) return Promise.resolve()
    const found = this.history.drop(this.operations.length, name)
    if (!found) return Promise.resolve()
    this.pass(found.marks)
    this.passed.add(name)
    const [type, id] = found.recorded
    return this.add({ type, id, ...this.enter(), work: { type: 'dropped' } })
  }

  /** From here on, an operation of the name `before` is called `now`. */
  renamed(before: string, now: string): void {
    this.history.rename(before, now)
  }

  private mark(name: string): boolean {
    const at = this.enter()
    if (this.state.type === 'stopped') return false
    const passed = this.boundPassed('patch')
    if (passed) throw passed
    const found = this.history.mark(this.operations.length, name)
    if (!found) return false
    this.pass(found.marks)
    void this.add({ type: 'patch', id: found.id, ...at, work: { type: 'mark' } })
    return true
  }

  /** The place of the call. Code that goes on by itself stops. */
  private enter(): { readonly at?: string } {
    const at = placeOfCaller()
    if (!this.isHandingOut) this.stopForeign(at)
    return at === undefined ? {} : { at }
  }

  /** Marks whose lines are gone keep their places. */
  private pass(marks: readonly RecordedOperation[]): void {
    for (const [type, id, at] of marks)
      void this.add({ type, id, ...(at !== undefined && { at }), work: { type: 'mark' } })
  }

  private add(begun: Omit<WorkflowOperation, 'number' | 'record'>): Promise<unknown> {
    const number = this.operations.length
    const { work, id } = begun
    this.operations.push({ number, record: this.record, ...begun })
    this.size.add(this.record, id)
    if (work.type === 'loop') this.due = { loop: number, turn: { next: work.first }, isFirst: true }
    return work.type === 'mark' ? Promise.resolve() : this.waiting.add(this.operations[number]!)
  }

  private boundPassed(type: OperationType) {
    const counts = { operations: this.operations.length, open: this.waiting, record: this.size.of(this.record) }
    return boundPassed(this.name, type, counts)
  }

  /** The ids of operations that begin now. */
  get ids(): OperationIds {
    return this.history.ids
  }

  set ids(ids: OperationIds) {
    this.history.ids = ids
  }

  /** Lets a loop wait for its turn: it goes on when the turn is recorded. */
  awaitTurn(loop: number, turn: LoopTurn): Promise<NumberedTurn> {
    this.enter()
    if (this.state.type === 'stopped') return NEVER
    this.due = { loop, turn, isFirst: false }
    return this.waiting.add(this.operations[loop]!) as Promise<NumberedTurn>
  }

  /** Hands a loop its turn. What began behind the loop is forgotten, and what is open of it never ends. */
  async turnLoop(outcome: Outcome): Promise<void> {
    for (const number of this.open) if (number > outcome.number) this.waiting.take(number)
    this.operations.length = outcome.number + 1
    this.size = new RecordSize()
    if (!this.isReplaying) this.history.forget(this.operations.length)
    await this.settle(outcome)
  }

  /** Stops an execution that waits although nothing is open: the function awaits something else. */
  stopIfIdle(): void {
    if (this.state.type === 'waits' && this.waiting.size === 0)
      this.stop(foreignWait(this.name, this.operations.at(-1), undefined))
  }

  /** Code went on by itself, between turns. */
  private stopForeign(at: string | undefined): void {
    if (this.state.type === 'stopped') return
    this.stop(foreignWait(this.name, this.operations.at(-1), at))
    this.onStop()
  }

  private diverge(recorded: RecordedOperation, found: FoundOperation | undefined): Promise<never> {
    return this.stop(diverged(this.name, { ...this.of, recorded, ...(found && { found }) }, this.state))
  }
}

const NEVER = new Promise<never>(() => {})
