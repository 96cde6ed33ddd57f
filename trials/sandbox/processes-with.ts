import { readdirSync, readFileSync } from 'node:fs'

/**
 * The ids of the processes of this machine whose command contains a
 * text; arguments are separated by NUL. Linux only; elsewhere none.
 */
export function processesWith(text: string): readonly number[] {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name) && commandOf(name).includes(text))
    .map(Number)
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
