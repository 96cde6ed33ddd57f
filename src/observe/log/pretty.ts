import type { DestinationStream } from 'pino'
import { showOnOneLine } from '../../lib/unseen.ts'

/** Log lines for a terminal: time, level, message and ids. Text from pipelines and users starts no new line and does not control the terminal. */
export function prettyStream(to: DestinationStream): DestinationStream {
  return { write: (line) => void to.write(prettyLine(line)) }
}

function prettyLine(line: string): string {
  const {
    level,
    time,
    pid: _,
    msg,
    ...fields
  } = JSON.parse(line) as {
    readonly level: string
    readonly time: number
    readonly pid: number
    readonly msg: string
  }
  const ids = Object.entries(fields).filter(([name, value]) => name !== 'problem' && !isShownField(msg, String(value)))
  const told = ids.map(([name, value]) => ` ${name}=${value}`).join('')
  return `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${showOnOneLine(msg + told)}\n`
}

/** Whether the words already contain the value as a separate word. */
function isShownField(words: string, value: string): boolean {
  if (value === '') return true
  const isPart = (sign = '') => /[\w-]/.test(sign)
  for (let at = words.indexOf(value); at !== -1; at = words.indexOf(value, at + 1))
    if (!isPart(words[at - 1]) && !isPart(words[at + value.length])) return true
  return false
}
