import { asText } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import type { CallOutput, RoundCall } from '../protocol/rounds.ts'
import { markOutside } from './shorten.ts'

/** Characters of the parameters of a call that the message about its result repeats. */
const MAX_PARAMETERS = 1000

/** A call with the result that came after its round had ended. */
export type LateCall = RoundCall & { readonly late: CallOutput }

/** A message to a model with late results. It repeats the calls, because their round may no longer be shown. Pure. */
export function lateText(calls: readonly LateCall[]): string {
  const which = calls.length === 1 ? 'the result of an earlier call' : 'the results of earlier calls'
  return [`This is ${which}, not a message of the user.`, ...calls.map(textOf), adviceOn(calls)].join('\n\n')
}

/** Whether a text is such a message. It repeats calls with their results. */
export const isLateText = (text: string): boolean =>
  /^This is the results? of (an )?earlier calls?, not a message of the user\./.test(text)

const ADVICE = 'Tell the user what has come of it. Do not repeat the call.'
const ADVICE_IF_FAILED =
  'Tell the user what has come of it. A call that has failed may be made again, as its tool is now. Do not repeat others.'

/** A call that has failed may be repeated: its code may have changed since, so that it could not be made. */
const adviceOn = (calls: readonly LateCall[]) =>
  calls.some(({ late }) => late.outcome === 'failed') ? ADVICE_IF_FAILED : ADVICE

function textOf({ tool, parameters, asked, late }: LateCall): string {
  const made = clip(JSON.stringify(parameters), MAX_PARAMETERS)
  const edit = asked
    ? `\nA person changed the call. You had asked for ${clip(JSON.stringify(asked), MAX_PARAMETERS)}`
    : ''
  const { outcome, output, tail, characters } = late
  const text = tail === undefined ? asText(output) : `${asText(output)}\n[…]\n${tail}`
  const cut = tail === undefined ? '' : `; it has ${characters} characters, and its middle is left out`
  const mark = markOutside(text)
  return `${tool} ${made}${edit}\nIts outcome is: ${outcome}${cut}.\n<result ${mark}>\n${text}\n</result ${mark}>`
}
