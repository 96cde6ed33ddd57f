import type { ValueRef } from '../../../run/values.ts'

/** The operations on an owner's notes. `value` may refer to the value store; `ttl` is in ms. */
export type NotesMessage =
  | {
      readonly type: 'store'
      readonly namespace: string
      readonly key: string
      readonly value: ValueRef
      readonly ttl?: number
      /** the oldest keys beyond this number are dropped; absent: a full namespace refuses new keys */
      readonly keep?: number
    }
  | { readonly type: 'retrieve' | 'delete'; readonly namespace: string; readonly key: string }
  | { readonly type: 'list' | 'clear'; readonly namespace: string }

/** The part of the notes that holds the value of a key. */
export const valuePart = (namespace: string, key: string) => `value/${JSON.stringify([namespace, key])}`

/** The names of the parts with the values of a namespace begin so. */
export const valuesPrefix = (namespace: string): string => `value/[${JSON.stringify(namespace)},`
