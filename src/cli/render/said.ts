import type { By, GivenAnswer } from '../../house/by.ts'
import { localTime, oneLine } from '../terminal/format.ts'

/** The answer to a call, and its caller, such as `approved by alex, the user of the machine, 2026-11-27 01:30`. */
export function saidLine({ what, outcome, by, at }: GivenAnswer): string {
  const words = outcome === undefined ? what : `${what} as ${outcome}`
  return `${words} by ${nameOfBy(by)}, through ${DOOR_WORDS[by.through]}, ${localTime(at)}`
}

/** A name as people read it. A name that was typed says so. */
export function nameOfBy({ type, name, typed }: By): string {
  const known = `${TYPE_WORDS[type]} ${oneLine(name, 60)}`
  return typed === undefined ? known : `${known}, as typed: ${oneLine(typed, 60)}`
}

const TYPE_WORDS: { readonly [type in By['type']]: string } = {
  key: 'the key',
  user: 'the user',
  staff: 'staff',
  visitor: 'the visitor',
  link: 'the link',
  program: 'a program for',
}

export const DOOR_WORDS: { readonly [door in By['through']]: string } = {
  cli: 'the command line',
  ui: 'the dashboard',
  http: 'HTTP',
  link: 'a link',
  mcp: 'MCP',
  chat: 'a chat',
  program: 'the program',
}
