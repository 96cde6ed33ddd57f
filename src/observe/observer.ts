import type { Deed, Fact, Noted } from './semantic-conventions.ts'

/** Adds to a deed what is known only while it is under way. */
export type Note = (noted: Noted) => void

/** Who is told what a process does: one vocabulary, from which traces, metrics and log lines are made. It never throws and never waits. */
export interface Observer {
  /** Whether turns and effects are to be told: there are many, and only a trace shows them. */
  readonly traces: boolean
  /** Does work, and tells how long it took and what came of it; what is told meanwhile lies below it. */
  during<T>(deed: Deed, work: (note: Note) => T): T
  tell(fact: Fact): void
  /** What a message is to carry so that what follows from it lies below what is under way here, or, if nothing is, in the trace of that work. */
  trace(work?: string): string | undefined
  /** The same function, for a later moment: what it tells lies below what is under way now. */
  carry<Work extends (...given: never[]) => unknown>(work: Work): Work
}

/** Who hears of every deed when it is over, and of every fact. */
export type Listener = {
  ended(deed: Deed, noted: Noted, ms: number, trace?: string): void
  tell(fact: Fact): void
}

/** Makes spans of deeds. */
export type Traces = Pick<Observer, 'trace' | 'carry'> & {
  /** Does work in a span of its own, and gives how to end that. */
  within<T>(deed: Deed, work: (end: (noted: Noted) => void) => T): T
}

const silence = () => {}

/** Nobody listens. */
export const SILENT: Observer = {
  traces: false,
  during: (_deed, work) => work(silence),
  tell: silence,
  trace: () => undefined,
  carry: (work) => work,
}
