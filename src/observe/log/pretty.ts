import type { DestinationStream } from 'pino'

/** Lines for a person at a terminal: time, level, what happened, and the ids behind it. */
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
  const ids = Object.entries(fields).filter(([name, value]) => name !== 'problem' && !msg.includes(String(value)))
  const told = ids.map(([name, value]) => ` ${name}=${value}`).join('')
  return `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${msg}${told}\n`
}
