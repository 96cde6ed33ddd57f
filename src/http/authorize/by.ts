import { type By, nameIn, programBy } from '../../house/by.ts'
import { EVERY_OWNER } from '../../house/scope.ts'
import type { SaidBy } from '../wire/by-header.ts'
import { type Caller, LOCAL } from './caller.ts'

/**
 * The caller of a request, for the record. Only the user of the data folder may say who that is, and that it comes
 * from the command line. The name that a key, a session or the machine has is known; a name beside it was typed.
 */
export function byOf(caller: Caller, { through, user, as }: SaidBy): By | undefined {
  const typed = as !== undefined && { typed: nameIn(as) }
  const door = caller.offered ? 'mcp' : 'http'
  if (caller.local) {
    if (through === 'cli' || through === 'chat' || through === 'mcp')
      return { type: 'user', name: nameIn(user ?? LOCAL.owner), ...typed, through }
    return programBy(as)
  }
  if (caller.staff && caller.key === undefined)
    return { type: 'staff', name: nameIn(caller.owner.slice(EVERY_OWNER.length)), through: door }
  if (caller.visitor) return { type: 'visitor', name: nameIn(caller.owner), through: door }
  if (caller.key !== undefined)
    return { type: 'key', name: nameIn(caller.keyName ?? caller.key), id: caller.key, ...typed, through: door }
  return caller.owner === '' ? undefined : { type: 'user', name: nameIn(caller.owner), ...typed, through: door }
}
