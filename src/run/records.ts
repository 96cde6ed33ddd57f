import { runRef } from '../house/actors.ts'
import type { Json } from '../kernel/json.ts'
import { type ReadParts, readSinglePart } from '../kernel/parts.ts'
import type { ActorRef } from '../kernel/types.ts'
import type { RunHead } from './run.ts'
import type { StartPart } from './start.ts'

/** The part of an engine that tells the states of actors. */
export type RunView = { peek(of: ActorRef): Promise<Json | undefined> }

/** The head of the run with an id. Undefined: there is none. */
export async function peekRun({ peek }: RunView, run: string): Promise<RunHead | undefined> {
  return (await peek(runRef(run))) as RunHead | undefined
}

/** The start of the run with an id. Undefined: there is none, or it has not begun. */
export async function findRunStart(run: string, readParts: ReadParts): Promise<StartPart | undefined> {
  return (await readSinglePart(readParts, runRef(run), 'start')) as StartPart | undefined
}
