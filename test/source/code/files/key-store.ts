import { readFileSync, writeFileSync } from 'node:fs'
import { checksumOf } from './checksum.ts'

/** A store that is damaged. */
export class DamagedStoreError extends Error {}

/** Maximum characters of a key. */
export const MAX_KEY_LENGTH = 64

export type Entry = { readonly key: string; readonly value: string; readonly sum: number }

/**
 * Keeps texts by key in one file. All of it is in memory; `save` writes the file.
 */
export class KeyStore {
  private readonly entries = new Map<string, Entry>()
  private readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The value of a key; undefined if there is none. */
  get(key: string): string | undefined {
    checkKey(key)
    return this.entries.get(key)?.value
  }

  /** Sets a key, and counts what it replaces. */
  put(key: string, value: string): number {
    checkKey(key)
    const replaced = this.entries.has(key) ? 1 : 0
    this.entries.set(key, { key, value, sum: checksumOf(value) })
    return replaced
  }

  /** Removes a key. */
  remove(key: string): void {
    if (!this.entries.delete(key)) throw new RangeError(`there is no key ${key}`)
  }

  save(): void {
    writeFileSync(this.path, JSON.stringify([...this.entries.values()]))
  }
}

/** Reads a store from its file. */
export function openStore(path: string): KeyStore {
  const store = new KeyStore(path)
  for (const entry of parseEntries(readFileSync(path, 'utf8'))) {
    if (checksumOf(entry.value) !== entry.sum) throw new DamagedStoreError(`the sum of ${entry.key} differs`)
    store.put(entry.key, entry.value)
  }
  return store
}

function parseEntries(text: string): readonly Entry[] {
  return JSON.parse(text)
}

function checkKey(key: string): void {
  if (key === '') throw new TypeError('a key is empty')
  if (key.length > MAX_KEY_LENGTH) throw new TypeError('a key is too long')
}
