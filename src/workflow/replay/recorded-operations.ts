import type { RecordedOperation } from './history.ts'
import { createIds, nameIn, type OperationIds } from './ids.ts'
import type { OperationType } from './operation.ts'

/** Marks that the code has no line for any more, which it passes; and the operation in its place. */
type Fitting = { readonly marks: readonly RecordedOperation[] }

/** The operations that a run has recorded, in their order, and how the code of today fits them. */
export class RecordedOperations {
  private list: readonly RecordedOperation[]
  /** the ids of what begins now */
  ids: OperationIds = createIds()
  /** by the name of today: the names before */
  private readonly former = new Map<string, readonly string[]>()

  constructor(list: readonly RecordedOperation[] = []) {
    this.list = list
  }

  /** Forgets all operations from a place on. */
  forget(place: number): void {
    this.list = this.list.slice(0, place)
  }

  /** The operation at a place of the history. Marks are passed: they may lose their lines. */
  next(place: number): RecordedOperation | undefined {
    return this.list[place + this.marksFrom(place).length]
  }

  /** An operation that the code begins: its id. If the history has another one, that one is `instead`. */
  fit(
    place: number,
    type: OperationType,
    name: string,
  ): Fitting & { readonly id: string; readonly instead?: RecordedOperation } {
    const marks = this.marksFrom(place)
    const recorded = this.list[place + marks.length]
    const used = recorded ? this.usedIn(recorded, name, type) : name
    if (used === undefined) return { marks, id: this.ids.next(name), instead: recorded! }
    return { marks: this.count(marks), id: this.ids.take(used) }
  }

  /** A mark that the code makes: its id. Undefined: the history went on here without it. */
  mark(place: number, name: string): (Fitting & { readonly id: string }) | undefined {
    const marks = this.marksFrom(place)
    const found = marks.findIndex(([, id]) => id === this.ids.next(name))
    if (found < 0 && this.list.length > place + marks.length) return undefined
    const passed = found < 0 ? marks : marks.slice(0, found)
    return { marks: this.count(passed), id: this.ids.take(name) }
  }

  /** The recorded operation of a name that the code no longer begins. */
  drop(place: number, name: string): (Fitting & { readonly recorded: RecordedOperation }) | undefined {
    const marks = this.marksFrom(place)
    const recorded = this.list[place + marks.length]
    const used = recorded && this.usedIn(recorded, name)
    if (used === undefined) return undefined
    this.ids.take(used)
    return { marks: this.count(marks), recorded: recorded! }
  }

  /** Operations of `before` have the name `now` from here on. */
  rename(before: string, now: string): void {
    this.former.set(now, [...this.formerOf(now), before])
  }

  /** The name of today of a name that `rename` gave away. */
  renamed(name: string): string | undefined {
    return [...this.former].find(([, before]) => before.includes(name))?.[0]
  }

  private usedIn([type, id]: RecordedOperation, name: string, expected: OperationType = type): string | undefined {
    if (type !== expected) return undefined
    return [name, ...this.formerOf(name)].find((one) => id === this.ids.next(one))
  }

  private formerOf(name: string): readonly string[] {
    const own = this.former.get(name) ?? []
    return own.flatMap((one) => [one, ...(one === name ? [] : this.formerOf(one))])
  }

  private marksFrom(place: number): readonly RecordedOperation[] {
    let end = place
    while (this.list[end]?.[0] === 'patch') end++
    return this.list.slice(place, end)
  }

  private count(marks: readonly RecordedOperation[]): readonly RecordedOperation[] {
    for (const [, id] of marks) this.ids.take(nameIn(id))
    return marks
  }
}
