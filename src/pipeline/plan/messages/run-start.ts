import { z } from 'zod'
import type { ValueRef } from '../refs.ts'
import { optionalField, refSchema } from './fields.ts'

/** Begins a run: `pipeline` is the hash of the compiled pipeline in the value store. */
export type RunStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly name: string
  readonly inputs: ValueRef
  /** the file it was read from */
  readonly source?: string
  /** of a pipeline that came as text: the hash of that, as `Written`, in the value store */
  readonly written?: string
  /** whose it is; absent: the data folder's own user's */
  readonly owner?: string
  /** paths that the starter gave as inputs: its tools may touch them */
  readonly granted?: readonly string[]
  /** who started it is not of this machine: what it reaches is bounded to what is open to all */
  readonly untrusted?: true
  /** somebody follows it at a terminal, and can be asked there */
  readonly interactive?: true
  readonly above?: RunAncestry
  /** who asks for it hears when it has begun, and not when it ends */
  readonly detached?: true
  /** of what is `Recorded`, its results are taken over where nothing changed */
  readonly recorded?: ValueRef
}

/** Of a run that a step of another run started: the run at the top, and the pipelines from there down to the one that started it. */
export type RunAncestry = { readonly root: string; readonly pipelines: readonly string[] }

/** Where a run comes from, as a step is told that puts a question to somebody else. */
export type RunProvenance = Pick<RunStart, 'source' | 'written' | 'owner' | 'untrusted' | 'interactive' | 'above'>

/** What begins a run, as it is checked. */
export const runStartSchema = z.object({
  type: z.literal('start'),
  pipeline: z.string(),
  name: z.string(),
  inputs: refSchema,
  source: optionalField(z.string()),
  written: optionalField(z.string()),
  owner: optionalField(z.string()),
  granted: optionalField(z.array(z.string())),
  untrusted: optionalField(z.literal(true)),
  interactive: optionalField(z.literal(true)),
  above: optionalField(z.object({ root: z.string(), pipelines: z.array(z.string()) })),
  detached: optionalField(z.literal(true)),
  recorded: optionalField(refSchema),
})

/** Whose run it is, where its pipeline came from, and which paths its starter opened to its tools. */
export type RunOrigin = Omit<RunStart, 'type' | 'pipeline' | 'name' | 'inputs'>
