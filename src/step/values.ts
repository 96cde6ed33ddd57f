import type { Json } from '../kernel/json.ts'
import { isWithinSize } from '../kernel/limits.ts'

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
