import { hash } from 'node:crypto'
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Signal } from './run.ts'

/**
 * The reply to a signal. `of` identifies its name and value, so that it
 * does not pass for the reply to another signal. Older replies lack it.
 */
export type SignalReceipt = { readonly status: 'taken' | 'kept' | 'late'; readonly of?: string }

/** The reply to a signal. */
export function receiptOf(status: SignalReceipt['status'], signal: Pick<Signal, 'name' | 'value'>): SignalReceipt {
  return { status, of: contentOf(signal) }
}

/** Identifies the name and the value of a signal. The order of fields does not matter. */
export function contentOf({ name, value }: Pick<Signal, 'name' | 'value'>): string {
  const text = JSON.stringify([name, value], (_, each) => (isJsonObject(each) ? sorted(each) : each))
  return hash('sha256', text, 'base64url').slice(0, 22)
}

const sorted = (map: JsonObject) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
