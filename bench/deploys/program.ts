import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which code of the edits a process has: a field of each edit. */
export type Code = 'was' | 'now' | 'mended'

/** What a process of a product is given: a folder, the address of its server, and its code. */
export type Opened = {
  readonly folder: string
  readonly address: string
  readonly code: Code
  readonly version?: string
}

/** An end of a run; absent while it is open. */
export type End = { readonly result: unknown } | { readonly error: string }

/** The orders of one product, in one process. */
export interface DeployProgram {
  begin(edit: string, id: string, input: { readonly cents: number }): Promise<void>
  /** Finds a run that the process before began, where the product needs that to see its end. */
  find?(edit: string, id: string, input: { readonly cents: number }): Promise<void>
  /** Gives a signal to a run that may wait for it. It may come again. */
  signal(edit: string, id: string, name: string): Promise<void>
  ended(edit: string, id: string): Promise<End | undefined>
  stop(): Promise<void>
}

/** Writes an act down outside, and results in it. */
export function act(folder: string, id: string, name: string, value: unknown = [name]): unknown {
  appendFileSync(join(folder, 'acts'), `${id} ${name}\n`)
  return value
}
