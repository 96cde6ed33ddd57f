import type { Hold } from '../../../runtime/ports/inspector.ts'
import { debouncedText } from '../../render/event-lines.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

type BeforeBegin = Extract<Hold, { type: 'start' | 'queue' }>

export const isBeforeBegin = ({ type }: Hold) => type === 'start' || type === 'queue'

/** The lines of a run or a goal that waits for its time, or for a slot of its key. */
export function sayBeforeBegin(
  hold: BeforeBegin,
  all: readonly Hold[],
  ahead: (at: number) => string,
): { readonly facts: readonly string[]; readonly onward: string } {
  const served = all.some(({ type }) => type === 'left') ? ', in a process that serves the folder' : ''
  if (hold.type === 'start')
    return {
      facts: [`begins at ${localTime(hold.until)}, in ${ahead(hold.until)}`],
      onward: `begins by itself${served}`,
    }
  const { key, place, behind, perMinute, until } = hold
  const onward = `begins when there is room${served}`
  if (until !== undefined) return { facts: [debouncedText(key, `${localTime(until)}, in ${ahead(until)},`)], onward }
  const number = place === undefined ? 'waits for others to come' : `is number ${place}`
  const runs = behind.length === 0 ? '' : `, behind ${behind.map(({ id }) => id).join(', ')}`
  const minute = perMinute === undefined ? '' : `; at most ${perMinute} begin in a minute`
  return {
    facts: [`${number} in the queue of the key ${oneLine(key, 100)}${runs}${minute}`],
    onward,
  }
}
