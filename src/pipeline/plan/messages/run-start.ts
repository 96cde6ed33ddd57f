import { z } from 'zod'
import type { Ref } from '../refs.ts'
import { maybe, ref } from './fields.ts'

/** Begins a run: `pipeline` is the hash of the compiled pipeline in the value store. */
export type RunStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly name: string
  readonly inputs: Ref
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
  readonly above?: Above
  /** who asks for it hears when it has begun, and not when it ends */
  readonly detached?: true
  /** of what is `Recorded`, its results are taken over where nothing changed */
  readonly recorded?: Ref
}

/** Of a run that a step of another run started: the run at the top, and the pipelines from there down to the one that started it. */
export type Above = { readonly root: string; readonly pipelines: readonly string[] }

/** Where a run comes from, as a step is told that puts a question to somebody else. */
export type Provenance = Pick<RunStart, 'source' | 'written' | 'owner' | 'untrusted' | 'interactive' | 'above'>

/** What begins a run, as it is checked. */
export const runStart = z.object({
  type: z.literal('start'),
  pipeline: z.string(),
  name: z.string(),
  inputs: ref,
  source: maybe(z.string()),
  written: maybe(z.string()),
  owner: maybe(z.string()),
  granted: maybe(z.array(z.string())),
  untrusted: maybe(z.literal(true)),
  interactive: maybe(z.literal(true)),
  above: maybe(z.object({ root: z.string(), pipelines: z.array(z.string()) })),
  detached: maybe(z.literal(true)),
  recorded: maybe(ref),
})

/** Whose run it is, where its pipeline came from, and which paths its starter opened to its tools. */
export type Origin = Omit<RunStart, 'type' | 'pipeline' | 'name' | 'inputs'>
