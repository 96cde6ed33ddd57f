import type { Engine } from '../../../src/engine/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Actor } from '../../../src/kernel/types.ts'

/** One kind of work among the load: its actors, its clients, and what must hold of what they saw. */
export type Strand = {
  readonly name: string
  readonly clients: number
  actors(write: Write): readonly Actor[]
  /** Looks at what there is before anything goes on. */
  begin?(engine: Engine, write: Write): Promise<void>
  /** One piece of work of a client. Its ids follow from `work`: done again after a kill it must come to the same. */
  act(engine: Engine, work: Work, write: Write): Promise<Json>
  /** What is there when all work is done. */
  end(engine: Engine): Promise<Json>
  /** What is wrong, in words. */
  faults(story: Story): readonly string[]
}

/** Notes something in the ledger, at once. */
export type Write = (note: Note) => void
export type Note = { readonly what: string } & { readonly [name: string]: Json }
/** The `n`th piece of work of a client, counted from 1 over all lives. */
type Work = { readonly client: string; readonly n: number; readonly life: number }
/** What came of a piece of work, as the client was told. */
export type Done = { readonly client: string; readonly n: number; readonly result: Json }

/** All that is known of a strand in the end. */
export type Story = {
  /** of each piece of work, once */
  readonly done: readonly Done[]
  /** in the order in which they were written */
  readonly notes: readonly Note[]
  readonly end: Json
}

/** Waits for at most so many ms. */
export const pause = (most: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * most))

/** The names of a strand's clients. */
export const clientsOf = ({ name, clients }: Strand) => Array.from({ length: clients }, (_, index) => `${name}${index}`)

/** The index of a client within its strand. */
export const indexOf = (client: string) => Number(/\d+$/.exec(client)![0])
