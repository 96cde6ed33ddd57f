import type { Problem } from '../../errors.ts'

/** A function of a module, and its argument. */
export type JobRequest = { readonly file: string; readonly name: string; readonly input: unknown }

/** Asks the main thread for data that only it has. */
export type AskMain = (name: string, input: unknown) => Promise<unknown>

/** The result of a job, or the limit that ended it. `ended`: how its process ended, for another reason. */
export type JobResult =
  | { readonly value: unknown }
  | { readonly problem: Problem }
  | { readonly exceeded: 'time' | 'memory' }
  | { readonly ended: string }

/** Functions of the main thread that jobs may call, by name. Jobs in a process call none. */
export type MainHandlers = { readonly [name: string]: (input: never) => unknown }

/** A thread or a process that runs one job at a time. */
export interface JobRunner {
  /** The time in which the main thread answers questions of the job does not count. */
  ask(asked: JobRequest, deadline: number, answers?: MainHandlers): Promise<JobResult>
  isAlive(): boolean
  end(): Promise<void>
}

/** Starts a runner. It ends after `idle` ms without a job and calls `onIdle`. */
export type StartRunner = (idle: number, onIdle: (runner: JobRunner) => void) => JobRunner
