import type { ValueRef } from '../../../step/values.ts'

/** The operations on an owner's notes. `value` may refer to the value store; `ttl` is in ms. */
export type NotesMessage =
  | {
      readonly type: 'store'
      readonly namespace: string
      readonly key: string
      readonly value: ValueRef
      readonly ttl?: number
    }
  | { readonly type: 'retrieve' | 'delete'; readonly namespace: string; readonly key: string }
  | { readonly type: 'list' | 'clear'; readonly namespace: string }

/** The part of the notes that holds the value of a key. */
export const valuePart = (namespace: string, key: string) => `value/${JSON.stringify([namespace, key])}`
