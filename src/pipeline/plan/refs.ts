import { InvalidError } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Effects } from '../../kernel/types.ts'

/** A reference to a value: the value itself when small, else the hash of its blob. */
export type ValueRef = { readonly inline: Json } | { readonly blob: string }

/** The port to a content-addressed store. */
export interface ValueStore {
  /** Resolves with the hash when the value is durable. */
  put(value: Json): Promise<string>
  /** NotFoundError when there is none of that hash. */
  get(hash: string): Promise<Json>
  /** The approximate size of the value in bytes of JSON. */
  size?(hash: string): Promise<number>
}

/** Parts of a run by name; null: this turn takes it away. */
export type PartsByName = { readonly [name: string]: Json | undefined }

/**
 * Reads the parts of a run within one turn, overlaid with the turn's
 * own writes. Synchronous, unless a part must be awaited.
 */
type PartReader = (names: readonly string[], written: PartsByName) => PartsByName | Promise<PartsByName>

/** A value is inlined up to this many characters of JSON. */
const MAX_INLINE_CHARACTERS = 8 * 1024
/** The limit for results of steps. Few steps read them, so writing them a few times costs less than a blob. */
export const MAX_INLINE_RESULT_CHARACTERS = 16 * 1024

/** A reference to `value`: at once when its JSON has `most` characters (8 KiB) at most, else when it is stored. */
export function storeRef(values: ValueStore, value: Json, most = MAX_INLINE_CHARACTERS): ValueRef | Promise<ValueRef> {
  return isWithinSize(value, most) ? { inline: value } : values.put(value).then((blob) => ({ blob }))
}

/** Resolves a reference, synchronously when the value is inline. NotFoundError when its blob is gone. */
export function readRef(values: ValueStore, ref: ValueRef): Json | Promise<Json> {
  return 'inline' in ref ? ref.inline : values.get(ref.blob)
}

/** The actor of a run. */
export const runRef = (id: string): ActorRef => ({ kind: 'run', key: id })

/** The actor of a step. */
export const stepRef = (run: string, step: string): ActorRef => ({ kind: 'step', key: `${run}.${step}` })

/** An empty dictionary. Without a prototype V8 does not build a hidden class for each new name. */
export const createDictionary = <T>(): { [name: string]: T } => Object.create(null)

/** Creates a reader that reads each part from the engine at most once and returns all parts read so far. */
export function createPartReader({ part }: Pick<Effects, 'part'>): PartReader {
  const known = createDictionary<Json | undefined>()
  return (names, written) => {
    for (const name of names) if (name in written) known[name] = written[name]
    return names.every((name) => name in known) ? known : readInto(known, names, part)
  }
}

async function readInto(
  known: { [name: string]: Json | undefined },
  names: readonly string[],
  part: Effects['part'],
): Promise<PartsByName> {
  // by number: taken one by one across a wait, a list makes an object per item
  for (let n = 0; n < names.length; n++) {
    const name = names[n]!
    if (!(name in known)) known[name] = await part(name)
  }
  return known
}

/** The id of the child run that a step starts. */
export const childRunId = (run: string, step: string) => `${run}.${step}`

/** The goal of an agent that a step asks. */
export const childGoalRef = (run: string, step: string): ActorRef => ({ kind: 'agent', key: `${run}.${step}` })

/** The id of a child run that starts again. */
export const retriedRunId = (below: string, retries: number) => `${below}.${retries}`

// a step id starts with a letter and contains no dot
const CHILD_RUN_ID = /^(.+)\.([a-z][\w-]*)(?:\.\d+)?$/is

/**
 * Throws an InvalidError for an id that is reserved for a child run:
 * taking it would make the step that starts that run fail.
 */
export function rejectChildRunId(id: string): void {
  const [, run, step] = CHILD_RUN_ID.exec(id) ?? []
  if (run !== undefined) throw reservedIdError(id, `child run of step ${step} of run ${run}`)
}

/** The error for an id that work above gives to its own child. */
export function reservedIdError(id: string, child: string): InvalidError {
  return new InvalidError(`the id ${id} is reserved for the ${child}`, {
    place: { path: 'id' },
    hint: 'Use a hyphen instead of the dot.',
  })
}
