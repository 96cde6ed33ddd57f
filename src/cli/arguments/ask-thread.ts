import { hash } from 'node:crypto'

/**
 * The thread of an ask that names none: its own, and the same one each time that its id is asked for. An id that cannot name a thread is
 * hashed.
 */
export function ownThread(ask: string): string {
  const name = ask.replace(/^ask_/, '')
  return `thread_${/^[A-Za-z0-9_-]{1,93}$/.test(name) ? name : hash('sha256', ask, 'base64url')}`
}
