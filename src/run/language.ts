/**
 * A language decides what a run does next. The actor of `run/` knows what every run has: when it begins, its signals
 * and waits, its watchers and its child runs. Implement this port to run something new; `RunLanguage` opens it.
 */

import type { z } from 'zod'
import { InvalidError, type Problem } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import type { Effects, Turn } from '../kernel/types.ts'
import type { BatchEnd, StepReport, UndoProgress } from '../step/messages/step-end.ts'
import type { StepWait } from '../step/record/step.ts'
import type { UndoEndedRun } from './messages.ts'
import type { RunHead } from './run.ts'

/** A language of runs decides in turns, with the state of a run. `room/executor.ts` is the port that reads it. */
export interface Language<
  State extends RunHead = RunHead,
  First extends TypedMessage = TypedMessage,
  Own extends TypedMessage = TypedMessage,
> {
  /** The name that the head of each of its runs has. */
  readonly name: string
  /** The messages that begin a run of it, by type. No other language has one of that type. */
  readonly first: Schemas<First>
  /** The messages that its runs take besides those of every run, by type. One of another language is the same. */
  readonly message: Schemas<Own>
  /** Begins a run. A refusal stores nothing. */
  begin(first: First, effects: Effects): LanguageTurn<State>
  /** Records the ends of steps, and decides what comes next. The run has not ended. */
  ended(state: State, report: StepReport | BatchEnd, effects: Effects): LanguageTurn<State>
  /** Records that a step waits before its next attempt. The run has not ended. */
  waits(state: State, wait: StepWait, effects: Effects): LanguageTurn<State>
  /** Goes on when a step died without an end, or when the process did with each try of a message. */
  died(state: State, death: Death, effects: Effects): LanguageTurn<State>
  /** Takes a message of its own; the run may have ended. */
  receive(state: State, message: Own, effects: Effects): LanguageTurn<State>
  /** Ends the run early, and undoes its steps first if `undo` says so, or refuses that. The run has not ended. */
  cancel(state: State, how: RunCancellation, effects: Effects): LanguageTurn<State>
  /** Undoes the steps of a run that has ended, as its goal asks; or takes the news of steps that were undone. */
  undo(state: State, message: UndoEndedRun | UndoProgress, effects: Effects): LanguageTurn<State>
  /** Says whether its own code judges the answers to its waits, and whether that code is gone. Absent: it has none. */
  judging?(state: State): Judging
}

export type LanguageTurn<State> = Turn<State> | Promise<Turn<State>>

/** `isStopped`: the code that judges answers is known not to fit. */
export type Judging = { readonly isStopped: boolean }

/** Why a run ends early; `undo`: its completed steps are undone before. */
export type RunCancellation = { readonly problem: Problem; readonly undo: boolean }

/** `step`: it died without an end. `undelivered`: the message that ended the process on each try. */
export type Death = { readonly problem: Problem; readonly step?: string; readonly undelivered?: Json }

type TypedMessage = { readonly type: string }
type Schemas<Message extends TypedMessage> = { readonly [type in Message['type']]: z.ZodType }

/** The error for a run whose language this process does not have. Its messages become dead letters. */
export const languageMissing = (language: string): InvalidError =>
  new InvalidError(`This process has no language ${language}, in which the run is written.`, {
    hint: 'Open the data folder with a program that has it.',
  })
