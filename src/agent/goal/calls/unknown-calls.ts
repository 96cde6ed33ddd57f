import { asText } from '../../../kernel/json.ts'
import { clip } from '../../../lib/clip.ts'
import type { RoundCall } from '../../protocol/rounds.ts'

/** The most calls that a sentence names, and the most characters of their parameters and of a reason. */
const MAX_NAMED = 8
const MAX_PARAMETERS = 80
const MAX_REASON = 300

/** Says which calls have an unknown outcome, and why: `unknown whether this call was made: …`. Pure. */
export function unknownText(calls: readonly RoundCall[]): string {
  const named = calls.slice(0, MAX_NAMED).map(nameOf)
  const more = calls.length > MAX_NAMED ? [`${calls.length - MAX_NAMED} more`] : []
  const which = calls.length === 1 ? 'this call was' : 'these calls were'
  const reasons = new Set(
    calls
      .slice(0, MAX_NAMED)
      .map(reasonOf)
      .filter((reason) => reason !== ''),
  )
  const why = reasons.size > 0 ? ` Reason: ${[...reasons].join('; ')}.` : ''
  return `unknown whether ${which} made: ${[...named, ...more].join(', ')}.${why}`
}

const nameOf = ({ tool, parameters }: RoundCall) => `${tool} ${clip(JSON.stringify(parameters), MAX_PARAMETERS)}`

/** The error of a call without its code. */
function reasonOf({ result }: RoundCall): string {
  const text = asText(result?.output ?? '').replace(/^unknown: /, '')
  return clip(text, MAX_REASON).replace(/\.$/, '')
}
