import type { Write } from './database.ts'

/** A write as one text, which passes between threads faster than an object: lengths, then log, ids and rows as they are. */
export function frame({ seq, log, ids = '', rows }: Write): string {
  return `${seq} ${log.length} ${ids.length}\n${log}${ids}${rows ? JSON.stringify(rows) : ''}`
}

/** The write that was framed. */
export function unframe(text: string): Write {
  const head = text.indexOf('\n')
  const [seq, log, ids] = text.slice(0, head).split(' ').map(Number) as [number, number, number]
  const endOfLog = head + 1 + log
  const endOfIds = endOfLog + ids
  return {
    seq,
    log: text.slice(head + 1, endOfLog),
    ...(ids > 0 && { ids: text.slice(endOfLog, endOfIds) }),
    ...(endOfIds < text.length && { rows: JSON.parse(text.slice(endOfIds)) }),
  }
}
