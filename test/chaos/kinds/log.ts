import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** What happened outside, in order; no engine knows of it. */
export interface Log {
  write(line: string): void
  read(): readonly string[]
}

/** A log that lasts as long as its process. */
export function memoryLog(): Log {
  const lines: string[] = []
  return { write: (line) => void lines.push(line), read: () => lines }
}

/** A log in a file: a line is there as a whole once it is written, whoever is killed then. */
export function fileLog(path: string): Log {
  return {
    write: (line) => appendFileSync(path, `${line}\n`),
    read: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []),
  }
}

/** The file of a data folder that such a log lies in. */
export const LEDGER = 'ledger'

/** A line about a call: what of it, under which key, and what the call is for: a case and a word. */
export type Line = { readonly word: string; readonly key: string; readonly label: string }

export const lineOf = ({ word, key, label }: Line) => `${word} ${key} ${label}`

/** The lines about calls; other lines may stand between them. */
export function callsIn(lines: readonly string[]): readonly Line[] {
  return lines.flatMap((line) => {
    const [, word, key, label] = /^(start|end|fail|clean|undo) (\S+) (.+)$/.exec(line) ?? []
    return word === undefined ? [] : [{ word, key: key!, label: label! }]
  })
}
